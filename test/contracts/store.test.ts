/** What every store must do, run for each implementation. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { openStore } from "../../src/storage/clickhouse/store.ts";
import type { Store } from "../../src/storage/store.ts";
import { batchOf, context, logs, metrics, startMs, traceId, traces, window } from "./store-corpus.ts";

interface Implementation {
  readonly name: string;
  open(directory: string): Promise<Store>;
}

const implementations: readonly Implementation[] = [
  { name: "embedded ClickHouse", open: (dataDirectory) => openStore({ dataDirectory }) },
];

async function until(done: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 100 && !(await done()); attempt++) await systemClock.sleep(50);
}

describe.each(implementations)("store: $name", ({ open }) => {
  const directory = mkdtempSync(join(tmpdir(), "otelier-store-"));
  let store: Store;

  beforeAll(async () => {
    store = await open(directory);
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

  it("lists services of all signals with RED of their entry spans", async () => {
    const page = await store.services(window, 60, context);
    expect(
      page.items.map((one) => [one.name, one.count, one.errorCount, one.spanCount, one.logCount]),
    ).toEqual([
      ["batch-job", 0, 0, 0, 1],
      ["cart", 1, 1, 3, 4],
      ["storefront", 1, 0, 2, 0],
    ]);
    const cart = page.items[1];
    expect(cart).toMatchObject({ namespace: "shop", version: "1.2.3", language: "python", instances: 1 });
    expect(cart?.p95Nano).toBe(40_000_000);
    expect(cart?.countSeries).toHaveLength(60);
    expect(cart?.countSeries[0]).toBe(1);
    expect(cart?.lastSeenMs).toBeGreaterThanOrEqual(startMs + 1050);
  });

  it("lists operations by calls", async () => {
    const page = await store.operations(window, "cart", 10, context);
    expect(page.items.map((one) => [one.name, one.kind, one.count, one.errorCount])).toEqual([
      ["GET /items", "Server", 1, 1],
      ["SELECT items", "Client", 1, 0],
      ["orphan", "Internal", 1, 0],
    ]);
  });

  it("draws the service graph with databases", async () => {
    const graph = await store.serviceGraph(window, context);
    const edges = graph.edges.map((one) => [
      one.client,
      one.server,
      one.serverKind,
      one.count,
      one.errorCount,
    ]);
    expect(edges.toSorted()).toEqual([
      ["cart", "postgresql/shop", "database", 1, 0],
      ["storefront", "cart", "service", 1, 1],
    ]);
  });

  const base = { window, order: "newest", limit: 10 } as const;
  const found: readonly (readonly [string, Parameters<Store["searchTraces"]>[0], string])[] = [
    ["everything", base, "2000000000000003"],
    ["service", { ...base, service: "storefront" }, "1000000000000002"],
    ["operation", { ...base, operation: "GET /items" }, "2000000000000001"],
    ["status", { ...base, status: "Error" }, "2000000000000001"],
    ["durations", { ...base, minDurationNano: 50_000_000, maxDurationNano: 70_000_000 }, "1000000000000002"],
    ["slowest first", { ...base, order: "slowest" }, "1000000000000001"],
    ["text in a status message", { ...base, text: "STOCK out" }, "2000000000000001"],
    ["text in an attribute", { ...base, text: "postgres" }, "2000000000000002"],
    [
      "attribute",
      { ...base, attributes: [{ key: "db.namespace", operator: "=", value: "shop" }] },
      "2000000000000002",
    ],
    [
      "scoped attribute",
      { ...base, attributes: [{ scope: "span", key: "big", operator: "=", value: "9007199254740993" }] },
      "1000000000000001",
    ],
    [
      "attribute differs",
      { ...base, attributes: [{ key: "db.namespace", operator: "!=", value: "x" }] },
      "2000000000000002",
    ],
    [
      "attribute contains",
      { ...base, attributes: [{ key: "http.route", operator: "contains", value: "CART" }] },
      "1000000000000001",
    ],
    [
      "attribute exists",
      { ...base, attributes: [{ scope: "span", key: "7", operator: "exists", value: "" }] },
      "1000000000000001",
    ],
    [
      "event attribute",
      { ...base, attributes: [{ scope: "event", key: "exception.type", operator: "=", value: "KeyError" }] },
      "2000000000000001",
    ],
    [
      "link attribute",
      { ...base, attributes: [{ scope: "link", key: "why", operator: "exists", value: "" }] },
      "2000000000000001",
    ],
    [
      "resource attribute",
      {
        ...base,
        operation: "orphan",
        attributes: [{ scope: "resource", key: "service.version", operator: "=", value: "1.2.3" }],
      },
      "2000000000000003",
    ],
  ];
  it.each(found)("finds a trace by %s", async (_, search, spanId) => {
    const page = await store.searchTraces(search, context);
    expect(page.items.map((one) => one.matchedSpanId)).toEqual([spanId]);
    expect(page.items[0]).toMatchObject({
      traceId,
      rootService: "storefront",
      rootName: "GET /cart",
      rootMissing: false,
      spanCount: 5,
      errorCount: 1,
      durationNano: 100_000_000,
      services: [
        { name: "cart", spanCount: 3 },
        { name: "storefront", spanCount: 2 },
      ],
    });
  });

  const missed: readonly (readonly [string, Partial<Parameters<Store["searchTraces"]>[0]>, string])[] = [
    [
      "another window",
      { window: { startMs: startMs - 7_200_000, endMs: startMs - 3_600_000 } },
      "other-window",
    ],
    ["a service that is unknown", { service: "storefrnt" }, "unknown-service"],
    [
      "a filter that nothing fulfils",
      { attributes: [{ key: "db.namespace", operator: "=", value: "nope" }] },
      "filtered-out",
    ],
    ["SQL in a value", { service: "cart", text: "' OR 1=1 --" }, "filtered-out"],
    [
      "SQL in a key",
      { attributes: [{ key: "x'] OR 1=1 --", operator: "exists", value: "" }] },
      "filtered-out",
    ],
    ["a backslash at the end", { operation: "GET \\" }, "filtered-out"],
    [
      "a scope that spans lack",
      { attributes: [{ scope: "log", key: "item", operator: "exists", value: "" }] },
      "filtered-out",
    ],
  ];
  it.each(missed)("says why nothing was found: %s", async (_, change, code) => {
    const page = await store.searchTraces({ ...base, ...change }, context);
    expect(page.items).toEqual([]);
    expect(page.empty?.code).toBe(code);
    if (code === "unknown-service") expect(page.empty?.suggestions).toEqual(["storefront"]);
    if (code === "other-window") expect(page.empty?.nearest?.startMs).toBe(startMs + 1000);
  });

  it("keeps tenants apart", async () => {
    const page = await store.searchTraces(base, { tenant: "other" });
    expect(page.items).toEqual([]);
    expect((await store.trace(traceId, { tenant: "other" })).empty?.code).toBe("nothing-arrived");
    expect((await store.services(window, 1, { tenant: "other" })).items).toEqual([]);
  });

  it("gives a trace in preorder with its flags", async () => {
    const { trace } = await store.trace(traceId, context);
    expect(trace).toMatchObject({
      traceId,
      startUnixNano: String(BigInt(startMs + 1000) * 1_000_000n),
      durationNano: 100_000_000,
      spanIds: [
        "1000000000000001",
        "1000000000000002",
        "2000000000000001",
        "2000000000000002",
        "2000000000000003",
      ],
      parents: [-1, 0, 1, 2, -1],
      kind: [2, 3, 2, 3, 1],
      status: [0, 0, 2, 0, 0],
      flags: [0, 0, 2 | 4 | 8, 0, 1],
      omitted: 0,
    });
    expect(trace?.starts[3]).toBe(25_000_000);
    expect(trace?.service.map((code) => trace.services[code])).toEqual([
      "storefront",
      "storefront",
      "cart",
      "cart",
      "cart",
    ]);
    expect((await store.trace("00000000000000000000000000000001", context)).empty?.code).toBe("filtered-out");
  });

  it("gives spans with values, types and order as sent", async () => {
    const spans = await store.spans(traceId, ["2000000000000001", "nope", "1000000000000001"], context);
    expect(spans.map((one) => one.spanId)).toEqual(["2000000000000001", "1000000000000001"]);
    expect(spans[1]?.attributes).toEqual([
      { key: "http.route", value: "/cart/:id", type: "string" },
      { key: "retry", value: "true", type: "bool" },
      { key: "big", value: "9007199254740993", type: "int" },
      { key: "ratio", value: "0.5", type: "double" },
      { key: "raw", value: "AQID", type: "bytes" },
      { key: "list", value: '[1,"two"]', type: "array" },
      { key: "nothing", value: "", type: "empty" },
      { key: "7", value: "numeric key", type: "string" },
    ]);
    expect(spans[0]).toMatchObject({
      parentSpanId: "1000000000000002",
      kind: "Server",
      status: "Error",
      statusMessage: "out of stock",
      durationNano: 40_000_000,
      scopeName: "flask",
      events: [
        { name: "exception", attributes: [{ key: "exception.type", value: "KeyError", type: "string" }] },
      ],
      links: [
        {
          traceId: "ffffffffffffffffffffffffffffffff",
          spanId: "eeeeeeeeeeeeeeee",
          attributes: [{ key: "why", value: "retry", type: "string" }],
        },
      ],
    });
  });

  it.each([
    ["words of the body in any case", { text: "stock ITEM" }, 1],
    ["a word with punctuation", { text: "user-42" }, 1],
    ["a trace", { traceId }, 1],
    ["severity", { minSeverity: 10 }, 2],
    ["service", { service: "batch-job" }, 1],
    ["attribute", { attributes: [{ key: "item", operator: "=", value: "42" }] }, 1],
    ["all", {}, 5],
  ] as const)("finds logs by %s", async (_, change, count) => {
    const page = await store.searchLogs({ window, order: "newest", limit: 10, ...change }, context);
    expect(page.items).toHaveLength(count);
    expect(page.truncated).toBe(false);
  });

  it("gives log records as sent", async () => {
    const page = await store.searchLogs({ traceId, order: "newest", limit: 10 }, context);
    expect(page.items[0]).toMatchObject({
      service: "cart",
      severityNumber: 17,
      severityText: "ERROR",
      body: "Item user-42 OUT of stock",
      bodyType: "string",
      spanId: "2000000000000001",
      traceFlags: 1,
      scopeName: "shop.cart",
      scopeVersion: "3",
      attributes: [
        { key: "item", value: "42", type: "string" },
        { key: "count", value: "3", type: "int" },
      ],
    });
  });

  it("pages through logs of one nanosecond without loss or repetition", async () => {
    const seen: string[] = [];
    let after: { timeUnixNano: string; skip: number } | undefined;
    for (;;) {
      const page = await store.searchLogs(
        { window, order: "newest", limit: 1, ...(after === undefined ? {} : { after }) },
        context,
      );
      const item = page.items[0];
      if (item === undefined) break;
      seen.push(item.body);
      const skip = after?.timeUnixNano === item.timeUnixNano ? after.skip + 1 : 1;
      after = { timeUnixNano: item.timeUnixNano, skip };
      if (!page.truncated) break;
    }
    expect(seen.toSorted()).toEqual(
      ["Item user-42 OUT of stock", "ready", "slow", "tock", '{"a":"b"}'].toSorted(),
    );
  });

  it("counts logs by severity class", async () => {
    const volume = await store.logVolume({ window, order: "newest", limit: 1 }, 6, context);
    const sums = volume.classes.map((one) => [one.severity, one.counts[0]]);
    expect(sums).toEqual([
      ["unspecified", 1],
      ["trace", 0],
      ["debug", 0],
      ["info", 2],
      ["warn", 1],
      ["error", 1],
      ["fatal", 0],
    ]);
    expect(volume.classes[0]?.counts).toHaveLength(6);
  });

  it("lists metrics with what is known of them", async () => {
    const page = await store.metrics(window, "cart", context);
    expect(page.items.map((one) => [one.name, one.type, one.temporality, one.seriesCount])).toEqual([
      ["bytes", "sum", "delta", 1],
      ["gc", "summary", "unspecified", 1],
      ["latency", "histogram", "cumulative", 1],
      ["queue", "gauge", "unspecified", 2],
      ["requests", "sum", "cumulative", 2],
      ["sizes", "exponential_histogram", "cumulative", 1],
    ]);
    expect(page.items[4]).toMatchObject({
      unit: "{request}",
      description: "requests served",
      monotonic: true,
      services: ["cart"],
      attributeKeys: ["http.route"],
      lastSeenMs: startMs + 150_000,
    });
  });

  const minutes = { startMs, endMs: startMs + 180_000 };
  const series: readonly (readonly [string, string, string, string | undefined, unknown])[] = [
    // A counter's first point counts from its start, a restart begins at 0 again.
    [
      "requests",
      "rate",
      "a second, by attribute",
      "http.route",
      [
        ["/b", [10, null, null]],
        ["/a", [1, 2, 0.5]],
      ],
    ],
    ["requests", "rate", "a second, in all", undefined, [["", [11, 2, 0.5]]]],
    ["queue", "sum", "over series", undefined, [["", [10, null, null]]]],
    ["queue", "average", "over series", undefined, [["", [5, null, null]]]],
    ["queue", "last", "over series", undefined, [["", [6, null, null]]]],
    ["bytes", "sum", "of deltas", undefined, [["", [12, 1, null]]]],
    ["bytes", "rate", "of deltas", undefined, [["", [0.2, 1 / 60, null]]]],
    ["latency", "average", "of a histogram", undefined, [["", [5, 60, null]]]],
    ["latency", "p50", "from bucket increases", undefined, [["", [5, 55, null]]]],
    ["sizes", "p50", "of an exponential histogram", undefined, [["", [1.5, 6, null]]]],
    ["gc", "p99", "of a summary", undefined, [["", [4, null, null]]]],
    ["gc", "average", "of a summary", undefined, [["", [2, null, null]]]],
  ];
  it.each(series)("draws %s: %s %s", async (metric, fn, _, groupBy, lines) => {
    const answer = await store.metricSeries(
      {
        metric,
        window: minutes,
        stepMs: 60_000,
        function: fn as "rate",
        limit: 10,
        ...(groupBy === undefined ? {} : { groupBy }),
      },
      context,
    );
    expect(answer.timesMs).toEqual([startMs, startMs + 60_000, startMs + 120_000]);
    const got = answer.lines.map((line) => [
      line.group,
      line.values.map((one) => (one === null ? null : Number(one.toFixed(9)))),
    ]);
    expect(got).toEqual(
      (lines as [string, (number | null)[]][]).map(([group, values]) => [
        group,
        values.map((one) => (one === null ? null : Number(one.toFixed(9)))),
      ]),
    );
  });

  it("gives exemplars, and says why a metric is empty", async () => {
    const query = { metric: "latency", window: minutes, stepMs: 60_000, function: "p95", limit: 10 } as const;
    const answer = await store.metricSeries(query, context);
    expect(answer.exemplars[0]).toEqual({
      timeMs: startMs + 90_000,
      value: 5,
      traceId,
      spanId: "1000000000000001",
    });
    const none = await store.metricSeries({ ...query, metric: "nope" }, context);
    expect(none.empty?.code).toBe("filtered-out");
  });

  it("answers SQL and reports its size", async () => {
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
});
