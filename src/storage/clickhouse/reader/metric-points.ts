/**
 * Points of one metric in a window, as SQL: joined to the group of their series and cut into steps, and for cumulative ones the increase
 * since the point before. An increase sees resets as Prometheus does (a value that falls, or a new start time, begins again at 0).
 */
import type { MetricQuery, MetricSummary } from "../../metrics.ts";
import type { ReadContext } from "../../window.ts";
import { attributeCondition, ofTenant, seriesMaps, time, toNano } from "./conditions.ts";
import { select, sql, subquery, type Expression, type Select } from "./sql/ast.ts";

export interface MetricGrid {
  readonly startNano: bigint;
  readonly endNano: bigint;
  readonly stepNano: bigint;
  readonly count: number;
  readonly timesMs: readonly number[];
}

const maxSteps = 5000;
/** How far before the window the point before the first may lie. */
const lookbackNano = 300_000_000_000n;

export function gridOf(query: MetricQuery): MetricGrid {
  const lengthMs = Math.max(0, query.window.endMs - query.window.startMs);
  const stepMs = Math.max(1, query.stepMs, lengthMs / maxSteps);
  const count = Math.max(1, Math.ceil(lengthMs / stepMs));
  return {
    startNano: toNano(query.window.startMs),
    endNano: toNano(query.window.endMs),
    stepNano: BigInt(Math.round(stepMs * 1e6)),
    count,
    timesMs: Array.from({ length: count }, (_, index) => query.window.startMs + index * stepMs),
  };
}

/** Fingerprint and Group of the series that the query is about. */
export function seriesQuery(query: MetricQuery, context: ReadContext): Select {
  const key = query.groupBy;
  const group =
    key === undefined
      ? sql`''`
      : sql`if(mapContains(Attributes, ${key}), Attributes[${key}], ResourceAttributes[${key}])`;
  return select({ Fingerprint: sql`Fingerprint`, SeriesGroup: sql`any(${group})` })
    .from("otel_metric_series")
    .where(
      ofTenant(context),
      sql`MetricName = ${query.metric}`,
      ...(query.service === undefined ? [] : [sql`ServiceName = ${query.service}`]),
      ...(query.attributes ?? []).map((filter) => attributeCondition(filter, seriesMaps)),
    )
    .groupBy(sql`Fingerprint`);
}

/** Conditions for the points of those series; `lookback` takes in what lies shortly before the window. */
export function pointConditions(
  query: MetricQuery,
  grid: MetricGrid,
  context: ReadContext,
  lookback: boolean,
): readonly Expression[] {
  const from = lookback ? grid.startNano - lookbackNano : grid.startNano;
  return [
    ofTenant(context),
    sql`MetricName = ${query.metric}`,
    sql`Timestamp >= ${time(from)} AND Timestamp < ${time(grid.endNano)}`,
    // OTLP flag 1: no recorded value.
    sql`bitAnd(Flags, 1) = 0`,
  ];
}

/** Rows of `points` (which have a Fingerprint) with the Group of their series; others fall out. */
export function withGroup(points: Select, query: MetricQuery, context: ReadContext): Expression {
  return sql`${subquery(points)} AS point INNER JOIN ${subquery(seriesQuery(query, context))} AS series ON point.Fingerprint = series.Fingerprint`;
}

export function stepIndex(grid: MetricGrid): Expression {
  return sql`toUInt32(intDiv(toUnixTimestamp64Nano(Timestamp) - ${grid.startNano}, ${grid.stepNano}))`;
}

/**
 * Points with what they add to their series. `columns` name the cumulative columns; each comes out as Float64 (or array of Float64) increase
 * under its own name. Delta points come out as they are.
 */
export function increases(
  table: string,
  columns: readonly CumulativeColumn[],
  kept: readonly KeptColumn[],
  metric: MetricSummary,
  query: MetricQuery,
  grid: MetricGrid,
  context: ReadContext,
): Select {
  const cumulative = metric.temporality !== "delta";
  const raw: Record<string, Expression> = {
    Fingerprint: sql`Fingerprint`,
    Timestamp: sql`Timestamp`,
    StartTimestamp: sql`StartTimestamp`,
  };
  for (const name of kept) raw[name] = keptExpressions[name];
  for (const name of columns) raw[name] = floats[name];
  const conditions = pointConditions(query, grid, context, cumulative);
  const points = select(raw)
    .from(table)
    .where(...conditions);
  if (!cumulative) return points;

  const reset = columns[0] ?? "Value";
  const before: Record<string, Expression> = { ...raw };
  for (const name of Object.keys(before)) before[name] = plain(name);
  before["HasBefore"] = sql`lagInFrame(1, 1, 0) OVER w`;
  before["TimeBefore"] = sql`lagInFrame(Timestamp) OVER w`;
  for (const name of columns) before[`${name}Before`] = sql`lagInFrame(${plain(name)}) OVER w`;
  const windowed = select(before).from(
    sql`${subquery(points)} WINDOW w AS (PARTITION BY Fingerprint ORDER BY Timestamp ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)`,
  );
  const restarted =
    metric.monotonic || reset !== "Value"
      ? sql`(${plain(reset)} < ${plain(`${reset}Before`)} OR StartTimestamp >= TimeBefore)`
      : sql`0`;
  // The first point of a series counts from its start when that lies within reach, else it is only the base of the next.
  const fresh = sql`StartTimestamp >= ${time(grid.startNano)}`;
  const out: Record<string, Expression> = { Fingerprint: sql`Fingerprint`, Timestamp: sql`Timestamp` };
  for (const name of kept) out[name] = plain(name);
  for (const name of columns) {
    const now = plain(name);
    const then = plain(`${name}Before`);
    out[name] =
      name === "BucketCounts"
        ? sql`multiIf(HasBefore = 0, if(${fresh}, ${now}, arrayMap(one -> toFloat64(0), ${now})), ${restarted} OR length(${now}) != length(${then}), ${now}, arrayMap((a, b) -> a - b, ${now}, arrayResize(${then}, length(${now}))))`
        : sql`multiIf(HasBefore = 0, if(${fresh}, ${now}, 0), ${restarted}, ${now}, ${now} - ${then})`;
  }
  return select(out)
    .from(windowed)
    .where(sql`Timestamp >= ${time(grid.startNano)}`);
}

export type CumulativeColumn = "Value" | "Count" | "Sum" | "BucketCounts";
export type KeptColumn = "ExplicitBounds";

const floats: Readonly<Record<CumulativeColumn, Expression>> = {
  Value: sql`Value`,
  Count: sql`toFloat64(Count)`,
  Sum: sql`Sum`,
  BucketCounts: sql`arrayMap(one -> toFloat64(one), BucketCounts)`,
};

const keptExpressions: Readonly<Record<KeptColumn, Expression>> = { ExplicitBounds: sql`ExplicitBounds` };

/** A column of this file's own queries, by its name. */
function plain(name: string): Expression {
  return { kind: "template", pieces: [name], holes: [] };
}
