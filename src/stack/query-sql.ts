/** A user's SQL from the shell: over the running stack's API, or straight from a data directory that nobody uses. */
import type { Store, TableAnswer } from "../storage/store.ts";
import type { ReadContext } from "../storage/window.ts";
import { openStore } from "../storage/clickhouse/store.ts";
import { StackApi } from "./storage/stack-api.ts";

/** Asks POST /api/sql of the stack at `url`. Rejects with the stack's own error, or "stack-unreachable" that says what to do. */
export async function querySqlOver(
  url: string,
  sql: string,
  { tenant, signal }: ReadContext & { readonly signal: AbortSignal },
): Promise<TableAnswer> {
  return new StackApi(url, tenant, signal).askJson({
    method: "POST",
    path: "/api/sql",
    body: Buffer.from(sql),
  });
}

/** Opens the store of a data directory for the shell; the caller closes it. Rejects when a stack runs on it. */
export function openSqlStore(dataDir: string): Promise<Store> {
  const keepsAll = { maxAgeMs: { traces: 0, metrics: 0, logs: 0 }, maxBytes: 0 };
  return openStore({ dataDirectory: dataDir, lastRetention: keepsAll });
}
