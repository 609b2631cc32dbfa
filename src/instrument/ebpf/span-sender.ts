import { messageOf } from "../../base/error.ts";
import { encodeSpans, type EncodeOptions, type ProcessSpans } from "./spans/encode.ts";
import { keyValues, type Environment } from "./spans/resource.ts";
import type { TracedSpan } from "./spans/span.ts";

const maxWaiting = 16_384;
const maxBatch = 2048;
const requestTimeoutMs = 5000;

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
  private readonly headers: Readonly<Record<string, string>>;
  private readonly sending: Sending;
  private waiting: TracedSpan[] = [];
  private droppedCount = 0;
  private lastProblem = "";

  constructor(environment: Environment, sending: Sending) {
    this.url = tracesUrl(environment);
    this.sending = sending;
    this.headers = {
      "content-type": "application/x-protobuf",
      ...Object.fromEntries(
        keyValues(
          environment["OTEL_EXPORTER_OTLP_TRACES_HEADERS"] || environment["OTEL_EXPORTER_OTLP_HEADERS"],
        ),
      ),
    };
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
      const outcome = await this.post(encodeSpans(this.byProcess(batch), this.encoding()));
      if (outcome === "later") {
        this.waiting.unshift(...batch);
        return;
      }
      if (outcome === "refused") this.droppedCount += batch.length;
    }
  }

  /** Spans that wait and those that were dropped, and why. */
  unsent(): { readonly spans: number; readonly why: string } {
    return { spans: this.droppedCount + this.waiting.length, why: this.lastProblem };
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

  private async post(body: Uint8Array): Promise<"sent" | "later" | "refused"> {
    try {
      const response = await fetch(this.url, {
        method: "POST",
        headers: this.headers,
        body: Uint8Array.from(body),
        signal: AbortSignal.timeout(requestTimeoutMs),
      });
      await response.arrayBuffer();
      if (response.ok) return "sent";
      this.lastProblem = `HTTP ${response.status} from ${this.url}`;
      return [429, 502, 503, 504].includes(response.status) ? "later" : "refused";
    } catch (error) {
      this.lastProblem = messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
      return "later";
    }
  }
}

/** As the specification has it: the signal's own URL as it stands, or the base with "/v1/traces". */
function tracesUrl(environment: Environment): string {
  const own = environment["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];
  if (own !== undefined && own !== "") return own;
  const base = environment["OTEL_EXPORTER_OTLP_ENDPOINT"] || "http://127.0.0.1:4318";
  return `${base.replace(/\/+$/, "")}/v1/traces`;
}
