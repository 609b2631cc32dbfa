/** Parts of a long window that grow: the newest spans, or the slowest. Each is a condition; behind the last comes the whole window. */
import type { SpanFilter } from "../../traces.ts";
import type { ReadContext } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import { ofTenant, time, toNano } from "./query/conditions.ts";
import { read } from "./query/read.ts";
import { newestOf, spansOverTime } from "./span-source/spans-over-time.ts";
import { durationRow, rowsPerOctave, totalsConditions } from "./span-source/totals.ts";
import { select, sql, type Expression } from "./sql/ast.ts";

/** Spans in the first part, and how much larger each next one is. Few enough to be grouped in some 20 ms, enough to hold a page of traces. */
const firstSpans = 50_000;
const growth = 10;

export async function newestParts(
  client: ClickHouseClient,
  filter: SpanFilter,
  context: ReadContext,
): Promise<readonly Expression[]> {
  const stretches = await spansOverTime(client, filter, context);
  const all = stretches.reduce((sum, { spans }) => sum + spans, 0);
  return sizes(all).map((spans) => sql`Timestamp >= ${time(toNano(newestOf(stretches, spans).startMs))}`);
}

export async function slowestParts(
  client: ClickHouseClient,
  filter: SpanFilter,
  context: ReadContext,
): Promise<readonly Expression[]> {
  const conditions = totalsConditions(filter) ?? totalsConditions({ window: filter.window }) ?? [];
  const table = await read(
    client,
    select({ DurationRow: sql`toFloat64(${durationRow})`, Spans: sql`toFloat64(count())` })
      .from("otel_traces")
      .where(ofTenant(context), ...conditions)
      .groupBy(sql`${durationRow}`)
      .orderBy(sql`DurationRow DESC`),
    context,
    "count spans",
  );
  const rows = table.numbers("DurationRow");
  const counts = table.numbers("Spans");
  const all = counts.reduce((sum, spans) => sum + spans, 0);
  return sizes(all).map((spans) => {
    let taken = 0;
    const at = counts.findIndex((count) => (taken += count) >= spans);
    return sql`Duration >= ${BigInt(Math.floor(2 ** ((rows[at] ?? 0) / rowsPerOctave)))}`;
  });
}

/** Smaller than half of all: what is larger costs as much as all. */
function sizes(all: number): number[] {
  const found: number[] = [];
  for (let size = firstSpans; size < all / 2; size *= growth) found.push(size);
  return found;
}
