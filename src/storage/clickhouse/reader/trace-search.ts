/** Finds traces by a span that matches, then reads what the list shows of each. */
import type { TraceSearch, TraceSummary } from "../../traces.ts";
import type { ReadContext } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import type { ColumnTable } from "../client/column-table.ts";
import { ofTenant, time } from "./query/conditions.ts";
import { newestParts, slowestParts } from "./trace-parts.ts";
import { read } from "./query/read.ts";
import { fieldValue, spanConditions } from "./query/span-conditions.ts";
import { select, sql, subquery, type Expression } from "./sql/ast.ts";

const maxTraces = 1000;
const maxColumns = 20;

export async function searchTraces(
  client: ClickHouseClient,
  search: TraceSearch,
  context: ReadContext,
): Promise<{ items: TraceSummary[]; truncated: boolean }> {
  const limit = Math.max(1, Math.min(Math.floor(search.limit), maxTraces));
  const matched = await findMatches(client, search, limit, context);
  const traceIds = matched.strings("TraceId").slice(0, limit);
  if (traceIds.length === 0) return { items: [], truncated: false };
  const summaries = await readSummaries(client, traceIds, context);
  const spanIds = matched.strings("Matched");
  const columns = (search.columns ?? []).slice(0, maxColumns).map((_, at) => matched.strings(`Column${at}`));
  const items = traceIds.flatMap((traceId, index) => {
    const summary = summaries.get(traceId);
    return summary === undefined
      ? []
      : [
          {
            ...summary,
            matchedSpanId: spanIds[index] ?? "",
            columnValues: columns.map((values) => values[index] ?? ""),
          },
        ];
  });
  return { items, truncated: matched.rows > limit };
}

/**
 * Matching traces, best first, one more than `limit` when there are more. Grouping all spans of a long window by trace is what costs, so they are looked
 * for in a part of the window that grows until it holds enough: what is best in it is best of all.
 */
async function findMatches(
  client: ClickHouseClient,
  search: TraceSearch,
  limit: number,
  context: ReadContext,
): Promise<ColumnTable> {
  const newest = search.order === "newest";
  const columns: Record<string, Expression> = {};
  (search.columns ?? []).slice(0, maxColumns).forEach((field, index) => {
    const value = fieldValue(field);
    columns[`Column${index}`] = newest ? sql`argMax(${value}, Timestamp)` : sql`argMax(${value}, Duration)`;
  });
  const parts = newest
    ? await newestParts(client, search, context)
    : await slowestParts(client, search, context);
  for (const part of [...parts, undefined]) {
    const matched = await read(
      client,
      select({
        TraceId: sql`TraceId`,
        Matched: newest ? sql`argMax(SpanId, Timestamp)` : sql`argMax(SpanId, Duration)`,
        Rank: newest ? sql`max(toUnixTimestamp64Nano(Timestamp))` : sql`toInt64(max(Duration))`,
        ...columns,
      })
        .from("otel_traces")
        .where(ofTenant(context), ...spanConditions(search), ...(part === undefined ? [] : [part]))
        .groupBy(sql`TraceId`)
        .orderBy(sql`Rank DESC`, sql`TraceId`)
        .limit(limit + 1),
      context,
      "search traces",
    );
    if (matched.rows > limit || part === undefined) return matched;
  }
  throw new Error("the whole window was not searched");
}

type Summary = Omit<TraceSummary, "matchedSpanId" | "columnValues">;

/** A trace may reach far beyond the window it was found in; its own time range says how far. */
async function readSummaries(
  client: ClickHouseClient,
  traceIds: readonly string[],
  context: ReadContext,
): Promise<ReadonlyMap<string, Summary>> {
  const times = await read(
    client,
    select({
      Start: sql`toString(toUnixTimestamp64Nano(min(Start)))`,
      End: sql`toString(toUnixTimestamp64Nano(max(End)))`,
    })
      .from("otel_traces_trace_id_ts")
      .where(ofTenant(context), sql`TraceId IN ${traceIds}`),
    context,
    "search traces",
  );
  const perService = select({
    TraceId: sql`TraceId`,
    Service: sql`ServiceName`,
    ServiceSpans: sql`count()`,
    ServiceErrors: sql`countIf(StatusCode = 'Error')`,
    First: sql`min(toUnixTimestamp64Nano(Timestamp))`,
    Last: sql`max(toUnixTimestamp64Nano(Timestamp) + toInt64(Duration))`,
    // The earliest root, else the earliest span: roots sort first.
    Top: sql`argMin((ServiceName, SpanName, ParentSpanId != ''), (ParentSpanId != '', Timestamp))`,
    TopRank: sql`min((ParentSpanId != '', Timestamp))`,
  })
    .from("otel_traces")
    .where(
      ofTenant(context),
      sql`TraceId IN ${traceIds}`,
      sql`Timestamp >= ${time(BigInt(times.string("Start")))} AND Timestamp <= ${time(BigInt(times.string("End")))}`,
    )
    .groupBy(sql`TraceId`, sql`ServiceName`);
  const answer = await read(
    client,
    select({
      TraceId: sql`TraceId`,
      Start: sql`toString(min(First))`,
      Duration: sql`toFloat64(max(Last) - min(First))`,
      Spans: sql`toFloat64(sum(ServiceSpans))`,
      Errors: sql`toFloat64(sum(ServiceErrors))`,
      RootService: sql`toString(argMin(Top, TopRank).1)`,
      RootName: sql`toString(argMin(Top, TopRank).2)`,
      RootMissing: sql`argMin(Top, TopRank).3`,
      Services: sql`arrayMap(one -> toString(one.2), arraySort(one -> (-one.1, one.2), groupArray((toInt64(ServiceSpans), Service))) AS Sorted)`,
      ServiceCounts: sql`arrayMap(one -> toFloat64(one.1), Sorted)`,
    })
      .from(sql`${subquery(perService)}`)
      .groupBy(sql`TraceId`),
    context,
    "search traces",
  );
  const found = new Map<string, Summary>();
  answer.strings("TraceId").forEach((traceId, row) => {
    const counts = answer.numberLists("ServiceCounts")[row] ?? [];
    found.set(traceId, {
      traceId,
      rootService: answer.strings("RootService")[row] ?? "",
      rootName: answer.strings("RootName")[row] ?? "",
      rootMissing: Boolean(answer.numbers("RootMissing")[row]),
      startUnixNano: answer.strings("Start")[row] ?? "0",
      durationNano: answer.numbers("Duration")[row] ?? 0,
      spanCount: answer.numbers("Spans")[row] ?? 0,
      errorCount: answer.numbers("Errors")[row] ?? 0,
      services: (answer.stringLists("Services")[row] ?? []).map((name, index) => ({
        name,
        spanCount: counts[index] ?? 0,
      })),
    });
  });
  return found;
}
