import type { Clock } from "../../base/clock.ts";
import { MetricSender, type ReadableRuntime } from "./metric-sender.ts";
import { BatchSender } from "./batch-sender.ts";
import { encodeLines } from "./logs/encode.ts";
import type { LogLine } from "./logs/log-line.ts";
import { encodeSpans, type EncodedSpans } from "./spans/encode.ts";
import type { Environment } from "./spans/resource.ts";
import type { AttributeValue, TracedSpan } from "./spans/span.ts";
import type { FromTracer } from "./trace-messages.ts";

/** Both together are shorter than a launcher waits for the tracer to end. */
const [finalTryMs, finalMetricsMs] = [2000, 1000];

export interface ReportingOptions {
  readonly clock: Clock;
  readonly version: string;
  readonly pageBytes: number;
  readonly epochNs: () => bigint;
  /** Name of the instrumentation scope, where it is not the senders' own. */
  readonly scope?: string;
  /** Whether lines that processes write are sent as well, which OTEL_LOGS_EXPORTER=none turns off. */
  readonly logs?: true;
  /** Resource attributes of a process; undefined when it is not known (any more). */
  readonly resourceOf: (pid: number) => ReadonlyMap<string, AttributeValue> | undefined;
  readonly say: (message: FromTracer) => void;
}

/**
 * What is sent of watched processes: spans, the metrics counted from them, and log records. Sending goes on beside the reading, so that a slow receiver
 * does not let the kernel's buffer fill. OTEL_TRACES_EXPORTER=none and the like turn one of them off.
 */
export class Reporting {
  private readonly options: ReportingOptions;
  private readonly spans: BatchSender<TracedSpan | EncodedSpans> | undefined;
  private readonly logs: BatchSender<LogLine> | undefined;
  private readonly metrics: MetricSender | undefined;

  constructor(environment: Environment, options: ReportingOptions) {
    this.options = options;
    const wanted = (signal: string): boolean => environment[`OTEL_${signal}_EXPORTER`] !== "none";
    this.spans = wanted("TRACES")
      ? new BatchSender<TracedSpan | EncodedSpans>(environment, options, {
          signal: "traces",
          processOf: (span) => ("bytes" in span ? span.process : span.record.process),
          countOf: (span) => ("bytes" in span ? span.count : 1),
          encode: encodeSpans,
        })
      : undefined;
    this.logs =
      options.logs === true && wanted("LOGS")
        ? new BatchSender(environment, options, {
            signal: "logs",
            processOf: ({ process }) => process,
            countOf: () => 1,
            encode: (processes, encoding) => [encodeLines(processes, encoding)],
          })
        : undefined;
    this.metrics = wanted("METRICS")
      ? new MetricSender(environment, {
          ...options,
          unread: (pid, metrics) => options.say({ kind: "unread", pid, metrics }),
        })
      : undefined;
  }

  /** What is sent, and where to: "traces to http://...". */
  get sends(): readonly string[] {
    return [
      ...(this.spans === undefined ? [] : [`traces to ${this.spans.url}`]),
      ...(this.metrics === undefined ? [] : [`metrics to ${this.metrics.url}`]),
      ...(this.logs === undefined ? [] : [`logs to ${this.logs.url}`]),
    ];
  }

  /** From now on spans of `pid` are those of a process with this resource. `runtime` opens what its runtime says of itself, where metrics are wanted. */
  begin(
    pid: number,
    resource: ReadonlyMap<string, AttributeValue>,
    runtime?: () => ReadableRuntime | undefined,
  ): void {
    this.metrics?.begin(pid, resource, runtime?.());
  }

  /** Its last spans may still come. */
  end(pid: number): void {
    this.metrics?.end(pid);
  }

  /**
   * Every span counts in the metrics, save encoded ones, which `counterOf` has counted; only sampled ones are sent. `except` says what is not told
   * of a span.
   */
  add(
    spans: readonly (TracedSpan | EncodedSpans)[],
    except: (span: TracedSpan) => "all" | "traces" | "metrics" | undefined = () => undefined,
  ): void {
    const sent: (TracedSpan | EncodedSpans)[] = [];
    for (const span of spans) {
      if ("bytes" in span) {
        sent.push(span);
        continue;
      }
      const not = except(span);
      if (not !== "all" && not !== "metrics") this.metrics?.add(span);
      if (not !== "all" && not !== "traces" && span.record.sampled) sent.push(span);
    }
    this.spans?.add(sent);
  }

  /** Counts spans in the metrics that differ of this one in their times only; undefined when they are not counted. */
  counterOf(span: TracedSpan): ((seconds: number) => void) | undefined {
    return this.metrics?.counterOf(span);
  }

  addLogs(lines: readonly LogLine[]): void {
    this.logs?.add(lines);
  }

  /** Begins to send and to read what it is time for, without waiting for it; returns in how many milliseconds it will be time for something, as far as that is known. */
  beat(): number {
    const nowMs = this.options.clock.monotonic();
    return Math.min(
      this.spans?.beat(nowMs) ?? Infinity,
      this.logs?.beat(nowMs) ?? Infinity,
      this.metrics?.beat(nowMs) ?? Infinity,
    );
  }

  /** Sends what is left; says what could not be sent. After the last `beat`. */
  async finish(): Promise<void> {
    // One after the other: looking at a process that is just ending can take the kernel seconds.
    await Promise.all([this.spans?.sendLast(finalTryMs), this.logs?.sendLast(finalTryMs)]);
    for (const [what, sender] of [["spans", this.spans] as const, ["log records", this.logs] as const]) {
      const unsent = sender?.unsent();
      if (unsent !== undefined && unsent.count > 0) this.options.say({ kind: "lost", what, ...unsent });
    }
    const metricsProblem = await this.metrics?.sendLast(finalMetricsMs);
    if (metricsProblem !== undefined) this.options.say({ kind: "metrics-unsent", why: metricsProblem });
  }
}
