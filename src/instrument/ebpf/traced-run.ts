import { existsSync } from "node:fs";
import path from "node:path";
import type { Clock } from "../../base/clock.ts";
import { executableOf, newestProcess, processTree } from "./process-tree.ts";
import { messageOf } from "../../base/error.ts";
import type { GoBinary } from "./go/binary.ts";
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

interface Traced {
  readonly resource: ReadonlyMap<string, AttributeValue>;
  readonly databaseSystem: string;
}

/** What sends requests with trace context. */
const clients: ReadonlySet<string> = new Set(["net/http client", "grpc client"]);
/** The ring buffer holds some 25,000 requests. To be woken costs more than to read a few more, unless there are so many that it might fill. */
const [drainMs, hurriedDrainMs, manyRecords] = [200, 20, 2000];
const lookMs = 100;
const looksAfterChange = 10;
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
  /** What a process executed when it was last looked at: it may become another program. */
  private readonly seen = new Map<number, string>();
  private readonly told = new Set<string>();
  private roots: number[] = [];
  private lastTree: readonly number[] = [];
  /** What newestProcess said when it was read last, and how often the tree is read although it says the same. */
  private newest: string | undefined;
  private looksLeft = 0;
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
  }

  prepare(file: string): void {
    this.tracer.watch(file, path.basename(file), this.clock.monotonic());
  }

  trace(pid: number): void {
    this.roots.push(pid);
    this.newest = undefined;
    this.look();
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    const { signal } = this.stopping;
    const sending = this.reporting.run(signal);
    const looking = this.lookNowAndThen(signal);
    while (!signal.aborted) {
      const isBusy = this.drain() > manyRecords;
      await this.clock.sleep(isBusy ? hurriedDrainMs : drainMs, signal);
    }
    await looking;
    while (this.drain() > 0);
    this.sayLost();
    await sending;
    await this.reporting.finish();
  }

  stop(): void {
    if (this.stopping.signal.aborted) return;
    this.tracer.endPropagation();
    this.stopping.abort();
  }

  private async lookNowAndThen(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      this.look();
      this.sayLost();
      await this.clock.sleep(lookMs, stop);
    }
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

  /** The processes below the roots, which are the same as before when none was made for a while. */
  private tree(): readonly number[] {
    const newest = newestProcess();
    if (newest === undefined || newest !== this.newest) this.looksLeft = looksAfterChange;
    this.newest = newest;
    if (this.looksLeft > 0) {
      this.looksLeft--;
      this.lastTree = this.roots.flatMap((root) => processTree(root));
    }
    return this.lastTree;
  }

  private look(): void {
    const alive = new Set<number>();
    const below = new Set(this.tree());
    for (const pid of new Set([...below, ...this.seen.keys()])) {
      const executable = executableOf(pid);
      // One whose parent has ended is below none of the roots any more, but goes on; its number may be another's later.
      if (executable === undefined || (!below.has(pid) && this.seen.get(pid) !== executable)) continue;
      alive.add(pid);
      if (this.seen.get(pid) === executable) continue;
      this.seen.set(pid, executable);
      this.meet(pid, executable);
    }
    // One that is just being started may have no file yet.
    this.roots = this.roots.filter((root) => alive.has(root) || existsSync(`/proc/${root}`));
    const nowMs = this.clock.monotonic();
    for (const pid of this.seen.keys()) {
      if (alive.has(pid)) continue;
      this.seen.delete(pid);
      if (!this.running.delete(pid)) continue;
      this.tracer.forget(pid, nowMs);
      this.reporting.end(pid);
      this.ended.delete(pid);
      this.ended.set(pid, nowMs);
    }
    for (const [pid, endedMs] of this.ended) {
      if (this.ended.size <= endedKept || nowMs - endedMs < endedKeptMs) break;
      this.ended.delete(pid);
      if (!this.running.has(pid)) this.traced.delete(pid);
    }
    void this.tracer.release(nowMs);
  }

  private meet(pid: number, executable: string): void {
    const nowMs = this.clock.monotonic();
    // It may have executed another file before.
    if (this.running.has(pid)) this.tracer.forget(pid, nowMs);
    const watched = this.tracer.watch(`/proc/${pid}/exe`, path.basename(executable), nowMs);
    if (watched.kind === "left-alone") {
      if (watched.reason === toolchain || this.told.has(executable)) return;
      this.told.add(executable);
      this.say({ kind: "left-alone", file: executable, reason: watched.reason });
      return;
    }
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
