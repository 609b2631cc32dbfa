import { OtelierError } from "../../../base/error.ts";
import type { Batch } from "../../../telemetry/batch.ts";
import type { Host } from "../../component.ts";

/** What stands between the senders and the sends of an exporter; in memory, or kept on disk by a storage extension. */
export interface ExporterQueue {
  /** What is held, in units of `sizer`; a batch counts until it was sent or given up. */
  readonly size: number;
  /** Must be called, and have resolved, before the first `offer`. */
  start(host: Host): Promise<void>;
  /**
   * Resolves when the batch is accepted (with `wait_for_result`: when it was sent). Rejects retryable: "queue-full" when there is no room and
   * `block_on_overflow` is off, "queue-stopped", and "disk-full" or "queue-write-failed" when it cannot be kept on disk.
   */
  offer(batch: Batch): Promise<void>;
  /** Refuses what comes, sends what waits (or leaves it on disk for the next start), and resolves when nothing is under way. */
  drain(): Promise<void>;
}

/** Sends one batch, retries included. A rejection is final; whoever sends counts and reports it. */
export type SendBatch = (batch: Batch) => Promise<void>;

export function refused(message: string, code: string): OtelierError {
  return new OtelierError(message, { code, outcome: "retryable" });
}
