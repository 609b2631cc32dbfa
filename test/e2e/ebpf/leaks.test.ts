import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
} from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import readline from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../until.ts";
import { startTracer, type TracerProcess } from "../../../src/instrument/ebpf/tracer-process.ts";
import { processTree } from "../../../src/instrument/ebpf/process-tree.ts";
import { OtlpSink } from "../../fakes/otlp-sink.ts";
import { withoutGo } from "../../fakes/go-toolchains.ts";
import { root, startRun } from "./go-run.ts";
import { tracingRefused } from "./tracing-refused.ts";

const refused =
  (await tracingRefused("what the tracer leaves behind")) ?? withoutGo("what the tracer leaves behind");
const [restarts, upgrades, connections] = [6, 2, 1000];

type Held = Readonly<Record<"others" | "programs" | "maps" | "probes" | "links" | "ofMany", number>>;

/** The descriptors of a process by kind: what it has in the kernel lives as long as they do. */
function heldBy(pid: number): Held {
  const held = { others: 0, programs: 0, maps: 0, probes: 0, links: 0, ofMany: 0 };
  for (const name of readdirSync(`/proc/${pid}/fd`)) {
    let text = "";
    try {
      text = readFileSync(`/proc/${pid}/fdinfo/${name}`, "utf8");
    } catch {
      continue; // closed in the meantime
    }
    // One link holds all instructions of one program; before Linux 6.6 each has an event of its own.
    if (/^link_type:/m.test(text)) held.links++;
    if (/^link_type:\s*uprobe_multi/m.test(text)) {
      held.probes++;
      held.ofMany++;
    } else if (/^prog_id:/m.test(text)) held.programs++;
    else if (/^map_id:/m.test(text)) held.maps++;
    else if (readTarget(pid, name).includes("[perf_event]")) held.probes++;
    else held.others++;
  }
  return held;
}

function readTarget(pid: number, name: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${name}`);
  } catch {
    return "";
  }
}

describe.skipIf(refused !== undefined)("the tracer", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-leaks-"));
  const binary = path.join(folder, "relay");
  const sink = new OtlpSink();
  let tracer: TracerProcess;
  let pid = 0;
  let traced = 0;

  beforeAll(async () => {
    execFileSync("go", ["build", "-o", binary, "."], { cwd: path.join(root, "test/fixtures/ebpf/go") });
    await sink.listen();
    const before = new Set(processTree(process.pid));
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint };
    const started = await startTracer({ environment, version: "1" }, (message) => {
      if (message.kind === "traced") traced++;
    });
    if ("refused" in started) throw new Error(started.refused);
    tracer = started;
    pid = processTree(process.pid).find(
      (each) => !before.has(each) && readFileSync(`/proc/${each}/cmdline`, "latin1").includes("tracer-main"),
    )!;
  });
  afterAll(async () => {
    await tracer.stop(4000);
    await sink.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts the program, sends it requests on new connections, and kills it. */
  async function life(requests: number): Promise<void> {
    const wanted = traced + 1;
    const child = spawn(binary, { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    const ended = once(child, "exit");
    tracer.trace(child.pid!);
    await until(() => traced >= wanted && /^http:\S+$/m.test(output));
    const url = /^http:\S+$/m.exec(output)![0];
    for (let sent = 0; sent < requests; sent += 20) {
      await Promise.all(Array.from({ length: 20 }, () => request(`${url}/status/204`)));
    }
    child.kill("SIGKILL");
    await ended;
  }

  test("watches one by one where the kernel has no link for many probes", async () => {
    const filter = path.join(root, "test/fixtures/ebpf/refused-command.mjs");
    const before = new Set(processTree(process.pid));
    const run = await startRun(folder, ["--name", "old-kernel", "--endpoint", sink.endpoint, "--", binary], {
      NODE_OPTIONS: `--import ${filter}`,
      REFUSED_BPF_COMMAND: "28",
    });
    try {
      // What comes before the tracer knows the process is nobody's.
      await until(() => run.report().includes("by eBPF"));
      await request(`${run.url}/status/204`);
      await expect.poll(() => sink.spans.filter(({ service }) => service === "old-kernel")).toHaveLength(1);
      const withProbes = processTree(process.pid).filter((each) => !before.has(each) && each !== pid);
      const held = withProbes.map((each) => heldBy(each)).filter(({ probes }) => probes > 0);
      expect(held.map(({ ofMany }) => ofMany)).toEqual([0]);
    } finally {
      await run.end();
      sink.clear();
    }
  });

  test("holds the same after restarts, upgrades and short connections, and lets go of files that are gone", async () => {
    await life(20);
    const first = heldBy(pid);
    expect(first.probes).toBeGreaterThan(10);
    for (let count = 0; count < restarts; count++) await life(20);
    // The same file: its probes stay.
    expectSame(heldBy(pid), first);
    await life(connections);
    expectSame(heldBy(pid), first);
    for (let count = 0; count < upgrades; count++) {
      copyFileSync(binary, `${binary}.new`);
      renameSync(`${binary}.new`, binary);
      await life(20);
    }
    expect(heldBy(pid).probes).toBeGreaterThan(first.probes);
    await expect.poll(() => heldBy(pid).probes, { timeout: 250_000, interval: 1000 }).toBe(0);
    expectSame(heldBy(pid), { ...first, probes: 0, ofMany: 0, links: first.links - first.probes });
    // And it worked all the while.
    await expect.poll(() => sink.spans.length).toBe(connections + (1 + restarts + upgrades) * 20);
  });
});

test.skipIf(refused !== undefined)(
  "attaches and detaches 100 times and holds nothing more than before",
  async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-often-"));
    const binary = path.join(folder, "relay");
    execFileSync("go", ["build", "-o", binary, "."], { cwd: path.join(root, "test/fixtures/ebpf/go") });
    // As many threads as there are programs: the kernel then lets go of them all at once.
    const environment = { ...process.env, UV_THREADPOOL_SIZE: "32" };
    const child = spawn(process.execPath, ["--input-type=module", "-e", attachOften, root, binary], {
      env: environment,
      stdio: ["pipe", "pipe", "inherit"],
    });
    const ended = once(child, "exit");
    const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    try {
      const held: Held[] = [];
      // Without probes, with them, and after each fifty times.
      for (let step = 0; step < 4; step++) {
        const { value } = await lines.next();
        expect(value).toBe(step === 1 ? "attached" : "detached");
        held.push(heldBy(child.pid!));
        child.stdin.write("on\n");
      }
      const [before, during, ...after] = held;
      expect(before!.probes).toBe(0);
      expect(before!.programs).toBeGreaterThan(20);
      expect(during!.probes).toBeGreaterThan(10);
      for (const each of after) expectSame(each, before!);
      expect(await ended).toEqual([0, null]);
    } finally {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

/** Says where it is and waits to be told to go on. */
const attachOften = `
  import { once } from "node:events";
  const [, root, binary] = process.argv;
  const { Tracer } = await import(root + "/dist/instrument/ebpf/tracer.js");
  const { readGoObjects } = await import(root + "/dist/instrument/ebpf/object-file.js");
  const step = async (text) => {
    console.log(text);
    await once(process.stdin, "data");
  };
  const tracer = new Tracer(readGoObjects(), true);
  const attach = () => {
    const { kind, reason } = tracer.watch(binary, "relay", 0);
    if (kind !== "watched") throw new Error(reason);
  };
  const detach = () => tracer.release(1e9);
  const often = async (times) => {
    for (let time = 0; time < times; time++) {
      attach();
      await detach();
    }
  };
  await step("detached");
  attach();
  await step("attached");
  await detach();
  await often(49);
  await step("detached");
  await often(50);
  await step("detached");
  process.exit(0);
`;

/** Connections to the receiver come and go. */
function expectSame(held: Held, wanted: Held): void {
  expect(held).toEqual({ ...wanted, others: held.others });
  expect(held.others).toBeLessThan(wanted.others + 10);
}

/** On a connection of its own. */
function request(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    http
      .get(url, { agent: false }, (response) => response.resume().once("end", resolve))
      .once("error", reject);
  });
}

test.skipIf(refused !== undefined)("what an ended process leaves open is free for others", async () => {
  const { LoadedObject } = await import("../../../src/instrument/ebpf/kernel/bpf.ts");
  const { readObject } = await import("../../../src/instrument/ebpf/object-file.ts");
  const { TracedProcesses } = await import("../../../src/instrument/ebpf/traced-processes.ts");
  const object = new LoadedObject(readObject("go"));
  try {
    const [processes, nearProcesses] = [object.map("processes"), object.map("near_processes")];
    const [nearCalls, nearOwners] = [object.map("near_calls"), object.map("near_owners")];
    const word = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
    for (const [place, pid] of [77, 78, 77].entries()) {
      nearOwners.set(word(place), Buffer.from(BigUint64Array.of(0xc000n, BigInt(pid)).buffer));
      nearCalls.set(word(place), Buffer.alloc(nearCalls.definition.valueSize, 1));
    }
    new TracedProcesses({ processes, nearProcesses, nearCalls, nearOwners }).remove(77);
    expect(nearOwners.keys()).toEqual([word(1)]);
    expect([0, 1, 2].map((place) => nearCalls.get(word(place))?.readUInt8(0))).toEqual([0, 1, 0]);
  } finally {
    object.close();
  }
});

test.skipIf(refused !== undefined)(
  "a place near at hand has a process as long as there is one whose place it is",
  async () => {
    const { LoadedObject } = await import("../../../src/instrument/ebpf/kernel/bpf.ts");
    const { readObject } = await import("../../../src/instrument/ebpf/object-file.ts");
    const { TracedProcesses } = await import("../../../src/instrument/ebpf/traced-processes.ts");
    const object = new LoadedObject(readObject("go"));
    try {
      const [all, near] = [object.map("processes"), object.map("near_processes")];
      const processes = new TracedProcesses({
        processes: all,
        nearProcesses: near,
        nearCalls: object.map("near_calls"),
        nearOwners: object.map("near_owners"),
      });
      const word = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
      const bytes = all.definition.valueSize;
      const atPlace = (): number => near.get(word(7))?.readUInt32LE(bytes) ?? 0;
      const traced = (): number[] =>
        all
          .keys()
          .map((key) => key.readUInt32LE(0))
          .toSorted((a, b) => a - b);
      for (const pid of [7, 263, 519]) processes.set(pid, Buffer.alloc(bytes, pid & 0xff));
      expect([...traced(), atPlace()]).toEqual([7, 263, 519, 7]);
      processes.remove(263);
      expect(atPlace()).toBe(7);
      processes.set(7, Buffer.alloc(bytes, 1));
      expect(near.get(word(7))?.[0]).toBe(1);
      processes.remove(7);
      expect(atPlace()).toBe(519);
      processes.remove(519);
      expect([traced().length, atPlace()]).toEqual([0, 0]);
    } finally {
      object.close();
    }
  },
);
