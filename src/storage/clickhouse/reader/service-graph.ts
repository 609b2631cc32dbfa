/**
 * Who calls whom: calls into a service joined to the span that made them, and outgoing calls that nobody answered with a span
 * (databases, queues, unknown hosts), named by the caller's attributes.
 */
import type { GraphEdge, ServiceGraph } from "../../traces.ts";
import type { ReadContext, TimeWindow } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import type { ColumnTable } from "../client/column-table.ts";
import { inWindow, ofTenant } from "./query/conditions.ts";
import { joinKnownPeers, readKnownPeers } from "./known-peers.ts";
import { peerKind, peerName, peerOfSpan } from "./peer-names.ts";
import { read } from "./query/read.ts";
import { chooseStretches } from "./graph-sample.ts";
import { or, select, sql, subquery, type Expression } from "./sql/ast.ts";

/** A callee may run a little outside the caller's time: clocks differ. */
const slackMs = 60_000;
/** Around a stretch of a sample: as long as most calls take, lest more be read for the ends than for the stretch. */
const sampleSlackMs = 5000;
const maxEdges = 2000;

export async function readServiceGraph(
  client: ClickHouseClient,
  window: TimeWindow,
  context: ReadContext,
): Promise<ServiceGraph> {
  const sample = await chooseStretches(client, window, context);
  const read =
    sample === undefined
      ? await readEdges(client, [window], slackMs, context)
      : await readEdges(client, sample.stretches, sampleSlackMs, context);
  const scale = sample === undefined ? 1 : sample.spanCount / Math.max(1, sample.spansRead);
  const edges = read.map((edge) => ({
    ...edge,
    count: Math.round(edge.count * scale),
    errorCount: Math.round(edge.errorCount * scale),
  }));
  const hasUnknown = edges.some(({ serverKind }) => serverKind === "external");
  const known = hasUnknown ? await readKnownPeers(client, window, context) : new Map<string, string>();
  const joined = joinKnownPeers(edges, known).toSorted((a, b) => b.count - a.count);
  if (sample === undefined) return { edges: joined };
  const { spansRead, spanCount } = sample;
  return { edges: joined, sample: { spansRead, spanCount } };
}

async function readEdges(
  client: ClickHouseClient,
  stretches: readonly TimeWindow[],
  slackMs: number,
  context: ReadContext,
): Promise<readonly GraphEdge[]> {
  const inside = or(...stretches.map(inWindow));
  const around = or(
    ...stretches.map(({ startMs, endMs }) =>
      inWindow({ startMs: startMs - slackMs, endMs: endMs + slackMs }),
    ),
  );
  // Hashes of (trace, span) instead of the ids keep the hash table of the join at 16 bytes a span.
  const callers = select({ Caller: sql`ServiceName`, Id: sql`cityHash64(TraceId, SpanId)` })
    .from("otel_traces")
    .where(ofTenant(context), around, sql`SpanKind IN ('Client', 'Producer', 'Internal')`);
  const calls = select({
    Server: sql`ServiceName`,
    Id: sql`cityHash64(TraceId, ParentSpanId)`,
    Duration: sql`Duration`,
    StatusCode: sql`StatusCode`,
  })
    .from("otel_traces")
    .where(ofTenant(context), inside, sql`ParentSpanId != ''`, sql`SpanKind IN ('Server', 'Consumer')`);
  const answered = select({
    Client: sql`toString(Caller)`,
    Server: sql`toString(Server)`,
    Total: sql`toFloat64(count())`,
    Failed: sql`toFloat64(countIf(StatusCode = 'Error'))`,
    Spread: sql`arrayMap(one -> toFloat64(one), quantilesTDigest(0.5, 0.95)(Duration))`,
  })
    .from(
      sql`${subquery(calls)} AS callee INNER JOIN ${subquery(callers)} AS caller ON callee.Id = caller.Id`,
    )
    .where(sql`Caller != Server`)
    .groupBy(sql`Caller`, sql`Server`)
    .limit(maxEdges);
  const answeredIds = select({ Id: sql`cityHash64(TraceId, ParentSpanId)` })
    .from("otel_traces")
    .where(ofTenant(context), around, sql`ParentSpanId != ''`, sql`SpanKind IN ('Server', 'Consumer')`);
  // Only the attributes that name a peer are kept, and spans grouped by them, before names are made: few groups instead of all spans.
  const outgoing = select({
    Caller: sql`ServiceName`,
    Peer: peerOfSpan,
    ...measures,
    Digest: sql`quantilesTDigestState(0.5, 0.95)(Duration)`,
  })
    .from("otel_traces")
    .where(
      ofTenant(context),
      inside,
      sql`SpanKind IN ('Client', 'Producer')`,
      sql`cityHash64(TraceId, SpanId) NOT IN ${subquery(answeredIds)}`,
    )
    .groupBy(sql`Caller`, sql`Peer`);
  const unanswered = select({
    Client: sql`toString(Caller)`,
    Server: peerName,
    Kind: peerKind,
    Total: sql`sum(Calls)`,
    Failed: sql`sum(Errors)`,
    Spread: sql`arrayMap(one -> toFloat64(one), quantilesTDigestMerge(0.5, 0.95)(Digest))`,
  })
    .from(outgoing)
    .groupBy(sql`Caller`, sql`Server`, sql`Kind`)
    .limit(maxEdges);
  const [between, outward] = await Promise.all([
    read(client, answered, context, "read the service graph"),
    read(client, unanswered, context, "read the service graph"),
  ]);
  // Who is not named is left out here: the engine would move a condition on the name down to each span, where making it costs more than all else.
  const named = edgesOf(outward, (row) => outward.strings("Kind")[row] as GraphEdge["serverKind"]).filter(
    ({ server }) => server !== "",
  );
  return [...edgesOf(between, () => "service"), ...named];
}

const measures: Readonly<Record<string, Expression>> = {
  Calls: sql`toFloat64(count())`,
  Errors: sql`toFloat64(countIf(StatusCode = 'Error'))`,
};

function edgesOf(table: ColumnTable, kindOf: (row: number) => GraphEdge["serverKind"]): GraphEdge[] {
  const servers = table.strings("Server");
  const counts = table.numbers("Total");
  const errors = table.numbers("Failed");
  const quantiles = table.numberLists("Spread");
  return table.strings("Client").map((caller, row) => ({
    client: caller,
    server: servers[row] ?? "",
    serverKind: kindOf(row),
    count: counts[row] ?? 0,
    errorCount: errors[row] ?? 0,
    p50Nano: quantiles[row]?.[0] ?? 0,
    p95Nano: quantiles[row]?.[1] ?? 0,
  }));
}
