/**
 * When to write the open blocks to disk. An idle store writes at once, so that a lone request is answered in a few milliseconds. Under load
 * it waits for more rows, because an insert costs much the same for 1,000 rows as for 10,000; it waits no longer than its senders do: when
 * nothing arrives for a moment, all of them are waiting for us.
 */
export interface CommitState {
  /** Rows and bytes that wait. */
  readonly rows: number;
  readonly sizeBytes: number;
  /** Since the first of them arrived, and since the last did. */
  readonly waitedMs: number;
  readonly quietMs: number;
  /** Rows a second over the last second or so. */
  readonly rowsPerSecond: number;
  /** Segments on disk that are not inserted yet. */
  readonly pendingInserts: number;
}

/**
 * Segments with fewer rows are inserted together with others. Measured (spans of bench/corpus.ts, all merges of the engine included): inserts of
 * 64,000 rows cost the engine 8.8 CPU-seconds a million spans, of 128,000 rows 7.5; of 16,000 rows far more (docs/benchmarks.md).
 */
export const wholeBlockRows = 100_000;
/** An engine that does nothing need not wait for more rows than these. */
export const fewRows = 40_000;
const smallBlockRows = 5_000;
const largeBlockRows = 50_000;
const largeBlockBytes: number = 32 * 1024 * 1024;
const busyWaitMs = 100;
const backlogWaitMs = 400;
const quietWaitMs = 6;

/** Milliseconds to wait before looking again; 0: commit now. */
export function commitDelay(state: CommitState): number {
  if (state.rows >= largeBlockRows || state.sizeBytes >= largeBlockBytes) return 0;
  const backlog = state.pendingInserts > 2;
  const target = backlog ? largeBlockRows : smallBlockRows;
  if (state.rows >= target) return 0;
  const longest = backlog ? backlogWaitMs : busyWaitMs;
  const busy = backlog || (state.rowsPerSecond * busyWaitMs) / 1000 >= smallBlockRows;
  if (!busy || state.waitedMs >= longest || state.quietMs >= quietWaitMs) return 0;
  return Math.max(1, Math.min(longest - state.waitedMs, quietWaitMs - state.quietMs));
}
