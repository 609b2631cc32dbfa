import type { RecordHead } from "./record.ts";
import type { AttributeValue, TracedSpan } from "./span.ts";

/** A call of a database, as its client or its server sees it. */
export interface DatabaseRecord extends RecordHead {
  readonly kind: "db-client" | "db-server";
  /** db.system.name */
  readonly system: string;
  readonly namespace: string;
  readonly operation: string;
  readonly summary: string;
  /** Without anything that is somebody's data. */
  readonly text: string;
  /** How many statements or commands the call is, where it is several. */
  readonly batchSize?: number;
  /** The database's own code of an error; "" without one. */
  readonly code: string;
  /** Where the server is. */
  readonly server: { readonly address: string; readonly port: number };
  /** Where the client is; "" when it is not known, or we are it. */
  readonly client: { readonly address: string; readonly port: number };
}

/** With the names of the semantic conventions for database spans (stable since 1.33). */
export function databaseSpan(record: DatabaseRecord): TracedSpan {
  const attributes = new Map<string, AttributeValue>([["db.system.name", record.system]]);
  const texts = [
    ["db.namespace", record.namespace],
    ["db.operation.name", record.operation],
    ["db.query.summary", record.summary],
    ["db.query.text", record.text],
    ["db.response.status_code", record.code],
    ["server.address", record.server.address],
    ["client.address", record.client.address],
  ] as const;
  for (const [key, value] of texts) if (value !== "") attributes.set(key, value);
  // One command in a batch is no batch.
  if ((record.batchSize ?? 0) > 1) attributes.set("db.operation.batch.size", record.batchSize!);
  if (record.server.address !== "" && record.server.port !== 0)
    attributes.set("server.port", record.server.port);
  if (record.client.address !== "") attributes.set("client.port", record.client.port);
  if (record.failed) attributes.set("error.type", record.code || "_OTHER");
  return {
    record,
    name: record.summary || record.operation || record.system,
    kind: record.kind === "db-client" ? 3 : 2,
    attributes,
    failed: record.failed,
  };
}
