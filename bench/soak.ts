/**
 * All the spans that the machine takes, until there are 100 million or 15 minutes are over, and what memory does meanwhile: what grows with the spans would be seen
 * here. One corpus is sent again and again, each time with the times of now and other trace ids. OTELIER_SOAK_SECONDS and OTELIER_SOAK_SPANS end it sooner or later.
 *
 * Memory is called flat when the median of the last three tenths of the time is at most a tenth above that of the fourth to sixth.
 */
import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClickHouseClient } from "../src/storage/clickhouse/client/client.ts";
import { freePort } from "../test/fakes/free-port.ts";
import { StackProcess } from "../test/e2e/durability/stack-process.ts";
import type { Figure, Subject } from "./figure.ts";
import type { ClientMessage } from "./ingest-client.ts";
import { cpuSecondsOf, memoryMiB } from "./processes.ts";

const seconds = Number(process.env["OTELIER_SOAK_SECONDS"] ?? 900);
const mostSpans = Number(process.env["OTELIER_SOAK_SPANS"] ?? 100_000_000);
const items = 1_000_000;
/** The next round waits until the engine has caught up to this; at 2 GiB the store would refuse. */
const mostPending: number = 512 * 1024 * 1024;
/** Points of the curve. */
const shown = 10;
const mostGrowth = 1.1;

export const soak: Subject = {
  about: `spans to otelier up, ${mostSpans / 1e6} million or for ${seconds} s; client, stack and engine share this machine's cores`,
  run: async () => {
    execFileSync("npx", ["tsc", "-p", "tsconfig.build.json"], {
      cwd: join(import.meta.dirname, ".."),
      stdio: "inherit",
    });
    const folder = mkdtempSync(join(tmpdir(), "otelier-soak-"));
    const ports = { grpc: await freePort(), otlpHttp: await freePort(), http: await freePort() };
    // More than it will take: dropping the oldest is not what is measured.
    const stack = new StackProcess(folder, ports, ["--max-disk", "50GB"]);
    const client = fork(join(import.meta.dirname, "ingest-client.ts"), { execArgv: ["--import", "tsx"] });
    const ended = once(client, "exit").then(([code]) => {
      throw new Error(`the client ended with ${String(code)}`);
    });
    ended.catch(() => undefined);
    const next = async (): Promise<ClientMessage> => {
      const [message] = (await Promise.race([once(client, "message"), ended])) as [ClientMessage];
      return message;
    };
    const engine = new ClickHouseClient({
      address: { kind: "socket", path: join(folder, "engine.sock"), database: "otelier" },
    });
    try {
      await stack.start();
      client.send({
        make: {
          port: ports.grpc,
          protocol: "grpc",
          signal: "traces",
          itemsPerRequest: 1000,
          seed: 1,
          items,
          startUnixMs: Date.now(),
        },
      });
      const made = await next();
      if (made.kind !== "made") throw new Error(`the client says ${made.kind}`);
      const curve: { readonly stack: number; readonly engine: number }[] = [];
      const timer = setInterval(
        () => void curve.push({ stack: memoryMiB(stack.pid), engine: memoryMiB(stack.enginePid()) }),
        1000,
      );
      const cpu = (): readonly number[] => [stack.pid, stack.enginePid(), client.pid].map(cpuSecondsOf);
      const cpuBefore = cpu();
      const start = performance.now();
      const elapsed = (): number => (performance.now() - start) / 1000;
      let spans = 0;
      while (elapsed() < seconds && spans < mostSpans) {
        await untilPending(ports.http, mostPending);
        client.send("go");
        const sent = await next();
        if (sent.kind !== "sent") throw new Error(`the client says ${sent.kind}`);
        spans += made.items;
      }
      const answeredIn = elapsed();
      await untilPending(ports.http, 0);
      const insertedIn = elapsed();
      clearInterval(timer);
      const cpuAfter = cpu();
      const merges = await mergesOf(engine);
      if (merges.rows !== spans) throw new Error(`${merges.rows} rows of ${spans} spans`);
      return [
        { name: "spans answered", value: spans, unit: "spans" },
        { name: "spans answered", value: spans / answeredIn, unit: "spans/s" },
        { name: "spans inserted", value: spans / insertedIn, unit: "spans/s" },
        ...["stack", "engine, merges so far included", "client"].map((whose, at) => ({
          name: `CPU of the ${whose}`,
          value: ((cpuAfter[at]! - cpuBefore[at]!) * 1e6) / spans,
          unit: "CPU-seconds a million",
        })),
        { name: "merges behind a span", value: merges.ofSpan, unit: "merges" },
        { name: "rows merged for each row inserted, all tables", value: merges.ofRow, unit: "rows" },
        { name: "parts of the table of spans", value: merges.parts, unit: "parts" },
        ...memory(curve, "stack"),
        ...memory(curve, "engine"),
      ];
    } finally {
      client.kill();
      await engine.close();
      // Orderly, so that the engine is gone before its files are.
      await stack.kill("SIGTERM");
      rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
    }
  },
};

async function untilPending(port: number, mostBytes: number): Promise<void> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/ready`);
    const { pendingBytes } = (await answer.json()) as { readonly pendingBytes: number };
    if (pendingBytes <= mostBytes) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

interface Merges {
  readonly rows: number;
  readonly parts: number;
  /** By the levels of parts: a row of a part of level 2 was merged twice, or once if it came late to the second merge. */
  readonly ofSpan: number;
  readonly ofRow: number;
}

async function mergesOf(engine: ClickHouseClient): Promise<Merges> {
  const answer = await engine.query(
    `SELECT toFloat64(sum(rows)) AS RowCount, toFloat64(count()) AS Parts, sum(rows * level) / sum(rows) AS OfSpan,
       (SELECT sumIf(value, event = 'MergedRows') / sumIf(value, event = 'InsertedRows') FROM system.events) AS OfRow
     FROM system.parts WHERE active AND database = currentDatabase() AND table = 'otel_traces'`,
    { what: "read what was merged" },
  );
  const [rows, parts] = [answer.number("RowCount"), answer.number("Parts")];
  return { rows, parts, ofSpan: answer.number("OfSpan"), ofRow: answer.number("OfRow") };
}

/** Whether it is flat; then median, least and most of each tenth of the time. */
function memory(
  curve: readonly { readonly stack: number; readonly engine: number }[],
  whose: "stack" | "engine",
): readonly Figure[] {
  const values = curve.map((one) => one[whose]);
  const from = (tenth: number): number => Math.floor((values.length * tenth) / shown);
  const between = (first: number, last: number): readonly number[] =>
    values.slice(from(first), Math.max(from(last), from(first) + 1)).toSorted((left, right) => left - right);
  const median = (sorted: readonly number[]): number => sorted[sorted.length >> 1] ?? 0;
  const growth = median(between(7, 10)) / median(between(3, 6));
  const verdict = growth <= mostGrowth ? "flat" : "not flat";
  return [
    { name: `memory of the ${whose} is ${verdict}: end by middle`, value: growth, unit: "times" },
    ...Array.from({ length: shown }, (_, tenth): Figure => {
      const sorted = between(tenth, tenth + 1);
      return {
        name: `memory of the ${whose}, tenth ${tenth + 1}`,
        value: median(sorted),
        unit: "MiB",
        min: sorted[0] ?? 0,
        max: sorted.at(-1) ?? 0,
      };
    }),
  ];
}
