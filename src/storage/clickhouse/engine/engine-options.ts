/** What the parent tells the child process that hosts the engine, and what the child answers over the IPC channel. */
export interface EngineOptions {
  /** Directory of the database files; created when missing. */
  readonly databaseDirectory: string;
  /** Unix socket on which the engine speaks ClickHouse's HTTP protocol. */
  readonly socketPath: string;
  /** The engine refuses queries and inserts that would need more than this in all. */
  readonly memoryBytes: number;
  /** File that names the process which hosts the engine, while it does. */
  readonly lockPath: string;
  /** Directory for insert bodies and for what queries spill; emptied at the start. */
  readonly temporaryDirectory: string;
}

export type EngineMessage =
  | { readonly kind: "ready"; readonly version: string }
  /** `locked`: another process has the directory. */
  | { readonly kind: "failed"; readonly message: string; readonly locked: boolean };

export const defaultEngineMemoryBytes: number = 2 * 1024 ** 3;

export function isEngineMessage(value: unknown): value is EngineMessage {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  return value.kind === "ready" || value.kind === "failed";
}
