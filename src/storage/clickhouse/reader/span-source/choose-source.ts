import type { SpanFilter } from "../../../traces.ts";
import type { ReadContext } from "../../../window.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import { ofTenant } from "../query/conditions.ts";
import { read } from "../query/read.ts";
import { spanConditions } from "../query/span-conditions.ts";
import { select, sql } from "../sql/ast.ts";
import type { Steps } from "../query/steps.ts";
import { spanRows } from "./rows.ts";
import type { SpanQuestion, SpanSource } from "./span-source.ts";
import { bucketMs, spanTotals, totalsConditions } from "./totals.ts";

/** Fewer spans are counted themselves: exactly, and in a fraction of a second. */
const fewSpans = 1_000_000;
/** Steps of so many buckets need not be a multiple of them to look even. */
const manyBuckets = 6;

/** Totals when they know what is asked, the steps are not finer than they are, and the window holds many spans; else the spans. */
export async function chooseSource(
  client: ClickHouseClient,
  filter: SpanFilter,
  question: SpanQuestion,
  context: ReadContext,
  /** For tests. */
  few: number = fewSpans,
): Promise<SpanSource> {
  const rows = spanRows(question, [ofTenant(context), ...spanConditions(filter)]);
  const known = totalsConditions(filter);
  if (known === undefined || !isCoarse(question.steps)) return rows;
  const conditions = [ofTenant(context), ...known];
  const counted = select({ Spans: sql`toFloat64(count())` })
    .from("otel_traces")
    .where(...conditions);
  const spans = (await read(client, counted, context, "count spans")).number("Spans");
  return spans < few ? rows : spanTotals(question, conditions);
}

function isCoarse({ stepMs }: Steps): boolean {
  return (stepMs >= bucketMs && stepMs % bucketMs === 0) || stepMs >= manyBuckets * bucketMs;
}
