import { databaseSpan } from "./database.ts";
import { dnsSpan } from "./dns.ts";
import { messagingSpan } from "./messaging.ts";
import type { HttpRecord, SpanRecord, SqlRecord } from "./record.ts";
import { rpcSpan } from "./rpc.ts";
import { operationOf, summaryOf, withoutLiterals } from "./statement.ts";

export type AttributeValue = string | number;

/** One span with the names of OpenTelemetry's semantic conventions (HTTP and database, stable since 1.33). */
export interface TracedSpan {
  readonly record: SpanRecord;
  readonly name: string;
  /** SpanKind: 2 server, 3 client. */
  readonly kind: 2 | 3;
  readonly attributes: ReadonlyMap<string, AttributeValue>;
  readonly failed: boolean;
}

const knownMethods = new Set("CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT QUERY TRACE".split(" "));

/** @param databaseSystem db.system.name of statements */
export function spanOf(record: SpanRecord, databaseSystem: string): TracedSpan {
  switch (record.kind) {
    case "sql":
      return sqlSpan(record, databaseSystem);
    case "db-client":
    case "db-server":
      return databaseSpan(record);
    case "dns":
      return dnsSpan(record);
    case "messaging":
      return messagingSpan(record);
    case "rpc-server":
    case "rpc-client":
      return { record, kind: record.kind === "rpc-server" ? 2 : 3, ...rpcSpan(record) };
    case "http-server":
    case "http-client":
      return httpSpan(record);
  }
}

function httpSpan(record: HttpRecord): TracedSpan {
  const isServer = record.kind === "http-server";
  // An empty method is GET for Go's clients.
  const asked = record.method === "" ? "GET" : record.method;
  const method = knownMethods.has(asked) ? asked : "_OTHER";
  const attributes = new Map<string, AttributeValue>([["http.request.method", method]]);
  if (method !== asked) attributes.set("http.request.method_original", asked);
  const scheme = record.secure ? "https" : "http";
  const host = hostAndPort(record.host);
  const route = isServer ? routeOf(record.pattern) : "";
  if (isServer) {
    attributes.set("url.scheme", scheme);
    attributes.set("url.path", record.path);
    if (record.query !== "") attributes.set("url.query", record.query);
    if (route !== "") attributes.set("http.route", route);
    const peer = hostAndPort(record.peer);
    if (peer.host !== "") attributes.set("client.address", peer.host);
    if (peer.port !== undefined) attributes.set("client.port", peer.port);
  } else {
    const query = record.query === "" ? "" : `?${record.query}`;
    attributes.set("url.full", `${scheme}://${record.host}${record.path || "/"}${query}`);
  }
  if (host.host !== "") attributes.set("server.address", host.host);
  const port = host.port ?? (isServer ? undefined : record.secure ? 443 : 80);
  if (port !== undefined) attributes.set("server.port", port);
  if (record.protocol !== "") attributes.set("network.protocol.version", record.protocol);
  if (record.status !== 0) attributes.set("http.response.status_code", record.status);
  if (record.requestBytes !== undefined) attributes.set("http.request.body.size", record.requestBytes);
  if (record.responseBytes !== undefined) attributes.set("http.response.body.size", record.responseBytes);
  const failed = record.failed || record.status >= (isServer ? 500 : 400);
  if (failed) attributes.set("error.type", record.failed ? "_OTHER" : String(record.status));
  const verb = method === "_OTHER" ? "HTTP" : method;
  return {
    record,
    name: route === "" ? verb : `${verb} ${route}`,
    kind: isServer ? 2 : 3,
    attributes,
    failed,
  };
}

/** "GET example.com/products/{sku}" -> "/products/{sku}": a pattern of net/http may begin with a method and a host. */
function routeOf(pattern: string): string {
  const path = pattern.indexOf("/");
  return path === -1 ? "" : pattern.slice(path).replace(/\{\$\}$/, "");
}

/** "[::1]:80" and "shop:8080" in two parts. */
function hostAndPort(text: string): { readonly host: string; readonly port?: number } {
  const parts = /^\[?([^\]]*?)\]?(?::(\d+))?$/.exec(text);
  const [host, port] = [parts?.[1] ?? "", parts?.[2]];
  return port === undefined ? { host } : { host, port: Number(port) };
}

function sqlSpan(record: SqlRecord, databaseSystem: string): TracedSpan {
  const text = withoutLiterals(record.text);
  const summary = summaryOf(record.text);
  const attributes = new Map<string, AttributeValue>([["db.system.name", databaseSystem]]);
  if (text !== "") attributes.set("db.query.text", record.cut ? `${text}...` : text);
  const operation = operationOf(record.text);
  if (operation !== "") attributes.set("db.operation.name", operation);
  if (summary !== "") attributes.set("db.query.summary", summary);
  if (record.failed) attributes.set("error.type", "_OTHER");
  return {
    record,
    name: summary === "" ? databaseSystem : summary,
    kind: 3,
    attributes,
    failed: record.failed,
  };
}
