/**
 * What tracing by eBPF costs a Go service: CPU time of its process a request and times of the answers, untraced and under `otelier run` in turns,
 * at one steady rate; how often the kernel stops it for a request; what the tracer's own process takes. Needs Go, and what `otelier ebpf doctor` asks for.
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executableOf, processTree } from "../src/instrument/ebpf/process-tree.ts";
import { OtlpSink } from "../test/fakes/otlp-sink.ts";
import type { Figure, Subject } from "./figure.ts";
import { cpuSecondsOf } from "./processes.ts";
import { quantile, steadyLoad } from "./steady-load.ts";

const root = join(import.meta.dirname, "..");
const main = join(root, "dist/main.js");
const rounds = 5;
const requests = { warmUp: 4000, counted: 2000, measured: 8000 } as const;
/** OTELIER_BENCH_RATE says how many requests a second. */
const rate = { connections: 16, requestsPerSecond: Number(process.env["OTELIER_BENCH_RATE"] ?? 2000) };
const statistics = "/proc/sys/kernel/bpf_stats_enabled";

export const ebpf: Subject = {
  about: `a Go service, ${rate.requestsPerSecond} requests/s on 16 connections, untraced and traced by eBPF`,
  run: async () => {
    execFileSync(process.execPath, [join(root, "scripts/build.mjs")], { stdio: ["ignore", 2, 2] });
    const reason = refusal();
    if (reason !== undefined) {
      console.error(`  nothing measured: ${reason}`);
      return [];
    }
    const folder = mkdtempSync(join(tmpdir(), "otelier-bench-"));
    const sink = new OtlpSink();
    await sink.listen();
    const servers: Server[] = [];
    try {
      const file = join(folder, "catalog");
      execFileSync("go", ["build", "-o", file, "."], { cwd: join(root, "bench/ebpf-server") });
      // A file of its own: the kernel stops every process that executes a watched one.
      const plain = join(folder, "plain");
      copyFileSync(file, plain);
      const untraced = await start("untraced", plain, []);
      servers.push(untraced);
      const launcher = [
        process.execPath,
        main,
        "run",
        "--name",
        "catalog",
        "--endpoint",
        sink.endpoint,
        "--",
      ];
      const traced = await start("traced", file, launcher);
      servers.push(traced);
      return await measure(untraced, traced, sink);
    } finally {
      for (const { child } of servers) child.kill("SIGTERM");
      await Promise.all(servers.map(({ ended }) => ended));
      await sink.close();
      rmSync(folder, { recursive: true });
    }
  },
};

/** Why there is nothing to measure here, for people. */
function refusal(): string | undefined {
  if (spawnSync("go", ["version"]).status !== 0) return "go is not installed";
  const doctor = spawnSync(process.execPath, [main, "ebpf", "doctor"], { encoding: "utf8" });
  return doctor.status === 0 ? undefined : doctor.stdout.trim();
}

interface Server {
  readonly name: string;
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  readonly port: number;
  /** The Go program itself. */
  readonly pid: number;
  readonly microseconds: number[];
  readonly medians: number[];
  readonly slowest: number[];
}

/** Starts the service `binary`, under `launcher` when given; resolves when it has said its port. */
async function start(name: string, binary: string, launcher: readonly string[]): Promise<Server> {
  const [file, ...args] = [...launcher, binary];
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
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
  return { name, child, ended, port, pid, microseconds: [], medians: [], slowest: [] };
}

async function measure(untraced: Server, traced: Server, sink: OtlpSink): Promise<readonly Figure[]> {
  const tracer = processTree(traced.child.pid ?? 0).find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, "latin1").includes("tracer-main"),
  );
  if (tracer === undefined) throw new Error("there is no tracer");
  for (const { port } of [untraced, traced]) await load(port, requests.warmUp);
  const stops = await stopsPerRequest(tracer, traced.port);
  let tracerSeconds = 0;
  for (let round = 0; round < rounds; round++) {
    for (const server of [untraced, traced]) {
      const before = [cpuSecondsOf(server.pid), cpuSecondsOf(tracer)] as const;
      const times = await load(server.port, requests.measured);
      server.microseconds.push(((cpuSecondsOf(server.pid) - before[0]) / requests.measured) * 1e6);
      server.medians.push(quantile(times, 0.5));
      server.slowest.push(quantile(times, 0.99));
      if (server === traced) tracerSeconds += cpuSecondsOf(tracer) - before[1];
    }
  }
  const wanted = requests.warmUp + requests.counted + rounds * requests.measured;
  await allSpans(sink, wanted);
  await allCounted(sink, wanted);
  return [
    ...[untraced, traced].flatMap(({ name, microseconds, medians, slowest }) => [
      { name: `${name}, CPU a request`, unit: "µs", ...spread(microseconds) },
      { name: `${name}, answers, median`, unit: "ms", ...spread(medians) },
      { name: `${name}, answers, p99`, unit: "ms", ...spread(slowest) },
    ]),
    { name: "stops by the kernel a request", value: stops, unit: "stops" },
    {
      name: "tracer's own process, CPU a request",
      value: (tracerSeconds / rounds / requests.measured) * 1e6,
      unit: "µs",
    },
  ];
}

/** What a proxy in front of the service would send. */
function load(port: number, count: number): Promise<Float64Array> {
  const request = (index: number): string => {
    const id = (index + 1).toString(16).padStart(16, "0");
    return `GET /products/kettle HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: bench\r\nAccept: application/json\r\nAccept-Encoding: identity\r\nTraceparent: 00-4bf92f3577b34da6${id}-${id}-01\r\n\r\n`;
  };
  return steadyLoad({ ...rate, port, requests: count, request });
}

/** By the kernel's count of how often the tracer's programs ran. Counting costs time, so that nothing else is measured then. */
async function stopsPerRequest(tracer: number, port: number): Promise<number> {
  const before = readFileSync(statistics, "utf8");
  writeFileSync(statistics, "1");
  try {
    const first = programRuns(tracer);
    await load(port, requests.counted);
    return (programRuns(tracer) - first) / requests.counted;
  } finally {
    writeFileSync(statistics, before);
  }
}

function programRuns(tracer: number): number {
  let runs = 0;
  for (const descriptor of readdirSync(`/proc/${tracer}/fdinfo`)) {
    const text = readFileSync(`/proc/${tracer}/fdinfo/${descriptor}`, "utf8");
    runs += Number(/^run_cnt:\s*(\d+)$/m.exec(text)?.[1] ?? 0);
  }
  return runs;
}

/** A figure counts only when every request became a span below its caller. */
async function allSpans(sink: OtlpSink, wanted: number): Promise<void> {
  for (let seen = -1; sink.spans.length < wanted && sink.spans.length > seen;) {
    seen = sink.spans.length;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  const right = sink.spans.filter(
    ({ traceId, parentSpanId }) => traceId.endsWith(parentSpanId) && parentSpanId !== "",
  );
  if (right.length !== wanted)
    throw new Error(`${right.length} of ${wanted} requests became spans below their caller`);
}

/** The service's own count of requests must be that of the load. */
async function allCounted(sink: OtlpSink, wanted: number): Promise<void> {
  const counted = (): number => {
    const latest = sink.metrics.findLast(({ name }) => name === "http.server.request.duration");
    return (latest?.histograms ?? []).reduce((sum, { count }) => sum + count, 0);
  };
  // Metrics come every 5 s.
  for (let tries = 0; counted() !== wanted && tries < 10; tries++)
    await new Promise((resolve) => setTimeout(resolve, 1000));
  if (counted() !== wanted) throw new Error(`the metric counted ${counted()} of ${wanted} requests`);
}

function spread(values: readonly number[]): { value: number; min: number; max: number } {
  const sorted = values.toSorted((left, right) => left - right);
  return { value: sorted[sorted.length >> 1] ?? 0, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 };
}
