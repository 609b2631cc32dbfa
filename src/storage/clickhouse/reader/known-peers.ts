/**
 * Addresses behind which a service answered: a call that it did not answer (it was down, or too slow) goes to the same place, and is a call to it
 * rather than to an unknown peer.
 */
import type { GraphEdge } from "../../traces.ts";
import type { ReadContext, TimeWindow } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import { inWindow, ofTenant } from "./query/conditions.ts";
import { peerKind, peerName, peerOfSpan } from "./peer-names.ts";
import { read } from "./query/read.ts";
import { select, sql, subquery } from "./sql/ast.ts";

/** Attributes are wide and addresses seldom change, so only the end of the window is looked at. */
const lookMs = 60_000;
const maxPeers = 2000;

/** Server by caller and peer, for peers behind which only one service answered that caller. */
export type KnownPeers = ReadonlyMap<string, string>;

export async function readKnownPeers(
  client: ClickHouseClient,
  window: TimeWindow,
  context: ReadContext,
): Promise<KnownPeers> {
  const recent = { startMs: Math.max(window.startMs, window.endMs - lookMs), endMs: window.endMs };
  const callers = select({
    Caller: sql`ServiceName`,
    Id: sql`cityHash64(TraceId, SpanId)`,
    Peer: peerOfSpan,
  })
    .from("otel_traces")
    .where(ofTenant(context), inWindow(recent), sql`SpanKind IN ('Client', 'Producer')`);
  const callees = select({ Callee: sql`ServiceName`, Id: sql`cityHash64(TraceId, ParentSpanId)` })
    .from("otel_traces")
    .where(
      ofTenant(context),
      inWindow(recent),
      sql`ParentSpanId != ''`,
      sql`SpanKind IN ('Server', 'Consumer')`,
    );
  const pairs = select({ Caller: sql`Caller`, Peer: sql`Peer`, Callee: sql`Callee` })
    .from(
      sql`${subquery(callers)} AS caller INNER JOIN ${subquery(callees)} AS callee ON caller.Id = callee.Id`,
    )
    .groupBy(sql`Caller`, sql`Peer`, sql`Callee`);
  const table = await read(
    client,
    select({
      Client: sql`toString(Caller)`,
      Address: peerName,
      Kind: peerKind,
      Server: sql`toString(any(Callee))`,
    })
      .from(pairs)
      .groupBy(sql`Caller`, sql`Address`, sql`Kind`)
      .having(sql`uniqExact(Callee) = 1`)
      .limit(maxPeers),
    context,
    "read the service graph",
  );
  const servers = table.strings("Server");
  const addresses = table.strings("Address");
  const kinds = table.strings("Kind");
  const known = new Map<string, string>();
  // A condition on the address would be moved down to each span by the engine, where making it is dear.
  table.strings("Client").forEach((caller, row) => {
    const address = addresses[row] ?? "";
    if (address !== "" && kinds[row] === "external") known.set(keyOf(caller, address), servers[row] ?? "");
  });
  return known;
}

/** Edges to known peers become part of those to the services behind them. Percentiles cannot be added: the larger stands, as a bound. */
export function joinKnownPeers(edges: readonly GraphEdge[], known: KnownPeers): readonly GraphEdge[] {
  const joined = new Map<string, GraphEdge>();
  for (const edge of edges) {
    const service = edge.serverKind === "external" ? known.get(keyOf(edge.client, edge.server)) : undefined;
    const own = service === undefined ? edge : { ...edge, server: service, serverKind: "service" as const };
    const key = `${keyOf(own.client, own.server)}\n${own.serverKind}`;
    const before = joined.get(key);
    joined.set(
      key,
      before === undefined
        ? own
        : {
            ...own,
            count: own.count + before.count,
            errorCount: own.errorCount + before.errorCount,
            p50Nano: Math.max(own.p50Nano, before.p50Nano),
            p95Nano: Math.max(own.p95Nano, before.p95Nano),
          },
    );
  }
  return [...joined.values()];
}

function keyOf(client: string, peer: string): string {
  return `${client}\n${peer}`;
}
