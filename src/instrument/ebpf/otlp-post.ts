import { systemClock } from "../../base/clock.ts";
import { messageOf } from "../../base/error.ts";
import { HttpClient } from "../../base/net/http-client.ts";
import { nobodyListens } from "../../base/net/nobody-listens.ts";
import type { Signal } from "../../telemetry/signal.ts";
import { postToParent, type Outcome } from "./parent-post.ts";
import { keyValues, type Environment } from "./spans/resource.ts";

const requestTimeoutMs = 5000;

/** As OTEL_EXPORTER_OTLP_ENDPOINT: telemetry goes to whoever started this process (parent-post.ts). */
export const toParent = "ipc:";

/** Of the client of Node.js that knows no more than it must: fetch took half of what sending spans costs. */
const client = new HttpClient();

/** Posts one signal to an OTLP/HTTP receiver, which is found as OpenTelemetry's exporters find it in the environment. */
export class OtlpPost {
  readonly url: string;
  /** Why the last post was not taken; "" when none failed. */
  problem = "";
  /** Whether nobody listened when the last one was tried: at the end of a program nobody waits for somebody to. */
  isUnheard = false;
  private readonly headers: Readonly<Record<string, string>>;
  /** Of the post that is under way. */
  private giveUp: AbortController | undefined;
  private hasEnded = false;
  private hasFailed = false;

  private readonly signal: Signal;

  constructor(environment: Environment, signal: Signal) {
    this.signal = signal;
    const own = `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}`;
    // The signal's own URL as it stands, or the base with the signal's path.
    const base = environment["OTEL_EXPORTER_OTLP_ENDPOINT"] || "http://127.0.0.1:4318";
    this.url = environment[`${own}_ENDPOINT`] || `${base.replace(/\/+$/, "")}/v1/${signal}`;
    this.headers = {
      "content-type": "application/x-protobuf",
      ...Object.fromEntries(
        keyValues(environment[`${own}_HEADERS`] || environment["OTEL_EXPORTER_OTLP_HEADERS"]),
      ),
    };
  }

  /** A post that is not answered by then is given up, also one that is under way; the next ones are given up at once. */
  endWithin(ms: number): void {
    systemClock.schedule(ms, () => {
      this.hasEnded = true;
      this.giveUp?.abort();
    });
  }

  /** Sends the pieces as one body. "later" when another try may succeed. Never rejects. */
  async post(body: readonly Uint8Array[]): Promise<Outcome> {
    this.isUnheard = false;
    if (this.url.startsWith(toParent)) {
      const { outcome, problem } = await postToParent(this.signal, Buffer.concat(body));
      this.problem = problem;
      return outcome;
    }
    const giveUp = new AbortController();
    this.giveUp = giveUp;
    if (this.hasEnded) giveUp.abort();
    const cancel = systemClock.schedule(requestTimeoutMs, () => giveUp.abort());
    try {
      const { status } = await client.send({
        method: "POST",
        url: new URL(this.url),
        headers: this.headers,
        body,
        signal: giveUp.signal,
      });
      this.hasFailed = status < 200 || status >= 300;
      if (!this.hasFailed) return "sent";
      this.problem = `HTTP ${status} from ${this.url}`;
      return [429, 502, 503, 504].includes(status) ? "later" : "refused";
    } catch (error) {
      this.isUnheard = nobodyListens(error);
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
      // What the one before was told says more than that this one was cut off.
      const isCut = this.hasEnded && this.hasFailed;
      if (!isCut) this.problem = giveUp.signal.aborted ? `no answer from ${this.url}` : messageOf(cause);
      this.hasFailed = true;
      return "later";
    } finally {
      this.giveUp = undefined;
      // A signal with a time of its own would wake us up for each request that was answered long ago.
      cancel();
    }
  }
}
