/** Why a question about metrics has no answer. Asked only when it has none; reads the series table, and of points the times only. */
import { nearestName } from "../../../../base/nearest.ts";
import type { MetricType } from "../../../metrics.ts";
import type { EmptyReason, ReadContext, TimeWindow } from "../../../window.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import { ofTenant, time, toNano } from "../query/conditions.ts";
import { read } from "../query/read.ts";
import { select, sql, subquery, type Expression } from "../sql/ast.ts";
import { pointTables } from "./series-choice.ts";

export interface EmptyMetricQuestion {
  readonly window: TimeWindow;
  readonly metric?: string;
  readonly service?: string | undefined;
}

export interface Keeping {
  /** Age after which telemetry is dropped; 0: kept for ever. */
  readonly retentionMs: number;
  readonly nowMs: number;
}

export async function explainNoMetrics(
  client: ClickHouseClient,
  question: EmptyMetricQuestion,
  keeping: Keeping,
  context: ReadContext,
): Promise<EmptyReason> {
  const { metric, service, window } = question;
  const known = await readKnown(client, question, context);
  if (known.all === 0) return nothingArrived();
  if (metric !== undefined && known.ofMetric === 0) return unknownMetric(client, metric, context);
  if (service !== undefined && known.ofService === 0) return unknownService(client, metric, service, context);
  const found = await readTimes(client, question, known.types, context);
  if (found.inside) return filteredOut(metric);
  const nearest = nearestWindow(window, found);
  if (nearest === undefined || window.endMs <= keeping.nowMs - keeping.retentionMs) {
    if (keeping.retentionMs > 0) return expired(nearest);
  }
  if (nearest === undefined) return nothingArrived();
  return {
    code: "other-window",
    message: `there are data points${metric === undefined ? "" : ` of "${metric}"`}, but none within this time`,
    hint: `look between ${iso(nearest.startMs)} and ${iso(nearest.endMs)}`,
    nearest,
  };
}

interface Known {
  readonly all: number;
  readonly ofMetric: number;
  readonly ofService: number;
  readonly types: readonly MetricType[];
}

async function readKnown(
  client: ClickHouseClient,
  { metric, service }: EmptyMetricQuestion,
  context: ReadContext,
): Promise<Known> {
  const isMetric = metric === undefined ? sql`1` : sql`MetricName = ${metric}`;
  const isService = service === undefined ? isMetric : sql`${isMetric} AND ServiceName = ${service}`;
  const table = await read(
    client,
    select({
      Everything: sql`toFloat64(count())`,
      OfMetric: sql`toFloat64(countIf(${isMetric}))`,
      OfService: sql`toFloat64(countIf(${isService}))`,
      Types: sql`groupUniqArrayIf(toString(MetricType), ${isMetric})`,
    })
      .from("otel_metric_series")
      .where(ofTenant(context)),
    context,
    "find out why no metric was found",
  );
  return {
    all: table.number("Everything"),
    ofMetric: table.number("OfMetric"),
    ofService: table.number("OfService"),
    types: (table.stringLists("Types")[0] ?? []) as readonly MetricType[],
  };
}

interface Times {
  readonly inside: boolean;
  readonly lastBeforeMs: number | undefined;
  readonly firstAfterMs: number | undefined;
}

async function readTimes(
  client: ClickHouseClient,
  { window, metric, service }: EmptyMetricQuestion,
  types: readonly MetricType[],
  context: ReadContext,
): Promise<Times> {
  const start = time(toNano(window.startMs));
  const end = time(toNano(window.endMs));
  const conditions: Expression[] = [ofTenant(context)];
  if (metric !== undefined) conditions.push(sql`MetricName = ${metric}`);
  if (service !== undefined) {
    const series = select({ Fingerprint: sql`Fingerprint` })
      .from("otel_metric_series")
      .where(...conditions, sql`ServiceName = ${service}`);
    conditions.push(sql`Fingerprint IN ${subquery(series)}`);
  }
  const ms = (moment: Expression): Expression => sql`toUnixTimestamp64Nano(${moment}) / 1e6`;
  const answers = await Promise.all(
    [...new Set(types.map((type) => pointTables[type]))].map((table) =>
      read(
        client,
        select({
          Inside: sql`toFloat64(countIf(Timestamp >= ${start} AND Timestamp < ${end}))`,
          Before: sql`toFloat64(countIf(Timestamp < ${start}))`,
          After: sql`toFloat64(countIf(Timestamp >= ${end}))`,
          LastBefore: ms(sql`maxIf(Timestamp, Timestamp < ${start})`),
          FirstAfter: ms(sql`minIf(Timestamp, Timestamp >= ${end})`),
        })
          .from(table)
          .where(...conditions),
        context,
        "find out why no metric was found",
      ),
    ),
  );
  const before = answers.filter((one) => one.number("Before") > 0).map((one) => one.number("LastBefore"));
  const after = answers.filter((one) => one.number("After") > 0).map((one) => one.number("FirstAfter"));
  return {
    inside: answers.some((one) => one.number("Inside") > 0),
    lastBeforeMs: before.length === 0 ? undefined : Math.max(...before),
    firstAfterMs: after.length === 0 ? undefined : Math.min(...after),
  };
}

/** A window as long as the one asked for, that ends with the last point before it or begins with the first after it: the nearer one. */
function nearestWindow(
  { startMs, endMs }: TimeWindow,
  { lastBeforeMs, firstAfterMs }: Times,
): TimeWindow | undefined {
  const length = endMs - startMs;
  const toBefore = lastBeforeMs === undefined ? Infinity : startMs - lastBeforeMs;
  const toAfter = firstAfterMs === undefined ? Infinity : firstAfterMs - endMs;
  if (lastBeforeMs !== undefined && toBefore <= toAfter) {
    const end = Math.floor(lastBeforeMs) + 1;
    return { startMs: end - length, endMs: end };
  }
  if (firstAfterMs === undefined) return undefined;
  const start = Math.floor(firstAfterMs);
  return { startMs: start, endMs: start + length };
}

function nothingArrived(): EmptyReason {
  return {
    code: "nothing-arrived",
    message: "no data points have arrived yet",
    hint: `send some: run your program with "otelier run -- COMMAND", or point its OTLP exporter at port 4317 or 4318; metrics are sent every minute unless OTEL_METRIC_EXPORT_INTERVAL says otherwise`,
  };
}

function filteredOut(metric: string | undefined): EmptyReason {
  return {
    code: "filtered-out",
    message: `there are data points${metric === undefined ? "" : ` of "${metric}"`} in this time, but none that give what is asked for`,
    hint: "remove a filter, choose another function, or widen the time: a rate needs two points of a series",
  };
}

function expired(nearest: TimeWindow | undefined): EmptyReason {
  return {
    code: "expired",
    message: "data points of this time are no longer kept",
    hint: "choose a later time; keep more with --retention",
    ...(nearest === undefined ? {} : { nearest }),
  };
}

async function unknownMetric(
  client: ClickHouseClient,
  metric: string,
  context: ReadContext,
): Promise<EmptyReason> {
  const names = await readNames(client, sql`MetricName`, [ofTenant(context)], context);
  const nearest = nearestName(metric, names);
  return {
    code: "nothing-arrived",
    message: `no data points of a metric "${metric}" have arrived`,
    hint: nearest === undefined ? "choose one from the list of metrics" : `did you mean "${nearest}"?`,
    ...(nearest === undefined ? {} : { suggestions: [nearest] }),
  };
}

async function unknownService(
  client: ClickHouseClient,
  metric: string | undefined,
  service: string,
  context: ReadContext,
): Promise<EmptyReason> {
  const ofMetric = metric === undefined ? [] : [sql`MetricName = ${metric}`];
  const names = await readNames(client, sql`ServiceName`, [ofTenant(context), ...ofMetric], context);
  const known = names.filter((name) => name !== "");
  const nearest = nearestName(service, known);
  const suggestions = nearest === undefined ? known.slice(0, 5) : [nearest];
  return {
    code: "unknown-service",
    message: `no service "${service}" has sent ${metric === undefined ? "data points" : `"${metric}"`}`,
    hint:
      suggestions.length === 0
        ? "no service has a name yet"
        : `did you mean ${suggestions.map((name) => `"${name}"`).join(", ")}?`,
    suggestions,
  };
}

/** At most 5000 names, those of most series first. */
async function readNames(
  client: ClickHouseClient,
  column: Expression,
  conditions: readonly Expression[],
  context: ReadContext,
): Promise<readonly string[]> {
  const table = await read(
    client,
    select({ Known: sql`toString(${column})`, Series: sql`toFloat64(uniqExact(Fingerprint))` })
      .from("otel_metric_series")
      .where(...conditions)
      .groupBy(sql`Known`)
      .orderBy(sql`Series DESC`, sql`Known`)
      .limit(5000),
    context,
    "find out why no metric was found",
  );
  return table.strings("Known");
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
