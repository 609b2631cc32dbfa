/**
 * Back-pressure: how much may be on its way at once, in memory and on disk. A write that finds no room waits a while, then is
 * refused in a way that tells a correct sender to come back.
 */
import type { Clock } from "../../../base/clock.ts";
import { OtelierError } from "../../../base/error.ts";
import { printByteSize } from "../../../base/byte-size.ts";

export interface WriteBudgetOptions {
  readonly clock: Clock;
  /** Bytes accepted but not safe on disk yet, and their bound. */
  readonly unsafeBytes: () => number;
  readonly maxUnsafeBytes: number;
  /** Bytes of segments that are not inserted yet, and their bound. */
  readonly pendingBytes: () => number;
  readonly maxPendingBytes: number;
  readonly longestWaitMs: number;
}

const lookAgainMs = 10;

export class WriteBudget {
  private readonly options: WriteBudgetOptions;

  constructor(options: WriteBudgetOptions) {
    this.options = options;
  }

  hasRoom(): boolean {
    const { options } = this;
    return options.unsafeBytes() < options.maxUnsafeBytes && options.pendingBytes() < options.maxPendingBytes;
  }

  /** Resolves when there is room. Rejects with code "store-overloaded" (retryable) when there is none for too long. */
  async wait(): Promise<void> {
    const { clock, longestWaitMs, pendingBytes, maxPendingBytes } = this.options;
    const started = clock.monotonic();
    while (!this.hasRoom()) {
      if (clock.monotonic() - started >= longestWaitMs) {
        const why =
          pendingBytes() >= maxPendingBytes
            ? `the database is behind, ${printByteSize(pendingBytes())} wait to be inserted`
            : "the disk is slower than what arrives";
        throw new OtelierError(`cannot store telemetry now: ${why}`, {
          code: "store-overloaded",
          outcome: "retryable",
          retryAfterMs: 5_000,
        });
      }
      await clock.sleep(lookAgainMs);
    }
  }
}
