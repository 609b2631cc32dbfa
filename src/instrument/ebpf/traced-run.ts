import path from "node:path";
import type { Clock } from "../../base/clock.ts";
import { executableOf, processTree } from "./process-tree.ts";
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
const sendEvery = 10;
const lookEvery = 4;
const finalTryMs = 2000;

/** The tracing of one run: finds the Go processes below the one that was started, reads their spans and sends them. */
export class TracedRun {
  private readonly tracer: Tracer;
  private readonly options: TracerOptions;
  private readonly clock: Clock;
  private readonly say: (message: FromTracer) => void;
  private readonly sender: SpanSender;
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
      readonly say: (message: FromTracer) => void;
      /** Of a process, where it is not the one that the options give. */
      readonly environmentOf?: (pid: number) => Environment;
    },
  ) {
    this.tracer = tracer;
    this.options = options;
    this.clock = world.clock;
    this.say = world.say;
    this.environmentOf = world.environmentOf ?? (() => options.environment);
    this.sender = new SpanSender(options.environment, {
      resourceOf: (pid) => this.traced.get(pid)?.resource,
      version: options.version,
      epochNs: world.epochNs,
    });
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
    for (let round = 1; !this.stopping.signal.aborted; round++) {
      if (round % lookEvery === 0) this.look();
      this.drain();
      if (round % sendEvery === 0) await this.sender.send();
      await this.clock.sleep(drainMs, this.stopping.signal);
    }
    this.drain();
    const end = this.clock.monotonic() + finalTryMs;
    await this.sender.send();
    while (this.sender.unsent().spans > 0 && this.clock.monotonic() < end) {
      await this.clock.sleep(100);
      await this.sender.send();
    }
    const { spans, why } = this.sender.unsent();
    if (spans > 0) this.say({ kind: "lost", spans, why });
  }

  stop(): void {
    this.stopping.abort();
  }

  private drain(): void {
    const records = this.tracer.drain();
    this.sender.add(
      records.map((record) => spanOf(record, this.traced.get(record.process)?.databaseSystem ?? "other_sql")),
    );
    const lost = this.tracer.newlyLost();
    if (lost > 0) this.say({ kind: "lost", spans: lost, why: "they came faster than they were read" });
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
    this.running.add(pid);
    this.tracer.trace(pid, watched.binary);
    this.say({
      kind: "traced",
      pid,
      service: String(resource.get("service.name")),
      goVersion: build.version,
      libraries,
      notes,
      url: this.sender.url,
    });
  }
}
