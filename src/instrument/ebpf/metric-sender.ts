import type { Clock } from "../../base/clock.ts";
import { OtlpPost } from "./otlp-post.ts";
import type { Environment } from "./spans/resource.ts";
import type { AttributeValue, TracedSpan } from "./spans/span.ts";
import { Durations } from "./metrics/durations.ts";
import { encodeMetrics } from "./metrics/encode.ts";
import type { MeasuredRuntime } from "./metrics/encode-runtime.ts";
import { processUsage } from "./metrics/process-usage.ts";
import type { RuntimeState } from "./runtime/go-runtime.ts";

/** Of a Go program: GoRuntime of runtime/go-runtime.ts. */
export interface ReadableRuntime {
  /** Undefined when the process has ended, or there is nothing yet. */
  read(): RuntimeState | undefined;
  /** Metrics that `state` should have and has not. */
  lacking(state: RuntimeState | undefined): readonly string[];
  close(): void;
}

interface Measured {
  readonly pid: number;
  readonly resource: ReadonlyMap<string, AttributeValue>;
  readonly startNs: bigint;
  readonly durations: Durations;
  readonly runtime: ReadableRuntime | undefined;
  /** What was read last, until it is sent. */
  lastRuntime: MeasuredRuntime | undefined;
  /** How often in a row it lacked something. */
  lacked: number;
  ended: boolean;
  /** Times it was sent since it ended. */
  sentEnded: number;
}

/** The second time all that the process left in the kernel has been read. */
const sendsAfterEnd = 2;
const defaultIntervalMs = 60_000;
/** A process that has just begun has nothing yet, and one that is about to end nothing any more. */
const lackedForGood = 10;
const retryMs = 100;
/** How often it is read what will be lost when processes end, and how much later what was due meanwhile may be done. */
const [lookMs, slackMs] = [1000, 20];

export interface Measuring {
  readonly clock: Clock;
  readonly version: string;
  readonly pageBytes: number;
  /** Name of the instrumentation scope. */
  readonly scope?: string;
  /** Is told once of metrics of a process's runtime that cannot be read. */
  readonly unread?: (pid: number, metrics: readonly string[]) => void;
}

/**
 * Metrics of traced processes: counts and durations of their spans since they were first seen, and what they take. Sends them all every
 * OTEL_METRIC_EXPORT_INTERVAL; a failed send loses nothing, because the next one holds the whole count.
 */
export class MetricSender {
  readonly url: string;
  readonly intervalMs: number;
  private readonly receiver: OtlpPost;
  private readonly measuring: Measuring;
  private processes: Measured[] = [];
  private readonly byPid = new Map<number, Measured>();
  private lookedMs: number;
  private sentMs: number;
  private sent: Promise<unknown> | undefined;

  constructor(environment: Environment, measuring: Measuring) {
    this.receiver = new OtlpPost(environment, "metrics");
    this.url = this.receiver.url;
    this.measuring = measuring;
    const given = Number(environment["OTEL_METRIC_EXPORT_INTERVAL"]);
    this.intervalMs = given >= 1 ? given : defaultIntervalMs;
    this.lookedMs = this.sentMs = measuring.clock.monotonic();
  }

  /** Begins to send, or reads, when it is time for it; returns in how many milliseconds it will be. */
  beat(nowMs: number): number {
    if (this.sent === undefined && this.sentMs + this.intervalMs - nowMs <= slackMs) {
      this.lookedMs = nowMs;
      this.sent = this.send().finally(() => {
        this.sent = undefined;
        this.sentMs = nowMs;
      });
      return lookMs;
    }
    if (this.lookedMs + lookMs - nowMs <= slackMs) {
      this.lookedMs = nowMs;
      this.look();
    }
    const sendDueMs = this.sent === undefined ? this.sentMs + this.intervalMs : Infinity;
    return Math.min(this.lookedMs + lookMs, sendDueMs) - nowMs;
  }

  /** From now on spans of `pid` are those of a process with this resource. Its runtime is closed when it ends. */
  begin(pid: number, resource: Measured["resource"], runtime?: ReadableRuntime): void {
    this.end(pid);
    const process = {
      pid,
      resource,
      startNs: this.nowNs(),
      durations: new Durations(),
      runtime,
      lastRuntime: undefined,
      lacked: 0,
      ended: false,
      sentEnded: 0,
    };
    this.processes.push(process);
    this.byPid.set(pid, process);
  }

  /** Its last spans may still come. */
  end(pid: number): void {
    const process = this.byPid.get(pid);
    if (process === undefined) return;
    process.ended = true;
    process.runtime?.close();
  }

  /** Reads what will be lost when processes end, so that their last values are not much older. */
  look(): void {
    for (const process of this.processes) {
      if (process.ended || process.runtime === undefined) continue;
      const state = process.runtime.read();
      const lacking = process.runtime.lacking(state);
      process.lacked = lacking.length === 0 ? 0 : process.lacked + 1;
      if (process.lacked === lackedForGood) this.measuring.unread?.(process.pid, lacking);
      if (state !== undefined) process.lastRuntime = { state, timeNs: this.nowNs() };
    }
  }

  add(span: TracedSpan): void {
    this.byPid.get(span.record.process)?.durations.record(span);
  }

  /** Counts spans of the same process with the same attributes; undefined when they are not counted. */
  counterOf(span: TracedSpan): ((seconds: number) => void) | undefined {
    return this.byPid.get(span.record.process)?.durations.counterOf(span);
  }

  /** Resolves with why not, or with undefined when all was sent or there is nothing. Never rejects. */
  async send(): Promise<string | undefined> {
    this.look();
    return this.sendRead();
  }

  private async sendRead(): Promise<string | undefined> {
    const sent = this.processes;
    if (sent.length === 0) return undefined;
    const ended = sent.filter((process) => process.ended);
    const runtimes = sent.map((process) => process.lastRuntime);
    const { version, pageBytes, scope } = this.measuring;
    const body = encodeMetrics(
      sent.map((process) => ({
        ...process,
        usage: process.ended ? undefined : processUsage(process.pid, pageBytes),
        runtime: process.lastRuntime,
      })),
      { version, nowNs: this.nowNs(), ...(scope === undefined ? {} : { scope }) },
    );
    if ((await this.receiver.post([body])) !== "sent") return this.receiver.problem;
    sent.forEach((process, index) => {
      if (process.lastRuntime === runtimes[index]) process.lastRuntime = undefined;
    });
    for (const process of ended) process.sentEnded += 1;
    this.processes = this.processes.filter((process) => process.sentEnded < sendsAfterEnd);
    for (const process of ended) {
      if (process.sentEnded >= sendsAfterEnd && this.byPid.get(process.pid) === process)
        this.byPid.delete(process.pid);
    }
    return undefined;
  }

  /** Sends for the last time, again and again for up to `withinMs` while somebody listens. Resolves as `send` does. */
  async sendLast(withinMs: number): Promise<string | undefined> {
    const { clock } = this.measuring;
    const end = clock.monotonic() + withinMs;
    this.receiver.endWithin(withinMs);
    await this.sent;
    let why = await this.send();
    while (why !== undefined && !this.receiver.isUnheard && clock.monotonic() < end) {
      await clock.sleep(retryMs);
      // Processes end now: what they lack is nobody's fault.
      why = await this.sendRead();
    }
    return why;
  }

  private nowNs(): bigint {
    return BigInt(this.measuring.clock.now()) * 1_000_000n;
  }
}
