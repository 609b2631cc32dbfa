/**
 * Where Go's runtime keeps what it counts: by the symbols of the program, else by what functions of the runtime work on. Addresses are those
 * before relocation. A variable that is not found for certain is left out.
 */
import { addressesOf, fileOffset, type Elf } from "../elf/elf.ts";
import type { GoFunction } from "./function-table.ts";
import { dataUses, type DataUses } from "./data-uses.ts";
import { runtimeLayout } from "./runtime-layout.ts";

export interface RuntimeVariables {
  readonly memstats: bigint | undefined;
  readonly gcController: bigint | undefined;
  readonly sched: bigint | undefined;
  /** The slice of all goroutines there ever were at once. */
  readonly allgs: bigint | undefined;
  /** The slice of processors, the likeliest first: only the one whose elements are numbered in their order is it. */
  readonly allp: readonly bigint[];
}

/** What is measured, and by which variables. */
export const runtimeParts: Readonly<
  Record<
    "heap" | "collector" | "goroutines" | "processors" | "latencies",
    { readonly metrics: readonly string[]; readonly found: (variables: RuntimeVariables) => boolean }
  >
> = {
  heap: {
    metrics: ["go.memory.used", "go.memory.allocated", "go.memory.allocations"],
    found: ({ memstats }) => memstats !== undefined,
  },
  collector: {
    metrics: ["go.memory.limit", "go.memory.gc.goal", "go.config.gogc"],
    found: ({ gcController }) => gcController !== undefined,
  },
  goroutines: {
    metrics: ["go.goroutine.count"],
    found: ({ sched, allgs, allp }) => sched !== undefined && allgs !== undefined && allp.length > 0,
  },
  processors: { metrics: ["go.processor.limit"], found: ({ allp }) => allp.length > 0 },
  latencies: { metrics: ["go.schedule.duration"], found: ({ sched }) => sched !== undefined },
};

const [newproc1, gfget] = ["runtime.newproc1", "runtime.gfget"];
const [allgadd, procresize] = ["runtime.allgadd", "runtime.procresize"];

/** Methods that only ever work on one variable, and functions that call them. */
const methods: Readonly<
  Record<"memstats" | "gcController", { readonly of: readonly string[]; readonly in: readonly string[] }>
> = {
  memstats: {
    of: ["runtime.(*consistentHeapStats).acquire"],
    in: [
      "runtime.(*mcache).refill",
      "runtime.(*mcache).allocLarge",
      "runtime.(*mcache).releaseAll",
      "runtime.(*mheap).allocSpan",
      "runtime.(*mheap).grow",
      "runtime.(*mheap).freeSpanLocked",
      "runtime.(*sweepLocked).sweep",
    ],
  },
  gcController: {
    of: [
      "init",
      "commit",
      "revise",
      "trigger",
      "update",
      "resetLive",
      "addIdleMarkWorker",
      "removeIdleMarkWorker",
    ].map((method) => `runtime.(*gcControllerState).${method}`),
    in: [
      "runtime.gcinit",
      "runtime.gcMark",
      "runtime.gcTrigger.test",
      "runtime.gcControllerCommit",
      "runtime.checkIdleGCNoP",
      "runtime.(*mcache).refill",
      "runtime.(*mcache).allocLarge",
    ],
  },
};

/** Functions by which variables are found. */
export const runtimeFunctions: readonly string[] = [
  newproc1,
  gfget,
  allgadd,
  procresize,
  ...Object.values(methods).flatMap(({ of, in: callers }) => [...of, ...callers]),
];

/** A slice's pointer, length and capacity. */
const sliceWords = [8, 16];

/** `functions` holds those of `runtimeFunctions` that the program has; `minor` is one that was tried (struct-offsets.ts). */
export function runtimeVariables(
  elf: Elf,
  machine: "x64" | "arm64",
  functions: ReadonlyMap<string, GoFunction>,
  minor: number,
): RuntimeVariables {
  const symbols = addressesOf(
    elf,
    ["memstats", "gcController", "sched", "allgs", "allp"].map((name) => `runtime.${name}`),
  );
  const bySymbol = (name: string): bigint | undefined => symbols.get(`runtime.${name}`);
  const code = new RuntimeCode(elf, machine, functions);
  const layout = runtimeLayout(minor);
  // A new goroutine takes what an ended one left, and is counted: at the beginning, and further on where it is the runtime's own.
  const inSched = {
    functions: [newproc1, gfget],
    words: [layout["runtime.schedt.ngsys"], layout["runtime.schedt.gFree.stack"]],
  };
  const allp = bySymbol("allp");
  return {
    memstats: bySymbol("memstats") ?? code.receiver(methods.memstats),
    gcController: bySymbol("gcController") ?? code.receiver(methods.gcController),
    sched: bySymbol("sched") ?? only(code.patterns(inSched.functions, inSched.words)),
    allgs: bySymbol("allgs") ?? only(code.patterns([allgadd], sliceWords)),
    allp: allp === undefined ? code.patterns([procresize], sliceWords) : [allp],
  };
}

function only(found: readonly bigint[]): bigint | undefined {
  return found.length === 1 ? found[0] : undefined;
}

/** What code of the runtime works on. */
class RuntimeCode {
  private readonly elf: Elf;
  private readonly machine: "x64" | "arm64";
  private readonly functions: ReadonlyMap<string, GoFunction>;

  constructor(elf: Elf, machine: "x64" | "arm64", functions: ReadonlyMap<string, GoFunction>) {
    this.elf = elf;
    this.machine = machine;
    this.functions = functions;
  }

  /** The variable whose address is the first argument of calls of the methods: undefined unless two calls and two thirds of all agree. */
  receiver(calls: { readonly of: readonly string[]; readonly in: readonly string[] }): bigint | undefined {
    const targets = new Set(calls.of.flatMap((name) => this.functions.get(name)?.address ?? []));
    const votes = new Map<bigint, number>();
    let all = 0;
    for (const name of calls.in) {
      let last: bigint | undefined;
      this.uses(name, {
        given: (address) => void (last = address),
        called: (target) => {
          if (last !== undefined && targets.has(target)) {
            votes.set(last, (votes.get(last) ?? 0) + 1);
            all++;
          }
          last = undefined;
        },
      });
    }
    const [variable, count] = [...votes].toSorted((left, right) => right[1] - left[1])[0] ?? [undefined, 0];
    return count >= 2 && count * 3 >= all * 2 ? variable : undefined;
  }

  /** Where words at all these distances are that functions work on, in the order of first use. */
  patterns(names: readonly string[], distances: readonly number[]): readonly bigint[] {
    const used = new Set<bigint>();
    for (const name of names) this.uses(name, { used: (address) => void used.add(address) });
    return [...used].filter((word) => distances.every((distance) => used.has(word + BigInt(distance))));
  }

  private uses(name: string, uses: DataUses): void {
    const found = this.functions.get(name);
    const offset = found === undefined ? undefined : fileOffset(this.elf, found.address);
    if (found === undefined || offset === undefined) return;
    dataUses(this.machine, this.elf.bytes(offset, found.size), found.address, uses);
  }
}
