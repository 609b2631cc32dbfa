/**
 * What Go's runtime says of itself in package runtime/metrics, read from the memory of the process at the addresses of the runtime's variables
 * (go/runtime-variables.ts): the process is not stopped and runs nothing for it.
 */
import type { GoRuntimeVariables } from "../go/binary.ts";
import { runtimeParts } from "../go/runtime-variables.ts";
import { runtimeLayout, type RuntimeLayout } from "../go/runtime-layout.ts";
import { collectorBytes, collectorState, type CollectorState } from "./collector.ts";
import { heapStatistics, statisticsBytes, type HeapStatistics } from "./heap-statistics.ts";
import { ProcessMemory } from "./process-memory.ts";
import { firstWithLatencies, latenciesBytes, latencyCounts } from "./schedule-latencies.ts";

/** What could be read; each part for itself, because each hangs on variables of its own. */
export interface RuntimeState {
  readonly heap: HeapStatistics | undefined;
  readonly collector: CollectorState | undefined;
  readonly goroutines: number | undefined;
  /** Threads that may run Go code at once: GOMAXPROCS. */
  readonly processors: number | undefined;
  /** How often goroutines waited how long for a processor (schedule-latencies.ts). */
  readonly latencies: readonly bigint[] | undefined;
}

const partNames = ["heap", "collector", "goroutines", "processors", "latencies"] as const;
/** Somebody sums up, which takes microseconds: then it is read again. */
const maxTries = 16;
/** More than any machine has; a larger number is none of processors. */
const maxProcessors = 4096;
/** It has a handful, once it has begun. */
const maxOwnGoroutines = 1000;
/** Go 1.26 counts the runtime's own goroutines too. */
const firstWithAllGoroutines = 26;

export class GoRuntime {
  private readonly memory: ProcessMemory;
  private readonly program: GoRuntimeVariables;
  private readonly layout: RuntimeLayout;

  /** Throws the system's errors when the memory of `pid` cannot be read. */
  constructor(pid: number, program: GoRuntimeVariables) {
    this.memory = new ProcessMemory(pid, program.entry);
    this.program = program;
    this.layout = runtimeLayout(program.minor);
  }

  /** Undefined when the process has ended, or has not come so far that there is something. */
  read(): RuntimeState | undefined {
    const processors = this.processors();
    const sched = this.sched();
    const state = {
      heap: this.heap(),
      collector: this.collector(),
      goroutines:
        sched === undefined || processors === undefined ? undefined : this.goroutines(sched, processors),
      processors: processors?.count,
      latencies: sched === undefined ? undefined : this.latencies(sched),
    };
    return Object.values(state).every((part) => part === undefined) ? undefined : state;
  }

  /** Metrics that `state` lacks although their variables were found: what stands there is not what it should be. */
  lacking(state: RuntimeState | undefined): readonly string[] {
    return partNames.flatMap((part) => {
      const { metrics, found } = runtimeParts[part];
      const isOld = part === "latencies" && this.program.minor < firstWithLatencies;
      return isOld || state?.[part] !== undefined || !found(this.program) ? [] : metrics;
    });
  }

  close(): void {
    this.memory.close();
  }

  private heap(): HeapStatistics | undefined {
    const { memstats } = this.program;
    if (memstats === undefined) return undefined;
    for (let tries = 0; tries < maxTries; tries++) {
      const [first, second] = [0, 1].map(() => this.memory.variable(memstats, statisticsBytes(this.layout)));
      if (first === undefined || second === undefined) return undefined;
      const found = heapStatistics(first, second, this.layout);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private collector(): CollectorState | undefined {
    const { gcController, minor } = this.program;
    if (gcController === undefined) return undefined;
    for (let tries = 0; tries < maxTries; tries++) {
      const bytes = this.memory.variable(gcController, collectorBytes(this.layout));
      if (bytes === undefined) return undefined;
      const found = collectorState(bytes, this.layout, minor);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The variable that holds the scheduler's state, up to the end of what is read. */
  private sched(): Buffer | undefined {
    const { sched } = this.program;
    const size = this.layout["runtime.schedt.timeToRun"] + latenciesBytes;
    const bytes = sched === undefined ? undefined : this.memory.variable(sched, size);
    const own = bytes?.readInt32LE(this.layout["runtime.schedt.ngsys"]) ?? 0;
    return own > 0 && own < maxOwnGoroutines ? bytes : undefined;
  }

  private latencies(sched: Buffer): readonly bigint[] | undefined {
    if (this.program.minor < firstWithLatencies) return undefined;
    return latencyCounts(sched.subarray(this.layout["runtime.schedt.timeToRun"]));
  }

  /** As runtime.gcount counts. */
  private goroutines(sched: Buffer, processors: { readonly unused: number }): number | undefined {
    const { allgs, minor } = this.program;
    const length = allgs === undefined ? undefined : this.memory.variable(allgs + 8n, 8)?.readBigUInt64LE(0);
    if (length === undefined || length === 0n || length >= 1n << 32n) return undefined;
    let unused = processors.unused;
    for (const list of ["gFree.n", "gFree.stack.size", "gFree.noStack.size"] as const) {
      const at = this.layout[`runtime.schedt.${list}`];
      if (at !== undefined) unused += sched.readInt32LE(at);
    }
    const own = minor >= firstWithAllGoroutines ? 0 : sched.readInt32LE(this.layout["runtime.schedt.ngsys"]);
    return Math.max(1, Number(length) - unused - own);
  }

  /** How many there are and how many unused goroutines they keep. */
  private processors(): { readonly count: number; readonly unused: number } | undefined {
    for (const slice of this.program.allp) {
      const found = this.processorsIn(slice);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Undefined when the elements of the slice are not numbered as processors are. */
  private processorsIn(slice: bigint): { readonly count: number; readonly unused: number } | undefined {
    const head = this.memory.variable(slice, 16);
    const count = head?.readBigUInt64LE(8) ?? 0n;
    if (head === undefined || count === 0n || count > maxProcessors) return undefined;
    const pointers = this.memory.at(head.readBigUInt64LE(0), Number(count) * 8);
    if (pointers === undefined) return undefined;
    const unusedAt = this.layout["runtime.p.gFree.n"] ?? this.layout["runtime.p.gFree.size"] ?? 0;
    let unused = 0;
    for (let index = 0; index < count; index++) {
      const processor = this.memory.at(pointers.readBigUInt64LE(index * 8), unusedAt + 4);
      if (processor?.readInt32LE(this.layout["runtime.p.id"]) !== index) return undefined;
      unused += processor.readInt32LE(unusedAt);
    }
    return { count: Number(count), unused };
  }
}
