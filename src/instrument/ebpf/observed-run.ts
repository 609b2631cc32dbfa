import { readlinkSync } from "node:fs";
import path from "node:path";
import type { Clock } from "../../base/clock.ts";
import { withElfFile } from "./elf/elf.ts";
import { readBuildInfo } from "./go/build-info.ts";
import { wantsPropagation } from "./propagation.ts";
import { allProcesses, executableOf } from "./process-tree.ts";
import { Reporting } from "./reporting.ts";
import { compileIgnored, compileRoutes, type RouteRules } from "./spans/routes.ts";
import type { SpanRecord } from "./spans/record.ts";
import { spanOf, type AttributeValue, type TracedSpan } from "./spans/span.ts";
import { Ancestry } from "./syscalls/ancestry/ancestry.ts";
import { Connections } from "./syscalls/connections.ts";
import { Exchanges } from "./syscalls/exchanges.ts";
import { InOrder } from "./chunks/in-order.ts";
import type { ProcessChanges } from "./process-changes.ts";
import type { SyscallTracer } from "./syscalls/syscall-tracer.ts";
import type { FromTracer, TracerOptions } from "./trace-messages.ts";
import { Wake } from "./wake.ts";
import { listeners } from "./discovery/listeners.ts";
import {
  keepsToThreads,
  languageOf,
  neverAsksWhatIsReady,
  reportsByItself,
  readProcess,
  reasonToLeaveAlone,
  resourceOfRunning,
} from "./discovery/running-process.ts";
import { portsOf, ruleFor, type Rule, type Selection } from "./discovery/selection.ts";

const drainMs = 25;
/** A request is written before it is read, but the kernel may tell of the read first. */
const holdBackNs = 5_000_000n;
const lookMs = 500;
/** After a change it is looked twice, because it is said as it begins; without one, now and then, for what nobody says. */
const [looksAfterChange, quietMs] = [2, 5000];
/** At the end what waits is read, but not for as long as a busy program goes on. */
const lastRounds = 16;
const idleNs = 60_000_000_000n;
const maxRemembered = 4096;
const nowhere: ReadonlySet<number> = new Set();

export interface ObservedWorld {
  readonly clock: Clock;
  readonly epochNs: () => bigint;
  readonly monotonicNs: () => bigint;
  readonly pageBytes: number;
  readonly say: (message: FromTracer) => void;
  /** Where the kernel says when any process begins or ends. */
  readonly changes?: ProcessChanges | undefined;
  /** Takes a Go program, which is traced inside. */
  readonly traceGo: (pid: number, rule: Rule) => void;
}

/** Observes the running processes that a selection names, and those that come: reads what they write and read, and sends spans. */
export class ObservedRun {
  private readonly tracer: SyscallTracer;
  private readonly selection: Selection;
  private readonly options: TracerOptions;
  private readonly world: ObservedWorld;
  private readonly reporting: Reporting;
  private readonly exchanges: Exchanges;
  private readonly connections: Connections;
  private readonly inOrder = new InOrder();
  /** Ended processes stay for a while: their last spans may still be on the way. */
  private readonly resources = new Map<number, ReadonlyMap<string, AttributeValue>>();
  private readonly observed = new Set<number>();
  /** What a process that was met executed: it may become another program. */
  private readonly met = new Map<number, string>();
  private readonly told = new Set<string>();
  private readonly ignored: (span: TracedSpan) => RouteRules["ignore"] | undefined;
  private ended: TracedSpan[] = [];
  private toldGivenUp = 0;
  /** How often processes are read although nothing has changed since, and when they were last. */
  private looksLeft = 0;
  private readMs = -Infinity;
  private lookedMs = -Infinity;
  private readonly wake: Wake;
  private readonly stopping = new AbortController();

  constructor(tracer: SyscallTracer, selection: Selection, options: TracerOptions, world: ObservedWorld) {
    this.tracer = tracer;
    this.selection = selection;
    this.options = options;
    this.world = world;
    const route = options.routes === undefined ? undefined : compileRoutes(options.routes);
    const ignored = options.routes === undefined ? undefined : compileIgnored(options.routes);
    this.ignored = ({ record }) => ("path" in record ? ignored?.(record.path) : undefined);
    this.wake = new Wake(world.clock);
    const ancestry = new Ancestry();
    const emit = (record: SpanRecord): void => {
      const routed =
        record.kind === "http-server" ? { ...record, pattern: route?.(record.path) ?? "" } : record;
      this.ended.push(spanOf(routed, "other_sql"));
    };
    this.exchanges = new Exchanges(emit, ancestry);
    this.connections = new Connections({
      ancestry,
      emit,
      decide: (connection, follow) => tracer.decide(connection, follow),
      cannotFollow: (pid, why) => this.sayNotFollowed(pid, why),
    });
    this.reporting = new Reporting(options.environment, {
      ...world,
      resourceOf: (pid) => this.resources.get(pid),
      version: options.version,
      scope: "otelier.ebpf.http",
    });
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    if (!this.tracer.knowsSockets) {
      const reason =
        "this kernel has no BTF (/sys/kernel/btf/vmlinux): no databases, no addresses of clients";
      this.world.say({ kind: "left-alone", file: "everything but HTTP/1", reason });
    }
    const { contextRefused } = this.tracer;
    if (contextRefused !== undefined) {
      const file = "trace context of requests that are sent";
      this.world.say({ kind: "left-alone", file, reason: contextRefused });
    }
    const { signal } = this.stopping;
    const chunks = this.tracer.readable(this.world.clock, () => this.wake.ring());
    signal.addEventListener("abort", () => this.wake.ring());
    while (!signal.aborted) {
      const isBehind = this.drain();
      const dueMs = Math.min(this.look(), this.reporting.beat());
      const isIdle = this.tracer.isDrained && this.inOrder.isEmpty;
      if (isIdle) chunks.arm();
      await this.wake.sleep(isBehind ? 0 : isIdle ? dueMs : drainMs);
      // More will come behind the first one.
      if (isIdle && !signal.aborted && !this.tracer.isDrained) await this.wake.sleep(drainMs);
    }
    chunks.end();
    for (let rounds = 1; this.drain(0n) && rounds < lastRounds; rounds++);
    this.world.changes?.end();
    this.endIdle(this.world.monotonicNs());
    this.flush();
    await this.reporting.finish();
  }

  stop(): void {
    if (this.stopping.signal.aborted) return;
    this.tracer.endContext();
    this.stopping.abort();
  }

  /** Returns whether the kernel's buffer may hold more already. */
  private drain(holdNs = holdBackNs): boolean {
    const isBehind = this.tracer.drain((chunk) => this.inOrder.add(chunk));
    const lost = this.tracer.newlyLost();
    // An answer might now meet the wrong request: what is open is given up rather than guessed.
    if (lost > 0) {
      this.exchanges.lostUntil(this.world.monotonicNs());
      this.connections.giveUpOpen();
    }
    for (const chunk of this.inOrder.upTo(this.world.monotonicNs() - holdNs)) {
      const socket = this.connections.socketOf(chunk);
      if (!this.connections.take(chunk)) this.exchanges.take(chunk, socket);
    }
    const newlyGivenUp = this.exchanges.givenUp + this.connections.givenUp - this.toldGivenUp;
    this.toldGivenUp += newlyGivenUp;
    // A request and its answer are two of those that were lost, at least.
    const spans = Math.max(newlyGivenUp, Math.ceil(lost / 2));
    if (spans > 0) {
      const why = lost > 0 ? `${lost} reads and writes came faster than they were read` : "too many at once";
      this.world.say({ kind: "lost", what: "spans", count: spans, why });
    }
    this.flush();
    return isBehind;
  }

  /** Once a process: what it says of itself is enough to know what is missing. */
  private sayNotFollowed(pid: number, why: "midway" | "lost"): void {
    const file = `HTTP/2 connections of ${path.basename(this.met.get(pid) ?? "")} (pid ${pid})`;
    if (this.told.has(`${file} ${why}`)) return;
    this.told.add(`${file} ${why}`);
    const reason =
      why === "midway"
        ? "they were open before it was observed, and their headers cannot be read until they are opened anew"
        : "bytes of them were not seen, and their headers cannot be read until they are opened anew";
    this.world.say({ kind: "left-alone", file, reason });
  }

  private endIdle(beforeNs: bigint): void {
    this.exchanges.endIdle(beforeNs);
    this.connections.endIdle(beforeNs);
  }

  private flush(): void {
    this.reporting.add(this.ended, this.ignored);
    this.ended = [];
  }

  /** When it is time for it; returns in how many milliseconds it will be. */
  private look(): number {
    const nowMs = this.world.clock.monotonic();
    if (nowMs - this.lookedMs < lookMs) return this.lookedMs + lookMs - nowMs;
    this.lookedMs = nowMs;
    this.endIdle(this.world.monotonicNs() - idleNs);
    // Libraries may be loaded late.
    for (const pid of this.observed) this.probeTls(pid, this.met.get(pid) ?? "");
    if (this.mayHaveChanged(nowMs)) this.lookForProcesses();
    return lookMs;
  }

  private mayHaveChanged(nowMs: number): boolean {
    const { changes } = this.world;
    if (changes === undefined) return true;
    if (changes.take() !== undefined) this.looksLeft = looksAfterChange;
    if (this.looksLeft === 0 && nowMs - this.readMs < quietMs) return false;
    this.looksLeft = Math.max(0, this.looksLeft - 1);
    this.readMs = nowMs;
    return true;
  }

  private lookForProcesses(): void {
    const pids = allProcesses();
    const listening = listeners(pids, portsOf(this.selection));
    for (const pid of pids) {
      const executable = executableOf(pid);
      if (executable === undefined || this.met.get(pid) === executable) continue;
      const rule = ruleFor(this.selection, {
        pid,
        executable,
        ports: listening.get(pid) ?? nowhere,
        language: languageOf(executable) ?? "",
        inContainer: () => isElsewhere(pid),
      });
      if (rule !== undefined) this.meet(pid, executable, rule);
    }
    const running = new Set(pids);
    for (const pid of this.met.keys()) {
      if (running.has(pid)) continue;
      this.met.delete(pid);
      this.exchanges.forget(pid);
      this.connections.forget(pid);
      this.leave(pid);
    }
    for (const pid of this.resources.keys()) {
      if (this.resources.size <= maxRemembered) break;
      if (!this.observed.has(pid)) this.resources.delete(pid);
    }
  }

  private meet(pid: number, executable: string, rule: Rule): void {
    const process = readProcess(pid, executable);
    if (process === undefined) return;
    this.met.set(pid, executable);
    const reason = reasonToLeaveAlone(process, {
      ownFolder: this.options.packageFolder ?? "",
      alsoReporting: this.selection.alsoReporting ?? false,
    });
    if (reason !== undefined) {
      // It may have been another program before.
      this.leave(pid);
      if (this.told.has(`${executable} ${reason}`)) return;
      this.told.add(`${executable} ${reason}`);
      this.world.say({ kind: "left-alone", file: `${executable} (pid ${pid})`, reason });
      return;
    }
    if (isGo(pid)) {
      this.world.traceGo(pid, rule);
      return;
    }
    const resource = resourceOfRunning(
      process,
      { rule, fallback: { name: this.selection.service, namespace: this.selection.namespace } },
      this.options.version,
    );
    this.resources.set(pid, resource);
    this.reporting.begin(pid, resource);
    this.observed.add(pid);
    this.tracer.observe(pid, {
      propagates: wantsPropagation(process.environment) && reportsByItself(process) === undefined,
      keeps: neverAsksWhatIsReady(executable),
      steady: keepsToThreads(executable),
    });
    this.probeTls(pid, executable);
    const service = String(resource.get("service.name"));
    this.world.say({ kind: "observed", pid, service, executable, sends: this.reporting.sends });
  }

  private probeTls(pid: number, executable: string): void {
    if (this.tracer.probeTls(pid)) return;
    const reason = "the kernel refuses probes in OpenSSL";
    this.world.say({ kind: "left-alone", file: `TLS of ${executable}`, reason });
  }

  private leave(pid: number): void {
    if (!this.observed.delete(pid)) return;
    this.tracer.forget(pid);
    this.reporting.end(pid);
  }
}

function isGo(pid: number): boolean {
  try {
    return withElfFile(`/proc/${pid}/exe`, readBuildInfo) !== undefined;
  } catch {
    return false;
  }
}

/** True when it is in another network namespace than this process, as containers are. */
function isElsewhere(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`) !== readlinkSync("/proc/self/ns/net");
  } catch {
    return false; // it has ended
  }
}
