/**
 * What tracing by eBPF costs a Go service: CPU time of its process a request and times of the answers, untraced and under `otelier run` in turns,
 * for a light request and for one with some work, each at a steady rate; how often the kernel stops it for a request; what the tracer's own process takes. Needs Go, and what `otelier ebpf doctor` asks for.
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { executableOf, processTree } from "../src/instrument/ebpf/process-tree.ts";
import { OtlpSink } from "../test/fakes/otlp-sink.ts";
import type { Figure, Subject } from "./figure.ts";
import { runSecondsOf } from "./processes.ts";
import { quantile, steadyLoad } from "./steady-load.ts";

const root = join(import.meta.dirname, "..");
const main = join(root, "dist/main.js");
/** Short ones, so that what else the machine does falls on both of a pair alike. */
const rounds = 30;
/** Of the light request, OTELIER_BENCH_RATE says how many a second; two cores carry the service, the load and the tracer. */
const lightRate = Number(process.env["OTELIER_BENCH_RATE"] ?? 5000);
const connections = 16;
const requests = { warmUp: 4000, counted: 2000 } as const;

interface Work {
  readonly name: string;
  readonly requestsPerSecond: number;
  /** Of one round. */
  readonly requests: number;
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
  {
    name: "20 products",
    requestsPerSecond: lightRate,
    requests: 2000,
    start: "GET /products/kettle",
    body: "",
  },
  {
    // As much work as two cores bear at this rate beside the load, the tracer and the receiver.
    name: "offers of 250 products",
    requestsPerSecond: lightRate,
    requests: 2000,
    start: "POST /offers?of=250",
    body: basket,
  },
  {
    name: "offers for a basket",
    requestsPerSecond: Math.min(lightRate, 2000),
    requests: 1000,
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
}

/** Of one server and one work, a round each. */
class Measured {
  readonly microseconds: number[] = [];
  readonly medians: number[] = [];
  readonly slowest: number[] = [];
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
  return { name, child, ended, port, pid };
}

async function measure(untraced: Server, traced: Server, sink: OtlpSink): Promise<readonly Figure[]> {
  const tracer = processTree(traced.child.pid ?? 0).find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, "latin1").includes("tracer-main"),
  );
  if (tracer === undefined) throw new Error("there is no tracer");
  const figures: Figure[] = [];
  let wanted = 0;
  // To decode spans here and now would delay the answers that are measured here.
  sink.hold();
  for (const work of works) {
    for (const { port } of [untraced, traced]) await load(work, port, requests.warmUp);
    const stops = await stopsPerRequest(tracer, traced.port, work);
    const [without, withIt] = [new Measured(), new Measured()];
    const tracerMicroseconds: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const pair = [
        [untraced, without],
        [traced, withIt],
      ] as const;
      // The first of a pair finds other caches than the second.
      for (const [server, measured] of round % 2 === 0 ? pair : pair.toReversed()) {
        const before = [runSecondsOf(server.pid), runSecondsOf(tracer)] as const;
        const times = await load(work, server.port, work.requests);
        measured.microseconds.push(((runSecondsOf(server.pid) - before[0]) / work.requests) * 1e6);
        measured.medians.push(quantile(times, 0.5));
        measured.slowest.push(quantile(times, 0.99));
        if (server !== traced) continue;
        // The last of its spans are sent 250 ms later.
        await new Promise((resolve) => setTimeout(resolve, 300));
        tracerMicroseconds.push(((runSecondsOf(tracer) - before[1]) / work.requests) * 1e6);
      }
    }
    wanted += requests.warmUp + requests.counted + rounds * work.requests;
    const more = withIt.microseconds.map((value, round) => value - without.microseconds[round]!);
    const percent = more.map((value, round) => (value / without.microseconds[round]!) * 100);
    // Of what all cores can do.
    const share = (each: readonly number[]): readonly number[] =>
      each.map((value, round) => {
        const whole = value + tracerMicroseconds[round]!;
        return (whole * work.requestsPerSecond) / 1e4 / availableParallelism();
      });
    figures.push(
      ...[["untraced", without] as const, ["traced", withIt] as const].flatMap(([name, measured]) => [
        { name: `${work.name}, ${name}, CPU a request`, unit: "µs", ...spread(measured.microseconds) },
        { name: `${work.name}, ${name}, median`, unit: "ms", ...spread(measured.medians) },
        { name: `${work.name}, ${name}, p99`, unit: "ms", ...spread(measured.slowest) },
      ]),
      { name: `${work.name}, more CPU a request, round by round`, unit: "µs", ...paired(more) },
      { name: `${work.name}, more CPU, round by round`, unit: "%", ...paired(percent) },
      {
        name: `${work.name}, service and tracer, of all cores`,
        unit: "%",
        ...paired(share(more)),
      },
      { name: `${work.name}, stops by the kernel a request`, value: stops, unit: "stops" },
      {
        name: `${work.name}, tracer's own process, CPU a request`,
        unit: "µs",
        ...spread(tracerMicroseconds),
      },
    );
  }
  sink.release();
  await allSpans(sink, wanted);
  await allCounted(sink, wanted);
  return figures;
}

/** What a proxy in front of the service would send. */
function load(work: Work, port: number, count: number): Promise<Float64Array> {
  const { requestsPerSecond, start, body } = work;
  const length = body === "" ? "" : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
  const request = (index: number): string => {
    const id = (index + 1).toString(16).padStart(16, "0");
    return `${start} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: bench\r\nAccept: application/json\r\nAccept-Encoding: identity\r\n${length}Traceparent: 00-4bf92f3577b34da6${id}-${id}-01\r\n\r\n${body}`;
  };
  return steadyLoad({ connections, requestsPerSecond, port, requests: count, request });
}

/** By the kernel's count of how often the tracer's programs ran. Counting costs time, so that nothing else is measured then. */
async function stopsPerRequest(tracer: number, port: number, work: Work): Promise<number> {
  const before = readFileSync(statistics, "utf8");
  writeFileSync(statistics, "1");
  try {
    const first = programRuns(tracer);
    await load(work, port, requests.counted);
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

/** The median of differences within pairs, and by the ranks of the others where it may lie. */
function paired(values: readonly number[]): Omit<Figure, "name" | "unit"> {
  const sorted = values.toSorted((left, right) => left - right);
  const rank = Math.max(0, Math.floor(sorted.length / 2 - 0.98 * Math.sqrt(sorted.length)));
  return { ...spread(values), interval: [sorted[rank] ?? 0, sorted.at(-1 - rank) ?? 0] };
}

function spread(values: readonly number[]): { value: number; min: number; max: number } {
  const sorted = values.toSorted((left, right) => left - right);
  return { value: sorted[sorted.length >> 1] ?? 0, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 };
}
