import type { Cancel, Clock } from "../../../base/clock.ts";
import type { Consumer } from "../../../pipeline/component.ts";
import { Batch } from "../../../telemetry/batch.ts";
import type { BatchConfig } from "./config.ts";

/** Why a batch was sent. */
export type Trigger = "size" | "timeout" | "shutdown";

export interface ShardOptions {
  readonly config: BatchConfig;
  readonly clock: Clock;
  readonly next: Consumer;
  readonly onSent: (items: number, trigger: Trigger) => void;
  readonly onFailed: (error: unknown, items: number) => void;
  /** Called when a batch was sent and nothing waits; nobody is on the way in then. */
  readonly onIdle?: () => void;
}

/**
 * Collects the batches of one tenant and combination of metadata and sends them one after the other. Holds at most one complete batch while another is
 * being sent; whoever brings more waits, which is the back-pressure to the sender.
 */
export class Shard {
  private readonly options: ShardOptions;
  private pending: Batch[] = [];
  private pendingItems = 0;
  private cancelTimer: Cancel | undefined;
  private sending: Promise<void> | undefined;

  constructor(options: ShardOptions) {
    this.options = options;
  }

  /** Resolves once the batch is taken. */
  async add(batch: Batch): Promise<void> {
    while (this.sending !== undefined && this.isComplete()) await this.sending;
    this.pending.push(batch);
    this.pendingItems += batch.itemCount;
    if (this.isComplete()) {
      if (this.sending === undefined) this.send("size");
      return;
    }
    this.cancelTimer ??= this.options.clock.schedule(this.options.config.timeout, () => this.onTimeout());
  }

  /** Sends what is left and waits for it. */
  async flush(): Promise<void> {
    while (this.sending !== undefined || this.pending.length > 0) {
      if (this.sending === undefined) this.send("shutdown");
      await this.sending;
    }
  }

  private isComplete(): boolean {
    const { send_batch_size: size, timeout } = this.options.config;
    return (
      this.pendingItems >= Math.max(size, 1) ||
      (timeout === 0 && this.pending.length > 0) ||
      (size === 0 && this.pending.length > 0)
    );
  }

  private onTimeout(): void {
    this.cancelTimer = undefined;
    // While a batch is being sent the next one leaves right behind it.
    if (this.sending === undefined && this.pending.length > 0) this.send("timeout");
  }

  private send(trigger: Trigger): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    const batch = Batch.concat(this.pending);
    this.pending = [];
    this.pendingItems = 0;
    this.sending = this.deliver(batch, trigger).finally(() => {
      this.sending = undefined;
      if (this.pending.length === 0) {
        this.options.onIdle?.();
        return;
      }
      if (this.isComplete()) this.send("size");
      else if (this.cancelTimer === undefined) this.send("timeout");
    });
  }

  private async deliver(batch: Batch, trigger: Trigger): Promise<void> {
    const max = this.options.config.send_batch_max_size;
    const parts = max > 0 && batch.itemCount > max ? batch.split(max) : [batch];
    for (const part of parts) {
      const items = part.itemCount;
      try {
        await this.options.next.consume(part);
        this.options.onSent(items, trigger);
      } catch (error) {
        this.options.onFailed(error, items);
      }
    }
  }
}
