/**
 * A Collector as it is used most: OTLP/gRPC in, batched, OTLP/gRPC out, without and with gzip to the next hop. `otelier collector` and the Go
 * Collector get one configuration and one load; CPU time and memory are those of the whole process.
 */
import { execFileSync, fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { freePort } from "../test/fakes/free-port.ts";
import type { Figure, Subject } from "./figure.ts";
import type { LoadOrder, PeerMessage } from "./forward-peer.ts";
import { cpuSecondsOf, peakMemoryMiB } from "./processes.ts";

const root = join(import.meta.dirname, "..");
const runs = 3;
const spansPerRequest = 512;
const requests = { warmUp: 1500, measured: 3000 } as const;

export const forward: Subject = {
  about: "OTLP/gRPC -> batch -> OTLP/gRPC, 512 spans a request: CPU time and memory of the whole process",
  run: async () => {
    // Sources run through tsx are slower; people run the compiled program.
    execFileSync("npx", ["tsc", "-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
    const programs = [
      { name: "otelier", command: [process.execPath, join(root, "dist/main.js"), "collector"] },
    ];
    const collector = goCollector();
    if (collector !== undefined) programs.push({ name: "Go Collector", command: [collector] });
    const peer = fork(join(import.meta.dirname, "forward-peer.ts"), { execArgv: ["--import", "tsx"] });
    try {
      const [{ sinkPort }] = (await once(peer, "message")) as [{ sinkPort: number }];
      const figures: Figure[] = [];
      for (const compression of ["none", "gzip"] as const) {
        figures.push(...(await compare(programs, peer, sinkPort, compression)));
      }
      return figures;
    } finally {
      peer.kill();
    }
  },
};

/** Path of the Go Collector to compare with, if there is one; says on standard error why not. */
function goCollector(): string | undefined {
  const folder = process.env["OTELIER_PEERS"];
  const absent = "so there is nothing to compare with";
  if (folder === undefined || folder === "") {
    console.error(`  OTELIER_PEERS is not set to a folder with a Go Collector named "collector", ${absent}`);
    return undefined;
  }
  const file = join(folder, "collector");
  try {
    accessSync(file, constants.X_OK);
    return file;
  } catch {
    console.error(`  ${file} is no program, ${absent}; build a Go Collector there`);
    return undefined;
  }
}

interface Program {
  readonly name: string;
  readonly command: readonly string[];
}

interface Measured {
  readonly program: Program;
  readonly child: ChildProcess;
  readonly port: number;
  readonly rates: number[];
  spansPerSecond: number;
}

/** Runs alternate between the programs, so that what else the machine does hits both. */
async function compare(
  programs: readonly Program[],
  peer: ChildProcess,
  sinkPort: number,
  compression: "none" | "gzip",
): Promise<readonly Figure[]> {
  const running: Measured[] = [];
  try {
    for (const program of programs) {
      const port = await freePort();
      const child = await start(program, configuration(port, sinkPort, compression), port);
      running.push({ program, child, port, rates: [], spansPerSecond: 0 });
      await drive(peer, { port, spansPerRequest, requests: requests.warmUp });
    }
    for (let run = 0; run < runs; run++) {
      for (const each of running) {
        const before = cpuSecondsOf(each.child.pid);
        const done = await drive(peer, { port: each.port, spansPerRequest, requests: requests.measured });
        each.rates.push(done.spans / (cpuSecondsOf(each.child.pid) - before));
        each.spansPerSecond = Math.max(each.spansPerSecond, done.spans / done.seconds);
        if (run === 0 && each === running[0])
          console.error(`  ${Math.round(done.bytesPerSpan)} bytes a span`);
      }
    }
    return figuresOf(running, compression);
  } finally {
    for (const { child } of running) await stop(child);
  }
}

function figuresOf(running: readonly Measured[], compression: string): readonly Figure[] {
  const figures: Figure[] = [];
  const medians: number[] = [];
  for (const { program, child, rates, spansPerSecond } of running) {
    const name = `${program.name}, ${compression}`;
    const sorted = rates.toSorted((left, right) => left - right);
    const value = sorted[sorted.length >> 1] ?? 0;
    medians.push(value);
    figures.push(
      { name, value, unit: "spans a CPU-second", min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 },
      { name: `${name}, best run`, value: spansPerSecond, unit: "spans/s" },
      { name: `${name}, peak memory`, value: peakMemoryMiB(child.pid ?? 0), unit: "MiB" },
    );
  }
  const [own, other] = medians;
  if (own !== undefined && other !== undefined) {
    figures.push({
      name: `otelier to Go Collector, ${compression}`,
      value: own / other,
      unit: "times the spans a CPU-second",
    });
  }
  return figures;
}

function configuration(port: number, sinkPort: number, compression: string): string {
  return JSON.stringify({
    receivers: { otlp: { protocols: { grpc: { endpoint: `127.0.0.1:${port}` } } } },
    processors: { batch: {} },
    exporters: { otlp_grpc: { endpoint: `127.0.0.1:${sinkPort}`, compression, tls: { insecure: true } } },
    service: {
      telemetry: { metrics: { level: "none" }, logs: { level: "error" } },
      pipelines: { traces: { receivers: ["otlp"], processors: ["batch"], exporters: ["otlp_grpc"] } },
    },
  });
}

/** Resolves when the port answers. */
async function start(program: Program, config: string, port: number): Promise<ChildProcess> {
  const [file = "", ...args] = program.command;
  const child = spawn(file, [...args, "--config", `yaml:${config}`], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  while (!(await answers(port))) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`${program.name} ended at once`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return child;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const settle = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.on("connect", () => settle(true)).on("error", () => settle(false));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

async function drive(
  peer: ChildProcess,
  order: LoadOrder,
): Promise<Extract<PeerMessage, { readonly spans: number }>> {
  const told = once(peer, "message") as Promise<[Extract<PeerMessage, { readonly spans: number }>]>;
  peer.send(order);
  const [done] = await told;
  if (done.spans !== order.requests * order.spansPerRequest) throw new Error(`${done.spans} spans arrived`);
  return done;
}
