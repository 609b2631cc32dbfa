/** Rate, errors, durations by group: one pass over the spans, first by group and step, then by group. */
import type { Red } from "../../traces.ts";
import type { ColumnTable } from "../client/column-table.ts";
import { select, sql, type Expression, type Select } from "./sql/ast.ts";
import { seriesOf, type Steps } from "./steps.ts";

/** Requests count once: where they enter a service, or where a trace begins. */
export const entrySpan: Expression = sql`(SpanKind IN ('Server', 'Consumer') OR ParentSpanId = '')`;

/** `counted` says which rows are calls; `Spans` counts all rows. Columns: the keys, Calls, Errors, Spans, LastSeen, Quantiles, Steps, ... */
export function redQuery(
  keys: Readonly<Record<string, Expression>>,
  counted: Expression,
  steps: Steps,
  conditions: readonly Expression[],
): Select {
  const inner = select({
    ...keys,
    Step: steps.index,
    StepCalls: sql`countIf(${counted})`,
    StepErrors: sql`countIf(${counted} AND StatusCode = 'Error')`,
    StepSpans: sql`count()`,
    StepLast: sql`max(Timestamp)`,
    Digest: sql`quantilesTDigestStateIf(0.5, 0.95, 0.99)(Duration, ${counted})`,
  })
    .from("otel_traces")
    .where(...conditions)
    .groupBy(...Object.values(keys), sql`Step`);
  const names: Record<string, Expression> = {};
  for (const name of Object.keys(keys)) names[name] = nameOf(name);
  return select({
    ...names,
    Calls: sql`toFloat64(sum(StepCalls))`,
    Errors: sql`toFloat64(sum(StepErrors))`,
    Spans: sql`toFloat64(sum(StepSpans))`,
    LastSeen: sql`toUnixTimestamp64Milli(toDateTime64(max(StepLast), 3))`,
    Quantiles: sql`arrayMap(one -> if(isNaN(one), 0, toFloat64(one)), quantilesTDigestMerge(0.5, 0.95, 0.99)(Digest))`,
    Steps: sql`groupArray(Step)`,
    CallSeries: sql`groupArray(toFloat64(StepCalls))`,
    ErrorSeries: sql`groupArray(toFloat64(StepErrors))`,
  })
    .from(inner)
    .groupBy(...Object.values(names));
}

const keyNames: Readonly<Record<string, Expression>> = {
  Service: sql`Service`,
  Name: sql`Name`,
  Kind: sql`Kind`,
};

function nameOf(name: string): Expression {
  const known = keyNames[name];
  if (known === undefined) throw new Error(`"${name}" is no key of a RED query`);
  return known;
}

export function redAt(table: ColumnTable, row: number, steps: Steps): Red {
  const quantiles = table.numberLists("Quantiles")[row] ?? [];
  const at = table.numberLists("Steps")[row] ?? [];
  return {
    count: table.numbers("Calls")[row] ?? 0,
    errorCount: table.numbers("Errors")[row] ?? 0,
    p50Nano: quantiles[0] ?? 0,
    p95Nano: quantiles[1] ?? 0,
    p99Nano: quantiles[2] ?? 0,
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
