/** Which series a question is about: those of one metric and type that pass its filters, with the group of each. */
import type { MetricHeatmapQuery, MetricQuery, MetricType } from "../../../metrics.ts";
import type { ReadContext, TimeWindow } from "../../../window.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import { attributeCondition, ofTenant, seriesMaps, time, toNano } from "../query/conditions.ts";
import { read } from "../query/read.ts";
import { literal, select, sql, type Expression, type Select } from "../sql/ast.ts";
import type { StepGrid } from "./step-grid.ts";

export const pointTables: Readonly<Record<MetricType, string>> = {
  gauge: "otel_metric_samples",
  sum: "otel_metric_samples",
  histogram: "otel_metric_histograms",
  exponential_histogram: "otel_metric_exp_histograms",
  summary: "otel_metric_summaries",
};

/** What a step of the answer is made from. */
export interface SeriesChoice {
  readonly metric: string;
  readonly type: MetricType;
  readonly grid: StepGrid;
  readonly context: ReadContext;
  /** Key, SeriesGroup, IsDelta, IsRising; one row a series. */
  readonly series: Select;
  /** Series that pass, and groups of them. */
  readonly count: number;
  readonly groups: number;
  /** 1 or 0 when all series agree, else the column of `series`. */
  readonly isDelta: Expression;
  readonly isRising: Expression;
  readonly allDelta: boolean;
}

/** Days (UTC) on which a series with points in the window was announced. */
export function announcedIn(window: TimeWindow, reachNano: bigint = 0n): Expression {
  const first = sql`toDate(${time(toNano(window.startMs) - reachNano)}, 'UTC')`;
  const last = sql`toDate(${time(toNano(window.endMs) + reachNano)}, 'UTC')`;
  return sql`SeenDay >= ${first} AND SeenDay <= ${last}`;
}

export async function chooseSeries(
  client: ClickHouseClient,
  query: MetricHeatmapQuery & Pick<MetricQuery, "groupBy">,
  type: MetricType,
  grid: StepGrid,
  context: ReadContext,
): Promise<SeriesChoice> {
  const conditions = [
    ofTenant(context),
    sql`MetricName = ${query.metric}`,
    sql`MetricType = ${type}`,
    announcedIn(query.window, grid.reachNano),
    ...(query.service === undefined ? [] : [sql`ServiceName = ${query.service}`]),
    ...(query.attributes ?? []).map((filter) => attributeCondition(filter, seriesMaps)),
  ];
  const isDelta = sql`Temporality = 'delta'`;
  // Counts of histograms and summaries only rise.
  const isRising = type === "sum" ? sql`Monotonic` : literal(type === "gauge" ? 0 : 1);
  const series = select({
    Key: sql`Fingerprint`,
    SeriesGroup: sql`any(${groupOf(query.groupBy)})`,
    IsDelta: sql`any(${isDelta})`,
    IsRising: sql`any(${isRising})`,
  })
    .from("otel_metric_series")
    .where(...conditions)
    .groupBy(sql`Fingerprint`);
  const seen = await read(
    client,
    select({
      Series: sql`toFloat64(uniqExact(Fingerprint))`,
      Deltas: sql`toFloat64(sum(${isDelta}))`,
      Rising: sql`toFloat64(sum(${isRising}))`,
      Groups: sql`toFloat64(uniqExact(${groupOf(query.groupBy)}))`,
      Announcements: sql`toFloat64(count())`,
    })
      .from("otel_metric_series")
      .where(...conditions),
    context,
    "choose the series of a metric",
  );
  const announcements = seen.number("Announcements");
  return {
    metric: query.metric,
    type,
    grid,
    context,
    series,
    count: seen.number("Series"),
    groups: seen.number("Groups"),
    isDelta: agreed(seen.number("Deltas"), announcements, sql`IsDelta`),
    isRising: agreed(seen.number("Rising"), announcements, sql`IsRising`),
    allDelta: announcements > 0 && seen.number("Deltas") === announcements,
  };
}

function agreed(count: number, all: number, column: Expression): Expression {
  return count === 0 ? literal(0) : count === all ? literal(1) : column;
}

/** Names that are columns of a series rather than attributes; an attribute of that name goes first. */
const intrinsics: Readonly<Record<string, Expression>> = {
  "service.name": sql`ServiceName`,
  "otel.scope.name": sql`ScopeName`,
  "otel.scope.version": sql`ScopeVersion`,
};

function groupOf(key: string | undefined): Expression {
  if (key === undefined) return literal("");
  const other = Object.hasOwn(intrinsics, key) ? sql`toString(${intrinsics[key] ?? ""})` : literal("");
  return sql`multiIf(mapContains(Attributes, ${key}), Attributes[${key}], mapContains(ResourceAttributes, ${key}), ResourceAttributes[${key}], ${other})`;
}

/** Conditions for the points of the chosen series, reaching beyond the grid on both sides. */
export function pointsAround({ metric, grid, context }: SeriesChoice): readonly Expression[] {
  const from = grid.startNano - grid.reachNano;
  const to = grid.startNano + grid.stepNano * BigInt(grid.count) + grid.reachNano;
  return [
    ofTenant(context),
    sql`MetricName = ${metric}`,
    sql`Timestamp >= ${time(from)} AND Timestamp < ${time(to)}`,
  ];
}

/** OTLP data point flag 1: no recorded value. */
export const hasValue: Expression = sql`bitAnd(Flags, 1) = 0`;
