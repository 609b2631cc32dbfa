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

/** Pages ask the same every second; where there were many spans just now, they need not be counted before each answer. Few are counted in no time. */
const rememberedMs = 10_000;
const mostRemembered = 1000;
/** Until when a question, by tenant, filter and length of its window, is known to be about many spans. */
const knownMany = new WeakMap<ClickHouseClient, Map<string, number>>();

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
  const { window, ...others } = filter;
  const key = JSON.stringify([context.tenant, window.endMs - window.startMs, others, few]);
  if (isKnownMany(client, key)) return spanTotals(question, conditions);
  const counted = select({ Spans: sql`toFloat64(count())` })
    .from("otel_traces")
    .where(...conditions);
  const spans = (await read(client, counted, context, "count spans")).number("Spans");
  if (spans < few) return rows;
  rememberMany(client, key);
  return spanTotals(question, conditions);
}

function isKnownMany(client: ClickHouseClient, key: string): boolean {
  return (knownMany.get(client)?.get(key) ?? 0) > performance.now();
}

function rememberMany(client: ClickHouseClient, key: string): void {
  const known = knownMany.get(client) ?? new Map<string, number>();
  knownMany.set(client, known);
  if (known.size >= mostRemembered) known.clear();
  known.set(key, performance.now() + rememberedMs);
}

function isCoarse({ stepMs }: Steps): boolean {
  return (stepMs >= bucketMs && stepMs % bucketMs === 0) || stepMs >= manyBuckets * bucketMs;
}
