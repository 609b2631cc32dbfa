/** What every store must do, run for each implementation. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHash } from "node:crypto";
import { systemClock } from "../../src/base/clock.ts";
import { defaultDatabase, parseClickHouseUrl } from "../../src/storage/clickhouse/client/address.ts";
import { openStore } from "../../src/storage/clickhouse/store.ts";
import type { Store } from "../../src/storage/store.ts";
import { startClickHouseServer, type ClickHouseServer } from "../fakes/clickhouse-server.ts";
import { createMemoryStore } from "../fakes/memory-store/memory-store.ts";
import { logCases } from "./log-cases.ts";
import { metricCases } from "./metric-cases.ts";
import { spanAnalysisCases } from "./span-analysis-cases.ts";
import { batchOf, context, logs, metrics, traces, window } from "./store-corpus.ts";
import { linkCases, traceCases } from "./trace-cases.ts";
import { transferCases } from "./transfer-cases.ts";
import { usageCases } from "./usage-cases.ts";

interface Implementation {
  readonly name: string;
  open(directory: string): Promise<Store>;
  /** Why metrics are not drawn and SQL is not answered. */
  readonly lacks?: string;
}

const implementations: readonly Implementation[] = [
  { name: "embedded ClickHouse", open: (dataDirectory) => openStore({ dataDirectory }) },
  { name: "ClickHouse by URL", open: (dataDirectory) => openAtServer(dataDirectory) },
  {
    name: "memory",
    open: async () => createMemoryStore(),
    lacks: "it knows no SQL and none of the arithmetic of counters and histograms",
  },
];

const servers: ClickHouseServer[] = [];

/** In one server; the first has the database that the engine answers users' SQL of, the others one that is not there yet. */
async function openAtServer(dataDirectory: string): Promise<Store> {
  const started = servers[0];
  const server = started ?? (await startClickHouseServer(mkdtempSync(join(tmpdir(), "otelier-server-"))));
  if (started === undefined) servers.push(server);
  const other = createHash("sha256").update(dataDirectory).digest("hex").slice(0, 8);
  const database = started === undefined ? defaultDatabase : `shop_${other}`;
  const { value } = parseClickHouseUrl(`${server.url}/${database}`);
  if (value === undefined) throw new Error("no address");
  return openStore({ dataDirectory, server: value });
}

afterAll(() => Promise.all(servers.map((server) => server.close())));

async function until(done: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 100 && !(await done()); attempt++) await systemClock.sleep(50);
}

describe.each(implementations)("store: $name", (implementation) => {
  const directory = mkdtempSync(join(tmpdir(), "otelier-store-"));
  let store: Store;

  beforeAll(async () => {
    store = await implementation.open(directory);
    const empty = await store.searchTraces({ window, order: "newest", limit: 10 }, context);
    expect(empty.empty?.code).toBe("nothing-arrived");
    const visible = new Set<string>();
    const seen = new Promise<void>((resolve) => {
      store.onVisible((signals) => {
        for (const signal of signals) visible.add(signal);
        if (visible.size === 3) resolve();
      });
    });
    for (const [signal, value] of [
      ["traces", traces],
      ["logs", logs],
      ["metrics", metrics],
    ] as const) {
      expect(await store.write(batchOf(signal, value))).toEqual({ rejected: 0, reason: "" });
    }
    await seen;
    // A batch may need several inserts.
    await until(async () => (await store.metrics(window, undefined, context)).items.length === 6);
    await until(async () => (await store.status()).pendingSegments === 0);
  }, 60_000);

  afterAll(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  }, 30_000);

  traceCases(() => store);
  spanAnalysisCases(() => store);
  logCases(() => store);
  usageCases(() => store);
  transferCases(
    () => store,
    () => implementation.open(join(directory, "other")),
  );
  // The reason stands in the names of what is skipped.
  const { lacks } = implementation;
  describe.skipIf(lacks !== undefined)(lacks ?? "metrics", () => metricCases(() => store));

  it.skipIf(lacks !== undefined)(lacks ?? "answers SQL and reports its size", async () => {
    const answer = await store.sql(
      "SELECT ServiceName, count() AS n FROM otel_traces GROUP BY ServiceName ORDER BY n DESC",
      context,
    );
    expect(answer).toEqual({
      columns: [
        { name: "ServiceName", type: "LowCardinality(String)" },
        { name: "n", type: "UInt64" },
      ],
      rows: [
        ["cart", "3"],
        ["storefront", "2"],
      ],
      truncated: false,
    });
    const status = await store.status();
    expect(status).toMatchObject({ engineUp: true, pendingSegments: 0, setAside: [] });
    expect(status.tables.find((one) => one.table === "otel_traces")?.rows).toBe(5);
  });

  linkCases(() => store);
});
