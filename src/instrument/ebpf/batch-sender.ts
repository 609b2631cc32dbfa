import type { Clock } from "../../base/clock.ts";
import type { Signal } from "../../telemetry/signal.ts";
import { OtlpPost } from "./otlp-post.ts";
import type { EncodeOptions } from "./spans/encode.ts";
import type { Environment } from "./spans/resource.ts";
import type { AttributeValue } from "./spans/span.ts";

/** What the kernel's buffer holds of short requests comes at once after a time without a processor. */
const maxWaiting = 65_536;
const maxBatch = 2048;
const retryMs = 100;

export interface Sending {
  /** Resource attributes of a process; undefined when it is not known (any more). */
  readonly resourceOf: (pid: number) => ReadonlyMap<string, AttributeValue> | undefined;
  readonly version: string;
  readonly epochNs: () => bigint;
  /** Name of the instrumentation scope. */
  readonly scope?: string;
}

/** What of one process is to be sent. */
interface OfProcess<Item> {
  readonly resource: ReadonlyMap<string, AttributeValue>;
  readonly items: readonly Item[];
}

export interface Encoding<Item> {
  readonly signal: Signal;
  readonly processOf: (item: Item) => number;
  readonly encode: (processes: readonly OfProcess<Item>[], options: EncodeOptions) => Uint8Array;
}

/** Sends spans or log records to an OTLP/HTTP receiver in batches. Keeps what cannot be sent for the next try, up to a bound; counts what is dropped. */
export class BatchSender<Item> {
  readonly url: string;
  private readonly receiver: OtlpPost;
  private readonly sending: Sending;
  private readonly encoding: Encoding<Item>;
  private waiting: Item[] = [];
  private droppedCount = 0;

  constructor(environment: Environment, sending: Sending, encoding: Encoding<Item>) {
    this.receiver = new OtlpPost(environment, encoding.signal);
    this.url = this.receiver.url;
    this.sending = sending;
    this.encoding = encoding;
  }

  add(items: readonly Item[]): void {
    this.waiting.push(...items);
    const excess = this.waiting.length - maxWaiting;
    if (excess > 0) {
      this.waiting.splice(0, excess);
      this.droppedCount += excess;
    }
  }

  /** Sends what waits; stops at the first failure that a later try may mend. Never rejects. */
  async send(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, maxBatch);
      const { epochNs, scope, version } = this.sending;
      const options = { version, epochNs: epochNs(), ...(scope === undefined ? {} : { scope }) };
      const outcome = await this.receiver.post(this.encoding.encode(this.byProcess(batch), options));
      if (outcome === "later") {
        this.waiting.unshift(...batch);
        return;
      }
      if (outcome === "refused") this.droppedCount += batch.length;
    }
  }

  /** Sends for the last time, again and again for up to `withinMs`; what is `unsent` then is lost. */
  async sendLast(clock: Clock, withinMs: number): Promise<void> {
    const end = clock.monotonic() + withinMs;
    await this.send();
    while (this.waiting.length > 0 && clock.monotonic() < end) {
      await clock.sleep(retryMs);
      await this.send();
    }
  }

  /** How many wait or were dropped, and why. */
  unsent(): { readonly count: number; readonly why: string } {
    const why = this.receiver.problem || "they came faster than they were sent";
    return { count: this.droppedCount + this.waiting.length, why };
  }

  private byProcess(items: readonly Item[]): readonly OfProcess<Item>[] {
    const groups = new Map<number, Item[]>();
    for (const item of items) {
      const pid = this.encoding.processOf(item);
      const group = groups.get(pid);
      if (group === undefined) groups.set(pid, [item]);
      else group.push(item);
    }
    return [...groups].map(([pid, group]) => ({
      resource: this.sending.resourceOf(pid) ?? new Map(),
      items: group,
    }));
  }
}
