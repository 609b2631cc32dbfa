/** Rate, errors, durations by group: one pass over the spans, first by group and step, then by group. */
import type { Red } from "../../../traces.ts";
import type { ColumnTable } from "../../client/column-table.ts";
import { keyColumns, type SpanSource } from "./span-source.ts";
import { select, sql, type Select } from "../sql/ast.ts";
import { seriesOf, type Steps } from "../query/steps.ts";

/** Over a source, grouped by its keys. Columns: the keys, Calls, Errors, Spans, LastSeen, Quantiles, Steps, ...; `Spans` counts all, `Calls` what the question counts. */
export function redQuery(source: SpanSource): Select {
  const inner = select({
    ...source.keys,
    Step: source.step,
    StepCalls: source.count(source.counted),
    StepErrors: source.count(sql`${source.counted} AND ${source.failed}`),
    StepSpans: source.count(),
    StepLast: source.lastSeen,
    Digest: source.durations(source.counted),
  })
    .from(source.table)
    .where(...source.where)
    .groupBy(...Object.values(source.keys), sql`Step`);
  const names = keyColumns(source.keys);
  return select({
    ...names,
    Calls: sql`toFloat64(sum(StepCalls))`,
    Errors: sql`toFloat64(sum(StepErrors))`,
    Spans: sql`toFloat64(sum(StepSpans))`,
    LastSeen: sql`toUnixTimestamp64Milli(toDateTime64(max(StepLast), 3))`,
    Quantiles: sql`arrayMap(one -> if(isNaN(one), 0, toFloat64(one)), ${source.quantiles(sql`Digest`)})`,
    Steps: sql`groupArray(Step)`,
    CallSeries: sql`groupArray(toFloat64(StepCalls))`,
    ErrorSeries: sql`groupArray(toFloat64(StepErrors))`,
  })
    .from(inner)
    .groupBy(...Object.values(names));
}

export function redAt(table: ColumnTable, row: number, steps: Steps): Red {
  const quantiles = table.numberLists("Quantiles")[row] ?? [];
  const at = table.numberLists("Steps")[row] ?? [];
  return {
    count: table.numbers("Calls")[row] ?? 0,
    errorCount: table.numbers("Errors")[row] ?? 0,
    p50Nano: quantiles[0] ?? 0,
    p95Nano: quantiles[2] ?? 0,
    p99Nano: quantiles[3] ?? 0,
    countSeries: seriesOf(steps.count, at, table.numberLists("CallSeries")[row] ?? []),
    errorSeries: seriesOf(steps.count, at, table.numberLists("ErrorSeries")[row] ?? []),
  };
}

export function noCalls(steps: Steps): Red {
  const zeros = seriesOf(steps.count, [], []);
  return {
    count: 0,
    errorCount: 0,
    p50Nano: 0,
    p95Nano: 0,
    p99Nano: 0,
    countSeries: zeros,
    errorSeries: zeros,
  };
}
