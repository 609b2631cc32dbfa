/** Counts of the totals that the span table keeps (schema/span-totals.ts): time is cut to 10 s, durations to rows of 9 %. */
import type { SpanFilter, SpanPart } from "../../../traces.ts";
import { toNano } from "../query/conditions.ts";
import { select, sql, type Expression } from "../sql/ast.ts";
import { keyColumns, type SpanQuestion, type SpanSource } from "./span-source.ts";

const bucketNano = 10_000_000_000n;
export const bucketMs: number = Number(bucketNano) / 1e6;

export const rowsPerOctave = 8;

// Written as the projection's keys are: the engine compares expressions.
export const bucket: Expression = sql`intDiv(toUnixTimestamp64Nano(Timestamp), 10000000000)`;
export const durationRow: Expression = sql`toUInt16(floor(8 * log2(greatest(Duration, 1))))`;
const isRoot = sql`ParentSpanId IN ('')`;
const isEntry = sql`(SpanKind IN ('Server', 'Consumer') OR ${isRoot})`;

const parts: Readonly<Record<SpanPart, Expression | undefined>> = {
  all: sql`1`,
  entry: isEntry,
  root: isRoot,
  server: sql`SpanKind = 'Server'`,
  client: sql`SpanKind = 'Client'`,
  consumer: sql`SpanKind = 'Consumer'`,
  database: undefined,
};

/** The filter over what the totals know, its window out to whole buckets; undefined when it asks for more. */
export function totalsConditions(filter: SpanFilter): Expression[] | undefined {
  const { window, spans = "all", service, operation, status } = filter;
  const part = parts[spans];
  const more = [filter.minDurationNano, filter.maxDurationNano, filter.text].some((one) => one !== undefined);
  if (part === undefined || more || (filter.attributes ?? []).length > 0) return undefined;
  const first = toNano(window.startMs) / bucketNano;
  const behind = (toNano(window.endMs) + bucketNano - 1n) / bucketNano;
  const conditions = [sql`${bucket} >= ${first} AND ${bucket} < ${behind}`];
  if (spans !== "all") conditions.push(part);
  if (service !== undefined) conditions.push(sql`ServiceName = ${service}`);
  if (operation !== undefined) conditions.push(sql`SpanName = ${operation}`);
  if (status !== undefined) conditions.push(sql`StatusCode = ${status}`);
  return conditions;
}

/** `conditions`: tenant and `totalsConditions`; those on keys may be added. */
export function spanTotals(question: SpanQuestion, conditions: readonly Expression[]): SpanSource {
  const { keys, steps, counted } = question;
  // The middle of a bucket says which step it belongs to; the first and the last may reach out of the window.
  const middle = sql`${bucket} * 10000000000 + 5000000000 - ${steps.startNano}`;
  const totals = select({
    ...keys,
    Step: sql`toUInt32(greatest(0, least(${steps.count - 1}, intDiv(${middle}, ${steps.stepNano}))))`,
    Counted: counted === "entry" ? isEntry : sql`1`,
    Failed: sql`StatusCode = 'Error'`,
    DurationRow: durationRow,
    Spans: sql`count()`,
    Last: sql`max(Timestamp)`,
  })
    .from("otel_traces")
    .where(...conditions)
    .groupBy(
      ...Object.values(keyColumns(keys)),
      sql`Step`,
      ...(counted === "entry" ? [sql`Counted`] : []),
      sql`Failed`,
      sql`DurationRow`,
    );
  return {
    table: totals,
    where: [],
    keys: keyColumns(keys),
    step: sql`Step`,
    counted: sql`Counted`,
    failed: sql`Failed`,
    heatRow: sql`toUInt8(intDiv(DurationRow, 4))`,
    lastSeen: sql`max(Last)`,
    count: (condition) => (condition === undefined ? sql`sum(Spans)` : sql`sumIf(Spans, ${condition})`),
    durations: (condition = sql`1`) =>
      sql`quantilesExactWeightedStateIf(0.5, 0.9, 0.95, 0.99)(exp2((DurationRow + 0.5) / 8), Spans, ${condition})`,
    quantiles: (states) => sql`quantilesExactWeightedMerge(0.5, 0.9, 0.95, 0.99)(${states})`,
  };
}
