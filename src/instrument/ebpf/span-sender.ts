import type { Clock } from "../../base/clock.ts";
import { OtlpPost } from "./otlp-post.ts";
import { encodeSpans, type EncodeOptions, type ProcessSpans } from "./spans/encode.ts";
import type { Environment } from "./spans/resource.ts";
import type { TracedSpan } from "./spans/span.ts";

const maxWaiting = 16_384;
const maxBatch = 2048;
const retryMs = 100;

export interface Sending {
  /** Resource attributes of a process; undefined when it is not known (any more). */
  readonly resourceOf: (pid: number) => ProcessSpans["resource"] | undefined;
  readonly version: string;
  readonly epochNs: () => bigint;
  /** Name of the instrumentation scope. */
  readonly scope?: string;
}

/** Sends spans to an OTLP/HTTP receiver in batches. Keeps what cannot be sent for the next try, up to a bound; counts what is dropped. */
export class SpanSender {
  readonly url: string;
  private readonly receiver: OtlpPost;
  private readonly sending: Sending;
  private waiting: TracedSpan[] = [];
  private droppedCount = 0;

  constructor(environment: Environment, sending: Sending) {
    this.receiver = new OtlpPost(environment, "traces");
    this.url = this.receiver.url;
    this.sending = sending;
  }

  add(spans: readonly TracedSpan[]): void {
    this.waiting.push(...spans);
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
      const outcome = await this.receiver.post(encodeSpans(this.byProcess(batch), this.encoding()));
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

  /** Spans that wait and those that were dropped, and why. */
  unsent(): { readonly spans: number; readonly why: string } {
    return { spans: this.droppedCount + this.waiting.length, why: this.receiver.problem };
  }

  private encoding(): EncodeOptions {
    const { scope, version } = this.sending;
    return { version, epochNs: this.sending.epochNs(), ...(scope === undefined ? {} : { scope }) };
  }

  private byProcess(spans: readonly TracedSpan[]): readonly ProcessSpans[] {
    const groups = new Map<number, TracedSpan[]>();
    for (const span of spans) {
      const group = groups.get(span.record.process);
      if (group === undefined) groups.set(span.record.process, [span]);
      else group.push(span);
    }
    return [...groups].map(([pid, group]) => ({
      resource: this.sending.resourceOf(pid) ?? new Map(),
      spans: group,
    }));
  }
}
