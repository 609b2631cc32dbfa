/**
 * What tracing by eBPF costs a Go service: CPU time of its process a request and times of the answers, untraced and under `otelier run` in turns,
 * for a light request and for one with some work, each at a steady rate; how often the kernel stops it for a request; what the tracer's own process takes. Needs Go, and what `otelier ebpf doctor` asks for.
 */
import { execFileSync, fork, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { executableOf, processTree } from "../src/instrument/ebpf/process-tree.ts";
import type { Received } from "./ebpf-sink.ts";
import type { Figure, Subject } from "./figure.ts";
import { runSecondsOf } from "./processes.ts";
import { quantile, SteadyLoad } from "./steady-load.ts";
import { trimmedMean } from "./trimmed-mean.ts";

const root = join(import.meta.dirname, "..");
const main = join(root, "dist/main.js");
/** Of each work: untraced, traced, traced, untraced, or the other way round, so that what changes slowly falls on both alike. */
const blocks = 150;
/** So short that what else the machine does falls on all of a block alike. */
const sliceSeconds = 0.1;
/** Of the light request, OTELIER_BENCH_RATE says how many a second; two cores carry the service, the load and the tracer. */
const lightRate = Number(process.env["OTELIER_BENCH_RATE"] ?? 5000);
const connections = 16;
const [warmUpSeconds, countedSeconds] = [0.8, 0.4];
/** The service has a core of its own, and is started there, so that Go knows; all else shares the other one. */
const [ownCore, otherCore] = ["1", "0"];

interface Work {
  readonly name: string;
  readonly requestsPerSecond: number;
  readonly start: string;
  readonly body: string;
}

const basket = JSON.stringify({
  customer: "c-4711",
  wanted: ["steel", "glass"],
  lines: Array.from({ length: 12 }, (_, index) => ({
    sku: `kettle-${String(index * 21).padStart(3, "0")}`,
    quantity: 1 + (index % 4),
  })),
});

const works: readonly Work[] = [
  { name: "20 products", requestsPerSecond: lightRate, start: "GET /products/kettle", body: "" },
  {
    // As much work as one core bears at this rate.
    name: "offers of 250 products",
    requestsPerSecond: lightRate,
    start: "POST /offers?of=250",
    body: basket,
  },
  {
    name: "offers for a basket",
    requestsPerSecond: Math.min(lightRate, 2000),
    start: "POST /offers",
    body: basket,
  },
];
const statistics = "/proc/sys/kernel/bpf_stats_enabled";

export const ebpf: Subject = {
  about: `a Go service, ${works.map(({ name, requestsPerSecond }) => `${name} at ${requestsPerSecond}/s`).join(", ")} on ${connections} connections, untraced and traced by eBPF`,
  run: async () => {
    execFileSync(process.execPath, [join(root, "scripts/build.mjs")], { stdio: ["ignore", 2, 2] });
    const reason = refusal();
    if (reason !== undefined) {
      console.error(`  nothing measured: ${reason}`);
      return [];
    }
    const folder = mkdtempSync(join(tmpdir(), "otelier-bench-"));
    const sink = fork(join(import.meta.dirname, "ebpf-sink.ts"), { execArgv: ["--import", "tsx"] });
    const servers: Server[] = [];
    try {
      const [sinkPort] = (await once(sink, "message")) as [number];
      const file = join(folder, "catalog");
      execFileSync("go", ["build", "-o", file, "."], { cwd: join(root, "bench/ebpf-server") });
      // A file of its own: the kernel stops every process that executes a watched one.
      const plain = join(folder, "plain");
      copyFileSync(file, plain);
      servers.push(await start("untraced", plain, []));
      const endpoint = `http://127.0.0.1:${sinkPort}`;
      const launcher = [process.execPath, main, "run", "--name", "catalog", "--endpoint", endpoint, "--"];
      servers.push(await start("traced", file, launcher));
      for (const pid of [process.pid, sink.pid!, tracerOf(servers[1]!)]) bind(pid);
      return await measure(servers[0]!, servers[1]!, sink);
    } finally {
      for (const { child, load } of servers) {
        load.close();
        child.kill("SIGTERM");
      }
      await Promise.all(servers.map(({ ended }) => ended));
      sink.disconnect();
      rmSync(folder, { recursive: true });
      for (const task of readdirSync("/proc/self/task"))
        execFileSync("taskset", ["-p", "-c", `0-${availableParallelism() - 1}`, task], { stdio: "ignore" });
    }
  },
};

/** Why there is nothing to measure here, for people. */
function refusal(): string | undefined {
  if (spawnSync("go", ["version"]).status !== 0) return "go is not installed";
  if (spawnSync("taskset", ["--version"]).status !== 0) return "taskset (util-linux) is not installed";
  if (availableParallelism() < 2) return "there is one core only";
  const doctor = spawnSync(process.execPath, [main, "ebpf", "doctor"], { encoding: "utf8" });
  return doctor.status === 0 ? undefined : doctor.stdout.trim();
}

/** All threads of a process to the core that is not the service's. */
function bind(pid: number): void {
  execFileSync("taskset", ["-a", "-p", "-c", otherCore, String(pid)], { stdio: "ignore" });
}

interface Server {
  readonly name: string;
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  readonly load: SteadyLoad;
  readonly port: number;
  /** The Go program itself. */
  readonly pid: number;
}

/** Of one server and one work, a slice each. */
class Measured {
  readonly microseconds: number[] = [];
  readonly medians: number[] = [];
  readonly slowest: number[] = [];
}

/** Starts the service `binary`, under `launcher` when given; resolves when it has said its port. */
async function start(name: string, binary: string, launcher: readonly string[]): Promise<Server> {
  const child = spawn("taskset", ["-c", ownCore, ...launcher, binary], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const port = await new Promise<number>((resolve, reject) => {
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      if (/^\d+\n/.test(text)) resolve(Number.parseInt(text, 10));
    });
    void ended.then(() => reject(new Error(`the ${name} service ended at once`)));
  });
  const pid = processTree(child.pid ?? 0).find((each) => executableOf(each) === binary);
  if (pid === undefined) throw new Error(`the ${name} service has no process`);
  return { name, child, ended, port, pid, load: await SteadyLoad.open(port, connections) };
}

function tracerOf({ child }: Server): number {
  const tracer = processTree(child.pid ?? 0).find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, "latin1").includes("tracer-main"),
  );
  if (tracer === undefined) throw new Error("there is no tracer");
  return tracer;
}

async function measure(untraced: Server, traced: Server, sink: ChildProcess): Promise<readonly Figure[]> {
  const tracer = tracerOf(traced);
  const figures: Figure[] = [];
  let wanted = 0;
  for (const work of works) {
    const count = Math.round(work.requestsPerSecond * sliceSeconds);
    const ask = (server: Server, times: number): Promise<Float64Array> =>
      server.load.run(requestsOf(work, server.port, Math.round(times * count)));
    const [warmUp, counted] = [warmUpSeconds / sliceSeconds, countedSeconds / sliceSeconds];
    for (const server of [untraced, traced]) await ask(server, warmUp);
    const stops = await stopsIn(tracer, () => ask(traced, counted));
    const [without, withIt] = [new Measured(), new Measured()];
    const take = async (server: Server, measured: Measured): Promise<number> => {
      // All that the tracer does shall fall on what it is done for. What it has not read yet the kernel keeps.
      process.kill(tracer, server === traced ? "SIGCONT" : "SIGSTOP");
      const before = runSecondsOf(server.pid);
      const times = await ask(server, 1);
      const microseconds = ((runSecondsOf(server.pid) - before) / count) * 1e6;
      measured.microseconds.push(microseconds);
      measured.medians.push(quantile(times, 0.5));
      measured.slowest.push(quantile(times, 0.99));
      return microseconds;
    };
    const tracerBefore = runSecondsOf(tracer);
    const [more, percent]: [number[], number[]] = [[], []];
    for (let block = 0; block < blocks; block++) {
      const spent = { untraced: 0, traced: 0 };
      for (const inner of [false, true, true, false]) {
        // Odd blocks begin with the traced one.
        if (inner === (block % 2 === 0)) spent.traced += await take(traced, withIt);
        else spent.untraced += await take(untraced, without);
      }
      more.push((spent.traced - spent.untraced) / 2);
      percent.push((spent.traced / spent.untraced - 1) * 100);
    }
    process.kill(tracer, "SIGCONT");
    // The last of its spans are sent this much later.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const tracerMicroseconds = ((runSecondsOf(tracer) - tracerBefore) / (2 * blocks * count)) * 1e6;
    wanted += Math.round(warmUp * count) + Math.round(counted * count) + 2 * blocks * count;
    const difference = trimmedMean(more);
    figures.push(
      ...[["untraced", without] as const, ["traced", withIt] as const].flatMap(([name, measured]) => [
        { name: `${work.name}, ${name}, CPU a request`, unit: "µs", ...spread(measured.microseconds) },
        { name: `${work.name}, ${name}, median`, unit: "ms", ...spread(measured.medians) },
        { name: `${work.name}, ${name}, p99`, unit: "ms", ...spread(measured.slowest) },
      ]),
      { name: `${work.name}, more CPU a request, in turns`, unit: "µs", ...difference },
      { name: `${work.name}, more CPU, in turns`, unit: "%", ...trimmedMean(percent) },
      {
        name: `${work.name}, service and tracer, of all cores`,
        unit: "%",
        value:
          ((difference.value + tracerMicroseconds) * work.requestsPerSecond) / 1e4 / availableParallelism(),
      },
      {
        name: `${work.name}, stops by the kernel a request`,
        value: stops / (counted * count),
        unit: "stops",
      },
      { name: `${work.name}, tracer's own process, CPU a request`, value: tracerMicroseconds, unit: "µs" },
    );
  }
  await allReceived(sink, wanted);
  return figures;
}

/** What a proxy in front of the service would send. */
function requestsOf(work: Work, port: number, count: number): Parameters<SteadyLoad["run"]>[0] {
  const { requestsPerSecond, start: first, body } = work;
  const length = body === "" ? "" : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
  const request = (index: number): string => {
    const id = (index + 1).toString(16).padStart(16, "0");
    return `${first} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: bench\r\nAccept: application/json\r\nAccept-Encoding: identity\r\n${length}Traceparent: 00-4bf92f3577b34da6${id}-${id}-01\r\n\r\n${body}`;
  };
  return { perSecond: requestsPerSecond, count, request };
}

/** By the kernel's count of how often the tracer's programs at probes ran meanwhile. Counting costs time, so that nothing else is measured then. */
async function stopsIn(tracer: number, work: () => Promise<unknown>): Promise<number> {
  const before = readFileSync(statistics, "utf8");
  writeFileSync(statistics, "1");
  try {
    const first = programRuns(tracer);
    await work();
    return programRuns(tracer) - first;
  } finally {
    writeFileSync(statistics, before);
  }
}

function programRuns(tracer: number): number {
  let runs = 0;
  for (const descriptor of readdirSync(`/proc/${tracer}/fdinfo`)) {
    const text = readFileSync(`/proc/${tracer}/fdinfo/${descriptor}`, "utf8");
    // BPF_PROG_TYPE_KPROBE; at tracepoints nothing stops.
    if (!/^prog_type:\s*2$/m.test(text)) continue;
    runs += Number(/^run_cnt:\s*(\d+)$/m.exec(text)?.[1] ?? 0);
  }
  return runs;
}

/** A figure counts only when every request became a span below its caller, and is in the service's own count, which comes every 5 s. */
async function allReceived(sink: ChildProcess, wanted: number): Promise<void> {
  let received: Received = { spans: 0, belowCaller: 0, counted: 0 };
  for (let tries = 0; received.belowCaller !== wanted || received.counted !== wanted; tries++) {
    if (tries === 15) throw new Error(`of ${wanted} requests came ${JSON.stringify(received)}`);
    if (tries > 0) await new Promise((resolve) => setTimeout(resolve, 1000));
    sink.send("count");
    [received] = (await once(sink, "message")) as [Received];
  }
}

function spread(values: readonly number[]): { value: number; min: number; max: number } {
  const sorted = values.toSorted((left, right) => left - right);
  return { value: sorted[sorted.length >> 1] ?? 0, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 };
}
