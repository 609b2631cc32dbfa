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

interface Waiter {
  readonly sinceMs: number;
  readonly resolve: () => void;
  readonly reject: (error: OtelierError) => void;
}

export class WriteBudget {
  private readonly options: WriteBudgetOptions;
  /** In the order in which they came. */
  private readonly waiting: Waiter[] = [];

  constructor(options: WriteBudgetOptions) {
    this.options = options;
  }

  /** True when a write need not wait: there is room, and nobody came before. */
  hasRoom(): boolean {
    return this.waiting.length === 0 && this.fits();
  }

  /**
   * Resolves when there is room. Rejects with code "store-overloaded" (retryable) when there is none for too long. Writes that waited go on in the order in which they came, one in a turn of
   * the event loop: hundreds in one turn would keep everybody else, queries above all, waiting for most of a second.
   */
  wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ sinceMs: this.options.clock.monotonic(), resolve, reject });
      if (this.waiting.length === 1) void this.serve();
    });
  }

  private fits(): boolean {
    const { options } = this;
    return options.unsafeBytes() < options.maxUnsafeBytes && options.pendingBytes() < options.maxPendingBytes;
  }

  private async serve(): Promise<void> {
    const { clock, longestWaitMs } = this.options;
    for (let first = this.waiting[0]; first !== undefined; first = this.waiting[0]) {
      if (this.fits()) {
        first.resolve();
        await new Promise((resolve) => setImmediate(resolve));
        this.waiting.shift();
      } else if (clock.monotonic() - first.sinceMs >= longestWaitMs) {
        first.reject(this.refusal());
        this.waiting.shift();
      } else {
        await clock.sleep(lookAgainMs);
      }
    }
  }

  private refusal(): OtelierError {
    const { pendingBytes, maxPendingBytes } = this.options;
    const why =
      pendingBytes() >= maxPendingBytes
        ? `the database is behind, ${printByteSize(pendingBytes())} wait to be inserted`
        : "the disk is slower than what arrives";
    return new OtelierError(`cannot store telemetry now: ${why}`, {
      code: "store-overloaded",
      outcome: "retryable",
      retryAfterMs: 5_000,
    });
  }
}
