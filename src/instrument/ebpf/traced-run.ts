import path from "node:path";
import type { Clock } from "../../base/clock.ts";
import { executableOf, processTree } from "./process-tree.ts";
import { MetricSender } from "./metric-sender.ts";
import { SpanSender } from "./span-sender.ts";
import { databaseSystemOf, resourceOf, type Environment } from "./spans/resource.ts";
import { spanOf, type AttributeValue } from "./spans/span.ts";
import { toolchain, type Tracer } from "./tracer.ts";
import type { FromTracer, TracerOptions } from "./trace-messages.ts";

interface Traced {
  readonly resource: ReadonlyMap<string, AttributeValue>;
  readonly databaseSystem: string;
}

const drainMs = 25;
const sendMs = 250;
const lookEvery = 4;
const finalTryMs = 2000;

/** The tracing of one run: finds the Go processes below the one that was started, reads their spans and sends them. */
export class TracedRun {
  private readonly tracer: Tracer;
  private readonly options: TracerOptions;
  private readonly clock: Clock;
  private readonly say: (message: FromTracer) => void;
  /** Undefined where the user wants no traces, or no metrics. */
  private readonly spans: SpanSender | undefined;
  private readonly metrics: MetricSender | undefined;
  private readonly environmentOf: (pid: number) => Environment;
  /** Ended processes stay: their last spans may still be on the way. */
  private readonly traced = new Map<number, Traced>();
  private readonly running = new Set<number>();
  /** What a process executed when it was last looked at: it may become another program. */
  private readonly seen = new Map<number, string>();
  private readonly told = new Set<string>();
  private readonly roots: number[] = [];
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
    const wanted = (signal: string): boolean => environment[`OTEL_${signal}_EXPORTER`] !== "none";
    const resourceOf = (pid: number): Traced["resource"] | undefined => this.traced.get(pid)?.resource;
    this.spans = wanted("TRACES")
      ? new SpanSender(environment, { resourceOf, version, epochNs: world.epochNs })
      : undefined;
    this.metrics = wanted("METRICS")
      ? new MetricSender(environment, { clock, version, pageBytes })
      : undefined;
    this.environmentOf = world.environmentOf ?? (() => environment);
  }

  prepare(file: string): void {
    this.tracer.watch(file, path.basename(file));
  }

  trace(pid: number): void {
    this.roots.push(pid);
    this.look();
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    const sending = [
      this.repeat(sendMs, () => this.spans?.send()),
      this.repeat(this.metrics?.intervalMs ?? sendMs, () => this.metrics?.send()),
    ];
    for (let round = 1; !this.stopping.signal.aborted; round++) {
      if (round % lookEvery === 0) this.look();
      this.drain();
      await this.clock.sleep(drainMs, this.stopping.signal);
    }
    while (this.drain() > 0);
    await Promise.all(sending);
    await Promise.all([this.sendLastSpans(), this.sendLastMetrics()]);
  }

  stop(): void {
    this.stopping.abort();
  }

  /** Sends now and then, beside the reading: a slow receiver must not let the kernel's buffer fill. */
  private async repeat(everyMs: number, send: () => Promise<unknown> | undefined): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await this.clock.sleep(everyMs, this.stopping.signal);
      if (!this.stopping.signal.aborted) await send();
    }
  }

  private async sendLastSpans(): Promise<void> {
    if (this.spans === undefined) return;
    const end = this.clock.monotonic() + finalTryMs;
    await this.spans.send();
    while (this.spans.unsent().spans > 0 && this.clock.monotonic() < end) {
      await this.clock.sleep(100);
      await this.spans.send();
    }
    const { spans, why } = this.spans.unsent();
    if (spans > 0) this.say({ kind: "lost", spans, why });
  }

  private async sendLastMetrics(): Promise<void> {
    const end = this.clock.monotonic() + finalTryMs;
    let why = await this.metrics?.send();
    while (why !== undefined && this.clock.monotonic() < end) {
      await this.clock.sleep(100);
      why = await this.metrics?.send();
    }
    if (why !== undefined) this.say({ kind: "metrics-unsent", why });
  }

  /** Returns how many spans there were. */
  private drain(): number {
    const spans = this.tracer
      .drain()
      .map((record) => spanOf(record, this.traced.get(record.process)?.databaseSystem ?? "other_sql"));
    this.metrics?.add(spans);
    this.spans?.add(spans.filter(({ record }) => record.sampled));
    const lost = this.tracer.newlyLost();
    if (lost > 0) this.say({ kind: "lost", spans: lost, why: "they came faster than they were read" });
    return spans.length;
  }

  private look(): void {
    const pids = new Set(this.roots.flatMap((root) => processTree(root)));
    for (const pid of pids) {
      const executable = executableOf(pid);
      if (executable === undefined || this.seen.get(pid) === executable) continue;
      this.seen.set(pid, executable);
      this.meet(pid, executable);
    }
    for (const pid of this.running) {
      if (pids.has(pid)) continue;
      this.running.delete(pid);
      this.seen.delete(pid);
      this.tracer.forget(pid);
      this.metrics?.end(pid);
    }
  }

  private meet(pid: number, executable: string): void {
    const watched = this.tracer.watch(`/proc/${pid}/exe`, path.basename(executable));
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
    this.metrics?.begin(pid, resource);
    this.running.add(pid);
    this.tracer.trace(pid, watched.binary);
    this.say({
      kind: "traced",
      pid,
      service: String(resource.get("service.name")),
      goVersion: build.version,
      libraries,
      notes,
      sends: [
        ...(this.spans === undefined ? [] : [`traces to ${this.spans.url}`]),
        ...(this.metrics === undefined ? [] : [`metrics to ${this.metrics.url}`]),
      ],
    });
  }
}
