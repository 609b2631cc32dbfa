import path from "node:path";
import type { Clock } from "../../base/clock.ts";
import type { ProcessChanges } from "./process-changes.ts";
import { executableOf } from "./process-tree.ts";
import { ProcessWatch } from "./process-watch.ts";
import { messageOf } from "../../base/error.ts";
import { notGo, type GoBinary } from "./go/binary.ts";
import { GoRuntime } from "./runtime/go-runtime.ts";
import { Reporting } from "./reporting.ts";
import { databaseSystemOf, resourceOf, type Environment } from "./spans/resource.ts";
import { spanOf, type AttributeValue, type TracedSpan } from "./spans/span.ts";
import { readLogLine, type LogLine } from "./logs/log-line.ts";
import type { EncodedSpans } from "./spans/encode.ts";
import { readRecord } from "./spans/record.ts";
import { RequestEncoder } from "./spans/request-encoder.ts";
import { wantsPropagation } from "./propagation.ts";
import { toolchain, wantsLogs, type Tracer } from "./tracer.ts";
import type { FromTracer, TracerOptions } from "./trace-messages.ts";
import { Wake } from "./wake.ts";

interface Traced {
  readonly resource: ReadonlyMap<string, AttributeValue>;
  readonly databaseSystem: string;
}

/** What sends requests with trace context. */
const clients: ReadonlySet<string> = new Set(["net/http client", "grpc client"]);
/** The ring buffer holds some 25,000 requests. To be woken costs more than to read a few more, unless there are so many that it might fill. */
const [drainMs, hurriedDrainMs, manyRecords] = [200, 20, 2000];
/** Fewer, lines of log among them, leave room: none are lost. */
const fullRecords = 1000;
/** Whether requests must stop is looked at so often, and more often where it is about to be decided or a process was met lately. */
const [settledMs, undecidedMs, newMs] = [500, 100, 10_000];
/** What is due within this is done now. */
const slackMs = 20;
/** Resources of so many ended processes are kept, and of all that ended so lately: spans wait while a receiver does not answer. */
const [endedKept, endedKeptMs] = [256, 60_000];

/** The tracing of one run: finds the Go processes below the one that was started, reads their spans and sends them. */
export class TracedRun {
  private readonly tracer: Tracer;
  private readonly options: TracerOptions;
  private readonly clock: Clock;
  private readonly say: (message: FromTracer) => void;
  private readonly reporting: Reporting;
  private readonly environmentOf: (pid: number) => Environment;
  /** Ended processes stay for a while: their last spans may still be on the way. */
  private readonly traced = new Map<number, Traced>();
  /** When they ended, the first first. */
  private readonly ended = new Map<number, number>();
  private readonly running = new Set<number>();
  private readonly watch: ProcessWatch;
  private readonly wake: Wake;
  /** When one was met last. */
  private metMs = 0;
  private releasedMs = 0;
  private readonly told = new Set<string>();
  private readonly requests: RequestEncoder;
  private readonly epochNs: () => bigint;
  private readonly stopping = new AbortController();

  constructor(
    tracer: Tracer,
    options: TracerOptions,
    world: {
      readonly clock: Clock;
      readonly epochNs: () => bigint;
      readonly pageBytes: number;
      readonly say: (message: FromTracer) => void;
      /** Where the kernel says when processes begin and end. */
      readonly changes?: ProcessChanges | undefined;
      /** Of a process, where it is not the one that the options give. */
      readonly environmentOf?: (pid: number) => Environment;
    },
  ) {
    this.tracer = tracer;
    this.options = options;
    this.clock = world.clock;
    this.say = world.say;
    const { environment, version } = options;
    const { clock, pageBytes } = world;
    const { say, epochNs } = world;
    const resourceOf = (pid: number): Traced["resource"] | undefined => this.traced.get(pid)?.resource;
    this.reporting = new Reporting(environment, {
      clock,
      version,
      pageBytes,
      epochNs,
      resourceOf,
      say,
      logs: true,
    });
    this.epochNs = epochNs;
    this.requests = new RequestEncoder((span) => this.reporting.counterOf(span));
    this.environmentOf = world.environmentOf ?? (() => environment);
    this.wake = new Wake(clock);
    this.watch = new ProcessWatch({
      clock,
      changes: world.changes,
      meet: (pid, executable) => this.meet(pid, executable),
      end: (pid) => this.end(pid),
    });
  }

  prepare(file: string): void {
    this.tracer.watch(file, path.basename(file), this.clock.monotonic());
  }

  trace(pid: number): void {
    this.watch.add(pid);
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    const { signal } = this.stopping;
    const looking = this.watch.run(signal);
    const records = this.tracer.readable(this.clock, () => this.wake.ring());
    signal.addEventListener("abort", () => this.wake.ring());
    while (!signal.aborted) {
      const count = this.tracer.isDrained ? 0 : this.drain();
      if (count > fullRecords) this.sayLost();
      const dueMs = Math.min(this.reporting.beat(), this.release());
      if (count === 0) records.arm();
      const pauseMs = count > manyRecords ? hurriedDrainMs : count > 0 ? drainMs : Infinity;
      await this.wake.sleep(Math.min(pauseMs, dueMs));
      // More will come behind the first one.
      if (count === 0 && !signal.aborted && !this.tracer.isDrained) await this.wake.sleep(drainMs);
    }
    records.end();
    await looking;
    while (this.drain() > 0);
    this.sayLost();
    await this.reporting.finish();
  }

  /** Lets go of what is not needed any more, and has the tracer look whether requests must stop, when it is time for it; returns in how many milliseconds it will be. */
  private release(): number {
    const nowMs = this.clock.monotonic();
    const everyMs = (): number =>
      nowMs - this.metMs < newMs || this.tracer.isUndecided ? undecidedMs : settledMs;
    const leftMs = this.releasedMs + everyMs() - nowMs;
    if (leftMs > slackMs) return leftMs;
    this.releasedMs = nowMs;
    for (const [pid, endedMs] of this.ended) {
      if (this.ended.size <= endedKept || nowMs - endedMs < endedKeptMs) break;
      this.ended.delete(pid);
      if (!this.running.has(pid)) this.traced.delete(pid);
    }
    void this.tracer.release(nowMs);
    return everyMs();
  }

  stop(): void {
    if (this.stopping.signal.aborted) return;
    this.tracer.endPropagation();
    this.stopping.abort();
  }

  /** Returns how much there was. */
  private drain(): number {
    const spans: (TracedSpan | EncodedSpans)[] = [];
    const lines: LogLine[] = [];
    this.requests.setEpoch(this.epochNs());
    const count = this.tracer.drain((bytes, begin, end) => {
      if (this.requests.take(bytes, begin, end)) return;
      const rare = bytes.subarray(begin, end);
      const record = readRecord(rare);
      const line = record === undefined ? readLogLine(rare) : undefined;
      if (record !== undefined)
        spans.push(spanOf(record, this.traced.get(record.process)?.databaseSystem ?? "other_sql"));
      if (line !== undefined) lines.push(line);
    });
    spans.push(...this.requests.flush());
    this.reporting.add(spans);
    this.reporting.addLogs(lines);
    return count;
  }

  private sayLost(): void {
    const lost = this.tracer.newlyLost();
    const why = "they came faster than they were read";
    if (lost.spans > 0) this.say({ kind: "lost", what: "spans", count: lost.spans, why });
    if (lost.lines > 0) this.say({ kind: "lost", what: "log records", count: lost.lines, why });
  }

  private end(pid: number): void {
    if (!this.running.delete(pid)) return;
    const nowMs = this.clock.monotonic();
    this.tracer.forget(pid, nowMs);
    this.reporting.end(pid);
    this.ended.delete(pid);
    this.ended.set(pid, nowMs);
  }

  private meet(pid: number, executable: string): void {
    const nowMs = this.clock.monotonic();
    // It may have executed another file before.
    if (this.running.has(pid)) this.tracer.forget(pid, nowMs);
    const watched = this.tracer.watch(`/proc/${pid}/exe`, path.basename(executable), nowMs);
    if (watched.kind === "left-alone") {
      if ([toolchain, notGo].includes(watched.reason) || this.told.has(executable)) return;
      // It has ended, or executes another file by now.
      if (executableOf(pid) !== executable) return;
      this.told.add(executable);
      this.say({ kind: "left-alone", file: executable, reason: watched.reason });
      return;
    }
    this.metMs = nowMs;
    const { build, libraries, notes } = watched.binary;
    const environment = this.environmentOf(pid);
    const resource = resourceOf({ pid, executable, build }, environment, this.options.version);
    this.traced.set(pid, { resource, databaseSystem: databaseSystemOf(build) });
    const unread = this.begin(pid, executable, resource, watched.binary);
    this.requests.forget();
    this.running.add(pid);
    const propagates = wantsPropagation(environment);
    this.tracer.trace(pid, watched, { propagates, logs: wantsLogs(environment) });
    this.say({
      kind: "traced",
      pid,
      service: String(resource.get("service.name")),
      goVersion: build.version,
      libraries,
      notes: [
        ...notes,
        ...unread,
        ...(propagates && libraries.some((name) => clients.has(name)) ? this.unpropagated() : []),
      ],
      sends: this.reporting.sends,
    });
  }

  /** Returns why there are no metrics of its runtime, where there should be some. */
  private begin(
    pid: number,
    executable: string,
    resource: Traced["resource"],
    { runtime: program }: GoBinary,
  ): readonly string[] {
    let why: readonly string[] = [];
    const open = (): GoRuntime | undefined => {
      if (program === undefined) return undefined;
      try {
        const runtime = new GoRuntime(pid, program);
        // It may have become another program a moment ago, which is met then.
        if (executableOf(pid) === executable) return runtime;
        runtime.close();
      } catch (error) {
        why = [`no metrics of its runtime: ${messageOf(error)}`];
      }
      return undefined;
    };
    this.reporting.begin(pid, resource, open);
    return why;
  }

  private unpropagated(): readonly string[] {
    const { propagationRefused: why } = this.tracer;
    return why === undefined ? [] : [`its requests carry no traceparent: ${why}`];
  }
}
