import { sql, type Expression } from "../sql/ast.ts";
import { entrySpan } from "../query/entry-span.ts";
import type { SpanQuestion, SpanSource } from "./span-source.ts";

/** Counts the spans themselves, exactly; percentiles by t-digest. `conditions`: tenant, window, filter. */
export function spanRows(question: SpanQuestion, conditions: readonly Expression[]): SpanSource {
  return {
    table: "otel_traces",
    where: conditions,
    keys: question.keys,
    step: question.steps.index,
    counted: question.counted === "entry" ? entrySpan : sql`1`,
    failed: sql`StatusCode = 'Error'`,
    heatRow: sql`toUInt8(floor(2 * log2(greatest(Duration, 1))))`,
    lastSeen: sql`max(Timestamp)`,
    count: (condition) => (condition === undefined ? sql`count()` : sql`countIf(${condition})`),
    durations: (condition = sql`1`) =>
      sql`quantilesTDigestStateIf(0.5, 0.9, 0.95, 0.99)(Duration, ${condition})`,
    quantiles: (states) => sql`quantilesTDigestMerge(0.5, 0.9, 0.95, 0.99)(${states})`,
  };
}
