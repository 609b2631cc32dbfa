import type { Clock } from "../../base/clock.ts";
import type { Signal } from "../../telemetry/signal.ts";
import { OtlpPost } from "./otlp-post.ts";
import type { EncodeOptions } from "./spans/encode.ts";
import type { Environment } from "./spans/resource.ts";
import type { AttributeValue } from "./spans/span.ts";

/** What the kernel's buffer holds of short requests comes at once after a time without a processor. */
const maxWaiting = 65_536;
const maxBatch = 4096;
const retryMs = 100;
/** So long after the first of them a few spans are sent: people look at them. Of many, in larger batches, which cost less. */
const [fewMs, manyMs, few] = [400, 800, 64];
/** What is due within this is done together: to wake up once more costs more. */
const slackMs = 20;

export interface Sending {
  readonly clock: Clock;
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
  /** How many spans or log records an item is. */
  readonly countOf: (item: Item) => number;
  readonly encode: (processes: readonly OfProcess<Item>[], options: EncodeOptions) => readonly Uint8Array[];
}

/** Sends spans or log records to an OTLP/HTTP receiver in batches. Keeps what cannot be sent for the next try, up to a bound; counts what is dropped. */
export class BatchSender<Item> {
  readonly url: string;
  private readonly receiver: OtlpPost;
  private readonly sending: Sending;
  private readonly encoding: Encoding<Item>;
  private waiting: Item[] = [];
  private waitingCount = 0;
  private droppedCount = 0;
  /** Since when the first one waits, and from when on another try may succeed. */
  private sinceMs = 0;
  private notBeforeMs = 0;
  private sent: Promise<void> | undefined;

  constructor(environment: Environment, sending: Sending, encoding: Encoding<Item>) {
    this.receiver = new OtlpPost(environment, encoding.signal);
    this.url = this.receiver.url;
    this.sending = sending;
    this.encoding = encoding;
  }

  add(items: readonly Item[]): void {
    if (this.waiting.length === 0) this.sinceMs = this.sending.clock.monotonic();
    this.waiting.push(...items);
    this.waitingCount += this.countAll(items);
    if (this.waitingCount > maxWaiting)
      this.droppedCount += this.countAll(this.takeFirst(this.waitingCount - maxWaiting));
  }

  /** Begins to send when it is time for it; returns in how many milliseconds it will be. */
  beat(nowMs: number): number {
    if (this.sent !== undefined || this.waiting.length === 0) return Infinity;
    const patienceMs = this.waitingCount <= few ? fewMs : this.waitingCount < maxBatch ? manyMs : 0;
    const leftMs = Math.max(this.sinceMs + patienceMs, this.notBeforeMs) - nowMs;
    if (leftMs > slackMs) return leftMs;
    this.sent = this.send().finally(() => {
      this.sent = undefined;
    });
    return Infinity;
  }

  /** Sends what waits; stops at the first failure that a later try may mend. Never rejects. */
  async send(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.takeFirst(maxBatch);
      const { epochNs, scope, version } = this.sending;
      const options = { version, epochNs: epochNs(), ...(scope === undefined ? {} : { scope }) };
      const outcome = await this.receiver.post(this.encoding.encode(this.byProcess(batch), options));
      if (outcome === "later") {
        this.waiting.unshift(...batch);
        this.waitingCount += this.countAll(batch);
        this.notBeforeMs = this.sending.clock.monotonic() + fewMs;
        return;
      }
      if (outcome === "refused") this.droppedCount += this.countAll(batch);
    }
  }

  /** The first items that wait, until they are `count` spans or log records or more. */
  private takeFirst(count: number): readonly Item[] {
    let items = 0;
    let taken = 0;
    while (items < this.waiting.length && taken < count)
      taken += this.encoding.countOf(this.waiting[items++]!);
    this.waitingCount -= taken;
    return this.waiting.splice(0, items);
  }

  private countAll(items: readonly Item[]): number {
    let count = 0;
    for (const item of items) count += this.encoding.countOf(item);
    return count;
  }

  /** Sends for the last time, again and again for up to `withinMs` while somebody listens; what is `unsent` then is lost. */
  async sendLast(withinMs: number): Promise<void> {
    const { clock } = this.sending;
    const end = clock.monotonic() + withinMs;
    this.receiver.endWithin(withinMs);
    await this.sent;
    await this.send();
    while (this.waiting.length > 0 && !this.receiver.isUnheard && clock.monotonic() < end) {
      await clock.sleep(retryMs);
      await this.send();
    }
  }

  /** How many wait or were dropped, and why. */
  unsent(): { readonly count: number; readonly why: string } {
    const why = this.receiver.problem || "they came faster than they were sent";
    return { count: this.droppedCount + this.waitingCount, why };
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
