/** Who is called, by the attributes of the span that calls. */
import { sql, type Expression } from "./sql/ast.ts";

/** Attributes that say who is called, by the current and older names of the semantic conventions. */
const peerKeys: readonly string[] = [
  "peer.service",
  "db.system.name",
  "db.system",
  "db.namespace",
  "db.name",
  "messaging.system",
  "messaging.destination.name",
  "messaging.destination",
  "server.address",
  "net.peer.name",
  "http.host",
  "peer.address",
  "server.port",
  "net.peer.port",
];

function firstOf(...keys: readonly string[]): Expression {
  return keys.reduceRight((rest, key) => sql`if(Peer[${key}] != '', Peer[${key}], ${rest})`, sql`''`);
}

const database = firstOf("db.system.name", "db.system");
const messaging = firstOf("messaging.system");
const host = firstOf("server.address", "net.peer.name", "http.host", "peer.address");
const port = firstOf("server.port", "net.peer.port");
/** Several peers live on one host: the port tells them apart, unless it is the scheme's own. */
const hostAndPort = sql`if(${host} = '' OR ${port} IN ('', '80', '443'), ${host}, concat(${host}, ':', ${port}))`;
/** In queries that have the attributes of `peerKeys` as `Peer`. */
export const peerKind: Expression = sql`multiIf(${database} != '', 'database', ${messaging} != '', 'messaging', 'external')`;
const databaseName = firstOf("db.namespace", "db.name");
const destination = firstOf("messaging.destination.name", "messaging.destination");
export const peerName: Expression = sql`multiIf(Peer['peer.service'] != '', Peer['peer.service'], ${database} != '', if(${databaseName} = '', ${database}, concat(${database}, '/', ${databaseName})), ${messaging} != '', if(${destination} = '', ${messaging}, concat(${messaging}, '/', ${destination})), ${hostAndPort})`;

/** The attributes of `peerKeys` alone: few groups instead of all spans. */
export const peerOfSpan: Expression = sql`mapFilter((key, value) -> key IN ${peerKeys}, SpanAttributes)`;
