/** What `otelier storage` needs of a store, whether it runs in a stack or lies in a directory that nobody uses. */
import { existsSync } from "node:fs";
import { OtelierError } from "../../base/error.ts";
import { openStore } from "../../storage/clickhouse/store.ts";
import type { StorageReport } from "../../storage/usage.ts";
import type { ReadContext } from "../../storage/window.ts";
import { StackApi } from "./stack-api.ts";

export interface StorageAccess {
  storage(): Promise<StorageReport>;
  close(): Promise<void>;
}

/** The stack at a URL. */
export function stackAccess(url: string, signal: AbortSignal): StorageAccess {
  const api = new StackApi(url, signal);
  return {
    storage: () => api.askJson({ method: "GET", path: "/api/storage" }),
    close: () => Promise.resolve(),
  };
}

/** A data directory. Rejects with "no-data" when there is none, and when a stack runs on it. */
export async function directoryAccess(directory: string, signal: AbortSignal): Promise<StorageAccess> {
  if (!existsSync(directory)) {
    throw new OtelierError(`cannot read "${directory}": there is no such directory`, {
      code: "no-data",
      outcome: "permanent",
    });
  }
  const store = await openStore({ dataDirectory: directory });
  const context: ReadContext = { tenant: "", signal };
  return {
    storage: () => store.storage(context),
    close: () => store.close(),
  };
}
