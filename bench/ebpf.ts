/**
 * What tracing by eBPF costs a Go service: CPU time of its process a request and times of the answers, untraced and under `otelier run` in turns,
 * for a light request and for one with some work, each at a steady rate; how often the kernel stops it for a request; what the tracer's own process takes. Needs Go, and what `otelier ebpf doctor` asks for.
 */
import { execFileSync, fork, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { executableOf, processTree } from "../src/instrument/ebpf/process-tree.ts";
import type { Received } from "./ebpf-sink.ts";
import type { Figure, Subject } from "./figure.ts";
import { main, measureTracing } from "./measure-tracing.ts";
import { runSecondsOf } from "./processes.ts";
import { quantile, SteadyLoad } from "./steady-load.ts";
import { meanOfPairs, trimmedMean } from "./trimmed-mean.ts";

const root = join(import.meta.dirname, "..");
/**
 * Two processes of one program differ in speed by some per cent for as long as they live, by where their memory lies: so many of each are started one after
 * the other, and their differences vary as much as their mean is uncertain.
 */
const pairs = Number(process.env["OTELIER_BENCH_PAIRS"] ?? 10);
/** With "1" the traced service is not traced: what is then measured is the error of the measurement. */
const isControl = process.env["OTELIER_BENCH_CONTROL"] === "1";
/** Of each pair and work: untraced, traced, traced, untraced, or the other way round, so that what changes slowly falls on both alike. */
const blocks = 16;
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
  run: () => measureTracing(lacking, measureAll),
};

async function measureAll(folder: string): Promise<readonly Figure[]> {
  const built = join(folder, "built");
  const tallies = works.map(() => new Tally());
  try {
    execFileSync("go", ["build", "-o", built, "."], { cwd: join(root, "bench/ebpf-server") });
    for (let pair = 0; pair < pairs; pair++) {
      await measurePair(join(folder, String(pair)), built, tallies);
      console.error(`  ${pair + 1} of ${pairs} pairs of processes measured`);
    }
    return works.flatMap((work, index) => tallies[index]!.figures(work));
  } finally {
    for (const task of readdirSync("/proc/self/task"))
      execFileSync("taskset", ["-p", "-c", `0-${availableParallelism() - 1}`, task], { stdio: "ignore" });
  }
}

/** Measures all works with a new untraced and a new traced process, whose files are new copies of `built` in `folder`. */
async function measurePair(folder: string, built: string, tallies: readonly Tally[]): Promise<void> {
  mkdirSync(folder);
  // Files of their own: the kernel stops every process that executes a watched one.
  const [plain, watched] = [join(folder, "plain"), join(folder, "catalog")];
  for (const file of [plain, watched]) copyFileSync(built, file);
  const sink = fork(join(import.meta.dirname, "ebpf-sink.ts"), { execArgv: ["--import", "tsx"] });
  const servers: Server[] = [];
  try {
    const [sinkPort] = (await once(sink, "message")) as [number];
    const endpoint = `http://127.0.0.1:${sinkPort}`;
    const launcher = [process.execPath, main, "run", "--name", "catalog", "--endpoint", endpoint, "--"];
    servers.push(await start("untraced", plain, []));
    servers.push(await start("traced", watched, isControl ? [] : launcher));
    const tracer = isControl ? undefined : tracerOf(servers[1]!);
    for (const pid of [process.pid, sink.pid!, ...(tracer === undefined ? [] : [tracer])]) bind(pid);
    let wanted = 0;
    for (const [index, work] of works.entries())
      wanted += await measure(work, servers[0]!, servers[1]!, tracer, tallies[index]!);
    if (tracer !== undefined) await allReceived(sink, wanted);
  } finally {
    for (const { child, load } of servers) {
      load.close();
      child.kill("SIGTERM");
    }
    await Promise.all(servers.map(({ ended }) => ended));
    sink.disconnect();
  }
}

/** What is missing, for people. */
function lacking(): string | undefined {
  if (spawnSync("go", ["version"]).status !== 0) return "go is not installed";
  if (spawnSync("taskset", ["--version"]).status !== 0) return "taskset (util-linux) is not installed";
  return availableParallelism() < 2 ? "there is one core only" : undefined;
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

/** What is measured of one work. */
class Tally {
  readonly untraced = new Measured();
  readonly traced = new Measured();
  /** Of each pair of processes. */
  readonly more: number[] = [];
  readonly percent: number[] = [];
  readonly stops: number[] = [];
  readonly tracer: number[] = [];

  figures({ name, requestsPerSecond }: Work): readonly Figure[] {
    const [more, tracer] = [meanOfPairs(this.more), meanOfPairs(this.tracer)];
    const ofAll = ((more.value + tracer.value) * requestsPerSecond) / 1e4 / availableParallelism();
    return [
      ...[["untraced", this.untraced] as const, ["traced", this.traced] as const].flatMap(
        ([which, { microseconds, medians, slowest }]) => [
          { name: `${name}, ${which}, CPU a request`, unit: "µs", ...spread(microseconds) },
          { name: `${name}, ${which}, median`, unit: "ms", ...spread(medians) },
          { name: `${name}, ${which}, p99`, unit: "ms", ...spread(slowest) },
        ],
      ),
      { name: `${name}, more CPU a request, in turns`, unit: "µs", ...more },
      { name: `${name}, more CPU, in turns`, unit: "%", ...meanOfPairs(this.percent) },
      { name: `${name}, service and tracer, of all cores`, unit: "%", value: ofAll },
      {
        name: `${name}, stops by the kernel a request`,
        unit: "stops",
        value: meanOfPairs(this.stops).value,
      },
      { name: `${name}, tracer's own process, CPU a request`, unit: "µs", value: tracer.value },
    ];
  }
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

/** Returns how many requests the traced service got. `tracer` is missing when it is not traced. */
async function measure(
  work: Work,
  untraced: Server,
  traced: Server,
  tracer: number | undefined,
  tally: Tally,
): Promise<number> {
  const count = Math.round(work.requestsPerSecond * sliceSeconds);
  const ask = (server: Server, times: number): Promise<Float64Array> =>
    server.load.run(requestsOf(work, server.port, Math.round(times * count)));
  const [warmUp, counted] = [warmUpSeconds / sliceSeconds, countedSeconds / sliceSeconds];
  for (const server of [untraced, traced]) await ask(server, warmUp);
  const stops = tracer === undefined ? 0 : await stopsIn(tracer, () => ask(traced, counted));
  const take = async (server: Server, measured: Measured): Promise<number> => {
    // All that the tracer does shall fall on what it is done for. What it has not read yet the kernel keeps.
    if (tracer !== undefined) process.kill(tracer, server === traced ? "SIGCONT" : "SIGSTOP");
    const before = runSecondsOf(server.pid);
    const times = await ask(server, 1);
    const microseconds = ((runSecondsOf(server.pid) - before) / count) * 1e6;
    measured.microseconds.push(microseconds);
    measured.medians.push(quantile(times, 0.5));
    measured.slowest.push(quantile(times, 0.99));
    return microseconds;
  };
  const tracerBefore = tracer === undefined ? 0 : runSecondsOf(tracer);
  const [more, percent]: [number[], number[]] = [[], []];
  for (let block = 0; block < blocks; block++) {
    const spent = { untraced: 0, traced: 0 };
    for (const inner of [false, true, true, false]) {
      // Odd blocks begin with the traced one.
      if (inner === (block % 2 === 0)) spent.traced += await take(traced, tally.traced);
      else spent.untraced += await take(untraced, tally.untraced);
    }
    more.push((spent.traced - spent.untraced) / 2);
    percent.push((spent.traced / spent.untraced - 1) * 100);
  }
  tally.more.push(trimmedMean(more));
  tally.percent.push(trimmedMean(percent));
  tally.stops.push(stops / (counted * count));
  if (tracer !== undefined) {
    process.kill(tracer, "SIGCONT");
    // The last of its spans are sent this much later.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    tally.tracer.push(((runSecondsOf(tracer) - tracerBefore) / (2 * blocks * count)) * 1e6);
  }
  return (
    Math.round(warmUp * count) + (tracer === undefined ? 0 : Math.round(counted * count)) + 2 * blocks * count
  );
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
