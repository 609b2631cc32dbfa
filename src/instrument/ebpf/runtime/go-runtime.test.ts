import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { withoutGo } from "../../../../test/fakes/go-toolchains.ts";
import { readGoBinary } from "../go/binary.ts";
import { GoRuntime, type RuntimeState } from "./go-runtime.ts";
import { latencyBounds } from "./schedule-latencies.ts";

const lacking = withoutGo("metrics of Go's runtime");
const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-go-runtime-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const stripped = ["-ldflags=-s -w"];
const builds: readonly (readonly [string, readonly string[]])[] = [
  ["plain", []],
  ["stripped", stripped],
  ["position-independent", ["-buildmode=pie"]],
  ["position-independent and stripped", ["-buildmode=pie", ...stripped]],
];
const fileOf = (name: string): string => path.join(folder, name.replaceAll(" ", "-"));

/** The program of testdata/, and what it says of itself. */
class Own {
  readonly pid: number;
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(name: string, environment: Readonly<Record<string, string>>) {
    this.child = spawn(fileOf(name), {
      env: { GOMAXPROCS: "3", ...environment },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.pid = this.child.pid!;
    this.lines = createInterface(this.child.stdout!)[Symbol.asyncIterator]();
  }

  /** What runtime/metrics says, by name. "w" works before, "b" works from now on. */
  async says(letter: "w" | "b" | "." = "."): Promise<ReadonlyMap<string, string>> {
    this.child.stdin!.write(letter);
    const said = new Map<string, string>();
    for (;;) {
      const { value } = (await this.lines.next()) as { readonly value: string | undefined };
      if (value === undefined) throw new Error("the program has ended");
      if (value === "end") return said;
      const space = value.indexOf(" ");
      said.set(value.slice(0, space), value.slice(space + 1));
    }
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await ended;
  }
}

const most = String(2n ** 63n - 1n);
const none = String(2n ** 64n - 1n);

/** What was read, in the words of runtime/metrics, and those of them that the program has said. */
function compared(
  state: RuntimeState | undefined,
  said: ReadonlyMap<string, string>,
): readonly { readonly name: string; readonly read: string; readonly said: string }[] {
  const { heap, collector, latencies } = state ?? {};
  const [total, released] = ["total", "heap/released"].map((kind) =>
    BigInt(said.get(`/memory/classes/${kind}:bytes`) ?? 0),
  );
  const [counts, bounds] = (said.get("/sched/latencies:seconds") ?? "").split(" ");
  // Go 1.19 counts them in other buckets.
  const isKnown = counts?.split(",").length === latencyBounds.length + 1;
  const all: readonly (readonly [string, unknown, string | undefined])[] = [
    ["used", heap && heap.stackBytes + heap.otherBytes, String(total! - released!)],
    ["stacks", heap?.stackBytes, said.get("/memory/classes/heap/stacks:bytes")],
    ["allocated", heap?.allocatedBytes, said.get("/gc/heap/allocs:bytes")],
    ["allocations", heap?.allocations, said.get("/gc/heap/allocs:objects")],
    ["goal", collector && (collector.goalBytes ?? none), said.get("/gc/heap/goal:bytes")],
    ["limit", collector && (collector.limitBytes ?? most), said.get("/gc/gomemlimit:bytes")],
    ["percent", collector && (collector.percent ?? none), said.get("/gc/gogc:percent")],
    ["goroutines", state?.goroutines, said.get("/sched/goroutines:goroutines")],
    ["processors", state?.processors, said.get("/sched/gomaxprocs:threads")],
    ["latencies", latencies?.join(), isKnown ? counts : undefined],
    ["bounds", latencies && latencyBounds.join(), isKnown ? numbers(bounds).slice(1, -1).join() : undefined],
  ];
  return all.flatMap(([name, read, theirs]) =>
    theirs === undefined ? [] : [{ name, read: String(read), said: theirs }],
  );
}

function numbers(text = ""): readonly number[] {
  return text.split(",").map((number) => Number(number.replace("Inf", "Infinity")));
}

describe.skipIf(lacking !== undefined)("the memory of a Go program", () => {
  let own: Own | undefined;

  beforeAll(() => {
    const cwd = path.join(import.meta.dirname, "testdata/program");
    for (const [name, flags] of builds)
      execFileSync("go", ["build", ...flags, "-o", fileOf(name), "."], { cwd });
  }, 180_000);
  afterEach(() => own?.end());

  function start(name: string, environment: Readonly<Record<string, string>> = {}): GoRuntime {
    own = new Own(name, environment);
    const { runtime, notes } = readGoBinary(fileOf(name));
    expect(notes).toEqual([]);
    return new GoRuntime(own.pid, runtime!);
  }

  /** Polls until what is read is what the program says: what goes on after it has worked is over then. */
  async function agree(runtime: GoRuntime): Promise<ReadonlyMap<string, string>> {
    let said: ReadonlyMap<string, string> = new Map();
    await expect
      .poll(async () => {
        said = await own!.says();
        return compared(runtime.read(), said).filter(({ read, said: theirs }) => read !== theirs);
      })
      .toEqual([]);
    expect(compared(runtime.read(), said).length).toBeGreaterThan(6);
    return said;
  }

  test.each(builds.map(([name]) => name))("says what runtime/metrics says, %s", async (name) => {
    const runtime = start(name);
    await agree(runtime);
    for (let times = 0; times < 2; times++) {
      await own!.says("w");
      await agree(runtime);
    }
    await own!.end();
    expect(runtime.read()).toBeUndefined();
    runtime.close();
  });

  test.each([
    ["no goal", { GOGC: "off" }],
    ["a limit far away", { GOMEMLIMIT: "1GiB", GOGC: "50" }],
    ["a limit that sets the goal", { GOMEMLIMIT: "16MiB", GOGC: "off" }],
    ["a limit that is too low", { GOMEMLIMIT: "1MiB" }],
  ])("computes the goal of the collector as the runtime does, with %s", async (_, environment) => {
    const runtime = start("stripped", environment);
    await agree(runtime);
    await own!.says("w");
    const said = await agree(runtime);
    expect(compared(runtime.read(), said).map(({ name }) => name)).toContain("goal");
    runtime.close();
  });

  test("of a program that is at work, counters lie between what it said before and after, and never go back", async () => {
    const runtime = start("stripped");
    const counters = async (): Promise<readonly [bigint, bigint]> => {
      const said = await own!.says();
      return [BigInt(said.get("/gc/heap/allocs:bytes")!), BigInt(said.get("/gc/heap/allocs:objects")!)];
    };
    await own!.says("b");
    const before = await counters();
    const read: (readonly [bigint, bigint])[] = [];
    await expect
      .poll(() => {
        for (let tries = 0; tries < 500; tries++) {
          const heap = runtime.read()?.heap;
          if (heap !== undefined) read.push([heap.allocatedBytes, heap.allocations]);
        }
        return read.length;
      })
      .toBeGreaterThan(1000);
    const after = await counters();
    for (const index of [0, 1] as const) {
      const all = [before[index], ...read.map((pair) => pair[index]), after[index]];
      expect(all.filter((value, at) => at > 0 && value < all[at - 1]!)).toEqual([]);
    }
    runtime.close();
  });
});
