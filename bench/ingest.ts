/**
 * The whole way of the data on this machine's cores: a client process sends OTLP/gRPC, then OTLP/HTTP with JSON, to `otelier up`, answers mean safe
 * on disk, and the rows are inserted into the engine. OTELIER_BENCH_SPANS says how many spans are sent: of few, compilation and the wait for the last insert
 * are a large part; of millions, the engine merges as it does all day.
 */
import { execFileSync, fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "../src/storage/clickhouse/store.ts";
import type { Signal } from "../src/telemetry/signal.ts";
import { freePort } from "../test/fakes/free-port.ts";
import { StackProcess } from "../test/e2e/durability/stack-process.ts";
import type { Figure, Subject } from "./figure.ts";
import type { ClientMessage, IngestOrder, Protocol } from "./ingest-client.ts";
import { cpuSecondsOf } from "./processes.ts";

const load: Readonly<Record<Signal, { readonly items: number; readonly itemsPerRequest: number }>> = {
  traces: { items: Number(process.env["OTELIER_BENCH_SPANS"] ?? 3_000_000), itemsPerRequest: 1000 },
  logs: { items: 1_000_000, itemsPerRequest: 1000 },
  metrics: { items: 400_000, itemsPerRequest: 0 },
};
/** JSON is about twice as long, and the client holds all of it. */
const shareOfLoad: Readonly<Record<Protocol, number>> = { grpc: 1, json: 0.25 };
const nouns: Readonly<Record<Signal, string>> = {
  traces: "spans",
  logs: "log records",
  metrics: "data points",
};
/** Items sent before the measurement, so that both processes are compiled and warm. */
const warmUp = 200_000;
/** What the points of `load.metrics` span, at an export every 15 seconds. */
const metricsHours = 5;
const visibleRounds = 10;

export const ingest: Subject = {
  about: "OTLP client -> otelier up -> safe on disk -> inserted; all processes share this machine's cores",
  run: async () => {
    // Sources run through tsx are slower by half; people run the compiled program.
    execFileSync("npx", ["tsc", "-p", "tsconfig.build.json"], {
      cwd: join(import.meta.dirname, ".."),
      stdio: "inherit",
    });
    return [...(await measureProtocol("grpc")), ...(await measureProtocol("json"))];
  },
};

/** In a data directory of its own, so that the sizes on disk are those of one corpus; they do not depend on the protocol and are read once. */
async function measureProtocol(protocol: Protocol): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "otelier-ingest-"));
  const ports = { grpc: await freePort(), otlpHttp: await freePort(), http: await freePort() };
  const stack = new StackProcess(folder, ports);
  const client = fork(join(import.meta.dirname, "ingest-client.ts"), { execArgv: ["--import", "tsx"] });
  try {
    await stack.start();
    const figures: Figure[] = [];
    for (const signal of ["traces", "metrics", "logs"] as const) {
      figures.push(...(await measure(signal, protocol, stack, client, ports)));
    }
    if (protocol === "json") return figures;
    figures.push(...(await timeToVisible(client, ports)));
    await stack.kill("SIGTERM");
    figures.push(...(await sizesOnDisk(folder)));
    return figures;
  } finally {
    client.kill();
    await stack.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Ports {
  readonly grpc: number;
  readonly otlpHttp: number;
  readonly http: number;
}

async function measure(
  signal: Signal,
  protocol: Protocol,
  stack: StackProcess,
  client: ChildProcess,
  ports: Ports,
): Promise<readonly Figure[]> {
  const { itemsPerRequest } = load[signal];
  const items = load[signal].items * shareOfLoad[protocol];
  // Metrics of hours, as series live that long; they end about now.
  const startUnixMs = Date.now() - (signal === "metrics" ? metricsHours * 3_600_000 : 0);
  const port = protocol === "grpc" ? ports.grpc : ports.otlpHttp;
  const order = { port, protocol, signal, itemsPerRequest, startUnixMs };
  const warm = await prepare(client, { ...order, seed: 2, items: warmUp });
  await run(client, warm.items, ports);
  const made = await prepare(client, { ...order, seed: 1, items });
  const before = cpuSeconds(stack, client);
  const result = await run(client, made.items, ports);
  const after = cpuSeconds(stack, client);
  const unit = `${nouns[signal]}/s`;
  const noun = protocol === "grpc" ? nouns[signal] : `${nouns[signal]} as JSON`;
  const sorted = result.latenciesMs.toSorted((left, right) => left - right);
  return [
    { name: `${noun}, answered`, value: made.items / result.answeredSeconds, unit },
    { name: `${noun}, inserted`, value: made.items / result.insertedSeconds, unit },
    {
      name: `${noun}, CPU of the stack`,
      value: ((after.stack - before.stack) * 1e6) / made.items,
      unit: "CPU-seconds a million",
    },
    {
      name: `${noun}, CPU of its engine`,
      value: ((after.engine - before.engine) * 1e6) / made.items,
      unit: "CPU-seconds a million",
    },
    {
      name: `${noun}, CPU of the client`,
      value: ((after.client - before.client) * 1e6) / made.items,
      unit: "CPU-seconds a million",
    },
    {
      name: `${noun}, cores used until all were inserted`,
      value: (sum(after) - sum(before)) / result.insertedSeconds,
      unit: "cores",
    },
    { name: `${noun}, bytes received`, value: made.bytes / made.items, unit: "bytes each" },
    { name: `${noun}, time to answer, median`, value: sorted[sorted.length >> 1] ?? 0, unit: "ms" },
    {
      name: `${noun}, time to answer, p99`,
      value: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
      unit: "ms",
    },
  ];
}

async function prepare(client: ChildProcess, order: IngestOrder): Promise<{ items: number; bytes: number }> {
  client.send({ make: order });
  return hear(client, "made");
}

/** The client's next word, which must be of this kind; rejects when the client failed or ended instead. */
async function hear<K extends ClientMessage["kind"]>(
  client: ChildProcess,
  kind: K,
): Promise<Extract<ClientMessage, { readonly kind: K }>> {
  const heard = new AbortController();
  const { signal } = heard;
  const ended = once(client, "exit", { signal }).then(() => {
    throw new Error("the client ended");
  });
  const [message] = (await Promise.race([once(client, "message", { signal }), ended])) as [ClientMessage];
  heard.abort();
  if (message.kind === "failed") throw new Error(`the client failed: ${message.reason}`);
  if (message.kind !== kind) throw new Error(`the client says ${message.kind}`);
  return message as Extract<ClientMessage, { readonly kind: K }>;
}

async function run(
  client: ChildProcess,
  items: number,
  ports: Ports,
): Promise<{ answeredSeconds: number; insertedSeconds: number; latenciesMs: readonly number[] }> {
  const before = await totalRows(ports);
  const start = performance.now();
  client.send("go");
  const message = await hear(client, "sent");
  for (;;) {
    const { pendingSegments, rows } = await status(ports);
    if (pendingSegments === 0 && rows - before === items) break;
    if (rows - before > items) throw new Error(`${rows - before} rows of ${items} items`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    answeredSeconds: message.milliseconds / 1000,
    insertedSeconds: (performance.now() - start) / 1000,
    latenciesMs: message.latenciesMs,
  };
}

const itemTables = new Set([
  "otel_traces",
  "otel_logs",
  "otel_metric_samples",
  "otel_metric_histograms",
  "otel_metric_exp_histograms",
  "otel_metric_summaries",
]);

interface Status {
  readonly pendingSegments: number;
  readonly rows: number;
}

async function status(ports: Ports): Promise<Status> {
  const answer = (await (await fetch(`http://127.0.0.1:${ports.http}/api/status`)).json()) as {
    readonly store: {
      readonly pendingSegments: number;
      readonly tables: readonly { table: string; rows: number }[];
    };
  };
  const tables = answer.store.tables.filter(({ table }) => itemTables.has(table));
  return {
    pendingSegments: answer.store.pendingSegments,
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
  };
}

async function totalRows(ports: Ports): Promise<number> {
  return (await status(ports)).rows;
}

/** From the answer to a lone request until a trace of it is found by its id. */
async function timeToVisible(client: ChildProcess, ports: Ports): Promise<readonly Figure[]> {
  const times: number[] = [];
  const answers: number[] = [];
  for (let round = 0; round < visibleRounds; round++) {
    const before = await totalRows(ports);
    const order = {
      port: ports.grpc,
      protocol: "grpc",
      signal: "traces",
      itemsPerRequest: 50,
      startUnixMs: Date.now(),
    } as const;
    const { items } = await prepare(client, { ...order, seed: 100 + round, items: 50 });
    client.send("go");
    const message = await hear(client, "sent");
    answers.push(Math.max(...message.latenciesMs));
    const start = performance.now();
    while ((await totalRows(ports)) - before < items) await new Promise((resolve) => setTimeout(resolve, 5));
    times.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return [
    spread("small request alone, time to answer", answers, "ms"),
    spread("small request alone, answer to visible", times, "ms"),
  ];
}

function spread(name: string, values: readonly number[], unit: string): Figure {
  const sorted = values.toSorted((left, right) => left - right);
  return { name, value: sorted[sorted.length >> 1] ?? 0, unit, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 };
}

/** After all parts of each table were merged to one. Side tables are reported apart. */
async function sizesOnDisk(folder: string): Promise<readonly Figure[]> {
  const store = await openStore({ dataDirectory: folder });
  try {
    for (const { table, rows } of (await store.status()).tables) {
      if (rows > 0)
        await store.client.command(`OPTIMIZE TABLE ${table} FINAL`, { what: "merge", timeoutMs: 300_000 });
    }
    const answer = await store.client.queryRows(
      "SELECT table, sum(rows), sum(bytes_on_disk) FROM system.parts WHERE active AND database = currentDatabase() GROUP BY table ORDER BY table",
      { what: "read sizes" },
    );
    const base = new Map([...itemTables].map((table) => [table, true]));
    return answer.rows
      .filter((row) => String(row[0]).startsWith("otel_"))
      .map((row) => {
        const side = base.has(String(row[0])) ? "" : " (side table)";
        return {
          name: `disk, ${String(row[0])}${side}`,
          value: Number(row[2]) / Number(row[1]),
          unit: "bytes a row",
        };
      });
  } finally {
    await store.close();
  }
}

interface CpuSeconds {
  readonly stack: number;
  readonly engine: number;
  readonly client: number;
}

function sum({ stack, engine, client }: CpuSeconds): number {
  return stack + engine + client;
}

/** User and system time of the processes so far. */
function cpuSeconds(stack: StackProcess, client: ChildProcess): CpuSeconds {
  return {
    stack: cpuSecondsOf(stack.pid),
    engine: cpuSecondsOf(stack.enginePid()),
    client: cpuSecondsOf(client.pid),
  };
}
