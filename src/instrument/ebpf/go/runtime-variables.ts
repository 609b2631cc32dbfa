/**
 * Where Go's runtime keeps what it counts: by the symbols of the program, else, on x86-64, by what functions of the runtime work on. Addresses are those
 * before relocation. A variable that is not found for certain is left out.
 */
import { addressesOf, fileOffset, type Elf } from "../elf/elf.ts";
import type { GoFunction } from "./function-table.ts";
import { goroutineCounter } from "./go-statements.ts";
import { distanceAt, instructionLength } from "./x64-length.ts";

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

const [newproc1, allgadd, procresize] = ["runtime.newproc1", "runtime.allgadd", "runtime.procresize"];

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
  allgadd,
  procresize,
  ...Object.values(methods).flatMap(({ of, in: callers }) => [...of, ...callers]),
];

/** `functions` holds those of `runtimeFunctions` that the program has. */
export function runtimeVariables(
  elf: Elf,
  machine: "x64" | "arm64",
  functions: ReadonlyMap<string, GoFunction>,
): RuntimeVariables {
  const symbols = addressesOf(
    elf,
    ["memstats", "gcController", "sched", "allgs", "allp"].map((name) => `runtime.${name}`),
  );
  const bySymbol = (name: string): bigint | undefined => symbols.get(`runtime.${name}`);
  const code = machine === "x64" ? new RuntimeCode(elf, functions) : undefined;
  const allp = bySymbol("allp");
  const only = (found: readonly bigint[] | undefined): bigint | undefined =>
    found?.length === 1 ? found[0] : undefined;
  return {
    memstats: bySymbol("memstats") ?? code?.receiver(methods.memstats),
    gcController: bySymbol("gcController") ?? code?.receiver(methods.gcController),
    sched: bySymbol("sched") ?? code?.counter(newproc1),
    allgs: bySymbol("allgs") ?? only(code?.slices(allgadd)),
    allp: allp === undefined ? (code?.slices(procresize) ?? []) : [allp],
  };
}

const leaAx = Buffer.from([0x48, 0x8d, 0x05]);
const callOpcode = 0xe8;

/** What x86-64 code of the runtime works on. */
class RuntimeCode {
  private readonly elf: Elf;
  private readonly functions: ReadonlyMap<string, GoFunction>;

  constructor(elf: Elf, functions: ReadonlyMap<string, GoFunction>) {
    this.elf = elf;
    this.functions = functions;
  }

  /** The variable whose address register AX, the first argument, is given before calls of the methods: undefined unless two calls and two thirds of all agree. */
  receiver(calls: { readonly of: readonly string[]; readonly in: readonly string[] }): bigint | undefined {
    const targets = new Set(calls.of.flatMap((name) => this.functions.get(name)?.address ?? []));
    const votes = new Map<bigint, number>();
    let all = 0;
    for (const name of calls.in) {
      let given: bigint | undefined;
      this.walk(name, (code, at, next, address) => {
        if (code.subarray(at, at + 3).equals(leaAx))
          given = address + BigInt(next + code.readInt32LE(at + 3));
        if (code[at] !== callOpcode) return;
        if (given !== undefined && targets.has(address + BigInt(next + code.readInt32LE(at + 1)))) {
          votes.set(given, (votes.get(given) ?? 0) + 1);
          all++;
        }
        given = undefined;
      });
    }
    const [variable, count] = [...votes].toSorted((left, right) => right[1] - left[1])[0] ?? [undefined, 0];
    return count >= 2 && count * 3 >= all * 2 ? variable : undefined;
  }

  /** Where three words are that a function works on and that stand one after the other, as a slice's pointer, length and capacity do; in the order of first use. */
  slices(name: string): readonly bigint[] {
    const used = new Set<bigint>();
    this.walk(name, (code, at, next, address) => {
      const distance = distanceAt(code, at);
      if (distance !== undefined) used.add(address + BigInt(next + code.readInt32LE(distance)));
    });
    return [...used].filter((word) => used.has(word + 8n) && used.has(word + 16n));
  }

  counter(name: string): bigint | undefined {
    const found = this.functions.get(name);
    const code = found === undefined ? undefined : this.codeOf(found);
    return code === undefined ? undefined : goroutineCounter(code, found!.address);
  }

  private walk(name: string, visit: (code: Buffer, at: number, next: number, address: bigint) => void): void {
    const found = this.functions.get(name);
    const code = found === undefined ? undefined : this.codeOf(found);
    if (found === undefined || code === undefined) return;
    for (let at = 0; at < code.length;) {
      const length = instructionLength(code, at);
      if (length === 0) return;
      visit(code, at, at + length, found.address);
      at += length;
    }
  }

  private codeOf({ address, size }: GoFunction): Buffer | undefined {
    const offset = fileOffset(this.elf, address);
    return offset === undefined ? undefined : this.elf.bytes(offset, size);
  }
}
