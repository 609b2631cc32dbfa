import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { generateTraces } from "../../bench/corpus.ts";
import { openStore } from "../../src/storage/clickhouse/store.ts";
import { countItems } from "../../src/telemetry/wire/count-items.ts";
import { freePort } from "../fakes/free-port.ts";
import { StackProcess } from "../e2e/durability/stack-process.ts";
import { pause } from "./kinds.ts";
import type { Outcome } from "./outcome.ts";
import { send, spansPerRequest, type Tally } from "./senders.ts";

const connections = 200;
const calmSenders = 16;
const demand = 3;
const limitMib = 2048;
const requests = 40;

/**
 * First what the stack takes from a few senders that wait for their answers; then three times that is demanded over 200 connections, half of them OTLP/HTTP and half
 * OTLP/gRPC, whose senders do not wait. Whoever is refused comes back when it was asked to, at most a second later.
 */
export async function overload(seconds: number): Promise<Outcome> {
  const folder = mkdtempSync(path.join(tmpdir(), "otelier-faults-"));
  const ports = { grpc: await freePort(), otlpHttp: await freePort(), http: await freePort() };
  const stack = new StackProcess(folder, ports, ["--memory-limit", `${limitMib}MiB`, "--max-disk", "0"]);
  await stack.start();
  const corpus = generateTraces({
    seed: 1,
    spans: requests * spansPerRequest,
    spansPerRequest,
    startUnixNano: BigInt(Date.now()) * 1_000_000n,
  });
  const bodies = corpus.map((body) => ({ body, spans: countItems("traces", body) }));
  const load = (count: number, spansPerSecond: number, ms: number): Promise<Tally> =>
    send({ ports, bodies, connections: count, spansPerSecond, ms });
  const calmMs = Math.min(30_000, seconds * 500);
  await load(calmSenders, Infinity, 5_000);
  const before = new Watch(stack, ports.http);
  const calm = await load(calmSenders, Infinity, calmMs);
  await before.stop();
  const maximum = calm.answeredSpans / (calmMs / 1000);
  const watch = new Watch(stack, ports.http);
  const busy = await load(connections, maximum * demand, seconds * 1000);
  await watch.stop();
  const goodput = busy.answeredSpans / seconds;
  await stack.kill("SIGTERM");
  const stored = await storedSpans(folder);
  rmSync(folder, { recursive: true });
  const queries = watch.queryMs.toSorted((left, right) => left - right);
  const calmQueries = before.queryMs.toSorted((left, right) => left - right);
  const slow = queries.filter((ms) => ms > 1000).length;
  const atLeast = calm.answeredSpans + busy.answeredSpans;
  return {
    name: `${demand} times too much for ${seconds} s, ${connections} connections`,
    passed:
      watch.peakMib <= limitMib &&
      goodput >= 0.8 * maximum &&
      busy.refusedByHttp + busy.refusedByGrpc > 0 &&
      busy.bare + busy.failed === 0 &&
      slow === 0 &&
      stored >= atLeast,
    figures: {
      "spans a second from 16 senders that wait": Math.round(maximum),
      "spans a second under overload": Math.round(goodput),
      "of the maximum": `${Math.round((100 * goodput) / maximum)} %`,
      "requests refused with Retry-After (HTTP)": busy.refusedByHttp,
      "requests refused with RetryInfo (gRPC)": busy.refusedByGrpc,
      "requests refused without either": busy.bare,
      "requests that failed otherwise": busy.failed,
      "peak memory, program and engine": `${Math.round(watch.peakMib)} MiB of ${limitMib} MiB`,
      "queries meanwhile (services of the last 15 minutes)": queries.length,
      "their median under the first, lighter load": `${Math.round(calmQueries[calmQueries.length >> 1] ?? 0)} ms`,
      "their median": `${Math.round(queries[queries.length >> 1] ?? 0)} ms`,
      "their longest": `${Math.round(queries.at(-1) ?? 0)} ms`,
      "answered spans that are missing": Math.max(0, atLeast - stored),
    },
  };
}

/** Looks at memory five times a second, while another process asks a question each second. */
class Watch {
  peakMib = 0;
  queryMs: readonly number[] = [];
  private readonly stack: StackProcess;
  private readonly asker: ChildProcess;
  private readonly askerEnded: Promise<never>;
  private isStopped = false;
  private readonly running: Promise<unknown>;

  constructor(stack: StackProcess, httpPort: number) {
    this.stack = stack;
    this.asker = fork(path.join(import.meta.dirname, "asker.ts"), [String(httpPort)], {
      execArgv: ["--import", "tsx"],
    });
    this.askerEnded = once(this.asker, "exit").then(([code]) => {
      throw new Error(`the process that asks questions ended with ${String(code)}`);
    });
    this.askerEnded.catch(() => undefined);
    this.running = this.memory();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.running;
    const told = once(this.asker, "message");
    if (this.asker.connected) this.asker.send("stop");
    [this.queryMs] = (await Promise.race([told, this.askerEnded])) as [readonly number[]];
  }

  private async memory(): Promise<void> {
    while (!this.isStopped) {
      this.peakMib = Math.max(this.peakMib, rssMib(this.stack.pid) + rssMib(this.stack.enginePid()));
      await pause(200);
    }
  }
}

function rssMib(pid: number | undefined): number {
  if (pid === undefined) return 0;
  try {
    const match = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return Number(match?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

async function storedSpans(folder: string): Promise<number> {
  const store = await openStore({ dataDirectory: folder });
  try {
    while ((await store.status()).pendingSegments > 0) await pause(50);
    const answer = await store.client.query("SELECT count() AS Spans FROM otel_traces", {
      what: "count spans",
    });
    return answer.numbers("Spans").map(Number)[0] ?? 0;
  } finally {
    await store.close();
  }
}
