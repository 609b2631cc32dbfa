import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { batchOf, context, logs, metrics, startMs, traces } from "../../../../test/contracts/store-corpus.ts";
import { systemClock } from "../../../base/clock.ts";
import { signals } from "../../../telemetry/signal.ts";
import type { ExportQuery, ImportOptions } from "../../transfer.ts";
import { openStore, type ClickHouseStore } from "../store.ts";
import { columnNames, exportedTables, quoted } from "./exported-tables.ts";

const nano = (offsetMs: number): string => String(BigInt(startMs + offsetMs) * 1_000_000n);

/** Every kind of value, under `owner` so that one place cannot be taken for another. */
function values(owner: string): unknown[] {
  const of = (key: string, value: unknown): unknown => ({ key: `${owner}.${key}`, value });
  return [
    of("text", { stringValue: "größe\n'\\\t🎉" }),
    of("empty text", { stringValue: "" }),
    of("bool", { boolValue: true }),
    of("int", { intValue: "-9223372036854775808" }),
    of("double", { doubleValue: 1e-300 }),
    of("minus zero", { doubleValue: -0 }),
    of("nan", { doubleValue: "NaN" }),
    of("infinite", { doubleValue: "-Infinity" }),
    of("bytes", { bytesValue: "AP8QgA==" }),
    of("array", { arrayValue: { values: [{ intValue: "1" }, {}, { arrayValue: { values: [] } }] } }),
    of("map", { kvlistValue: { values: [{ key: "a", value: { bytesValue: "/w==" } }] } }),
    of("nothing", {}),
  ];
}

const origin = (owner: string) => ({
  resource: {
    attributes: [{ key: "service.name", value: { stringValue: "every" } }, ...values(`${owner}r`)],
    droppedAttributesCount: 1,
  },
  schemaUrl: "https://example.org/resource",
});
const scope = (owner: string) => ({
  scope: { name: "scope", version: "1", attributes: values(`${owner}c`), droppedAttributesCount: 2 },
  schemaUrl: "https://example.org/scope",
});
const ids = { traceId: "00000000000000000000000000000001", spanId: "0000000000000002" };
const point = { startTimeUnixNano: nano(0), timeUnixNano: nano(5), flags: 1, attributes: values("p") };
const exemplars = [
  { ...ids, timeUnixNano: nano(4), asInt: "9007199254740993", filteredAttributes: values("x") },
  { timeUnixNano: nano(3), asDouble: 1.5 },
];

const everything = {
  traces: {
    resourceSpans: [
      {
        ...origin("t"),
        scopeSpans: [
          {
            ...scope("t"),
            spans: [
              {
                ...ids,
                parentSpanId: "0000000000000003",
                traceState: "a=b,ot=th:8",
                flags: 257,
                name: "every",
                kind: 5,
                startTimeUnixNano: nano(1),
                endTimeUnixNano: nano(9),
                attributes: values("s"),
                droppedAttributesCount: 3,
                droppedEventsCount: 4,
                droppedLinksCount: 5,
                status: { code: 1, message: "fine" },
                events: [
                  { timeUnixNano: nano(2), name: "first", attributes: values("e") },
                  { timeUnixNano: "0", name: "", droppedAttributesCount: 6, attributes: values("f") },
                ],
                links: [
                  {
                    ...ids,
                    traceState: "c=d",
                    flags: 256,
                    droppedAttributesCount: 7,
                    attributes: values("l"),
                  },
                  {},
                ],
              },
              { startTimeUnixNano: nano(1), endTimeUnixNano: nano(1) },
            ],
          },
        ],
      },
    ],
  },
  logs: {
    resourceLogs: [
      {
        ...origin("l"),
        scopeLogs: [
          {
            ...scope("l"),
            logRecords: values("b").map((body, index) => ({
              ...ids,
              timeUnixNano: index % 2 === 0 ? nano(index) : "0",
              observedTimeUnixNano: nano(100 + index),
              severityNumber: index,
              severityText: `S${index}`,
              body: (body as { value: unknown }).value,
              eventName: "event",
              flags: 511,
              droppedAttributesCount: 8,
              attributes: values("a"),
            })),
          },
        ],
      },
    ],
  },
  metrics: {
    resourceMetrics: [
      {
        ...origin("m"),
        scopeMetrics: [
          {
            ...scope("m"),
            metrics: [
              {
                name: "gauge",
                unit: "1",
                description: "a gauge",
                gauge: {
                  dataPoints: [
                    { ...point, asInt: "9007199254740993", exemplars },
                    { ...point, timeUnixNano: nano(6), asDouble: 0.1 },
                    { ...point, timeUnixNano: nano(7), asInt: "-3" },
                    { ...point, timeUnixNano: nano(8) },
                  ],
                },
              },
              {
                name: "sum",
                sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [{ ...point, asInt: "7" }] },
              },
              {
                name: "histogram",
                histogram: {
                  aggregationTemporality: 2,
                  dataPoints: [
                    {
                      ...point,
                      count: "18446744073709551615",
                      sum: -1,
                      min: -2,
                      max: 3,
                      bucketCounts: ["1", "2"],
                      explicitBounds: [0.5],
                      exemplars,
                    },
                    { ...point, timeUnixNano: nano(6), count: "0" },
                  ],
                },
              },
              {
                name: "exponential",
                exponentialHistogram: {
                  aggregationTemporality: 1,
                  dataPoints: [
                    {
                      ...point,
                      count: "6",
                      scale: -3,
                      zeroCount: "1",
                      zeroThreshold: 0.25,
                      positive: { offset: -2, bucketCounts: ["1", "2"] },
                      negative: { offset: 4, bucketCounts: ["3"] },
                    },
                  ],
                },
              },
              {
                name: "summary",
                summary: {
                  dataPoints: [
                    { ...point, count: "2", sum: 3, quantileValues: [{ quantile: 0.5, value: 1 }, {}] },
                  ],
                },
              },
            ],
          },
        ],
      },
    ],
  },
} as const;

/** Columns that say when a row arrived: an import arrives when it is made. */
const arrivals = new Set(["IngestTime", "LastSeen"]);

/** Rows and a hash of all columns, table by table. */
async function contentOf(store: ClickHouseStore): Promise<readonly string[]> {
  return Promise.all(
    exportedTables.map(async ({ table }) => {
      const columns = quoted(columnNames(table).filter((name) => !arrivals.has(name)));
      const answer = await store.client.queryRows(
        `SELECT count(), groupBitXor(cityHash64(${columns})), sum(cityHash64(${columns})) FROM ${table.name}${table.merge.kind === "replacing" ? " FINAL" : ""}`,
        { what: "hash" },
      );
      return `${table.name} ${answer.rows[0]?.join(" ") ?? ""}`;
    }),
  );
}

/** The same of the catalogue of attribute keys, which is made of the rows. */
async function keysOf(store: ClickHouseStore): Promise<string> {
  const answer = await store.client.queryRows(
    "SELECT count(), groupBitXor(cityHash64(*)), sum(Items) FROM (SELECT Tenant, Signal, Scope, Key, Hour, sum(Count) AS Items FROM otel_attribute_keys GROUP BY ALL)",
    { what: "hash" },
  );
  return answer.rows[0]?.join(" ") ?? "";
}

async function inserted(store: ClickHouseStore): Promise<void> {
  while ((await store.status()).pendingSegments > 0) await systemClock.sleep(20);
}

const day = 86_400_000;

describe("an export", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "otelier-transfer-"));
  let source: ClickHouseStore;
  let opened = 0;
  const open = (options: object = {}): Promise<ClickHouseStore> =>
    openStore({ dataDirectory: path.join(folder, String(opened++)), ...options });

  beforeAll(async () => {
    source = await open();
    for (const [signal, value] of [
      ["traces", traces],
      ["logs", logs],
      ["metrics", metrics],
      ["traces", everything.traces],
      ["logs", everything.logs],
      ["metrics", everything.metrics],
    ] as const) {
      expect(await source.write(batchOf(signal, value))).toMatchObject({ rejected: 0 });
    }
    await inserted(source);
  });
  afterAll(async () => {
    await source.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function copy(
    format: ExportQuery["format"],
    to: ClickHouseStore,
    options: Partial<ImportOptions> = {},
  ) {
    const query: ExportQuery = { format, signals };
    for (const piece of await source.exportPieces(query, context)) {
      const bytes = await source.exportPiece(query, piece, context);
      await to.importPiece(bytes, { format, keep: false, ...options }, context);
    }
    await inserted(to);
  }

  it.each(["parquet", "otlp-json"] as const)(
    "as %s gives back every column of every table",
    async (format) => {
      const other = await open();
      try {
        await copy(format, other);
        const wanted = await contentOf(source);
        expect(wanted.every((line) => !line.includes(" 0 "))).toBe(true);
        expect(await contentOf(other)).toEqual(wanted);
        expect(await keysOf(other)).toBe(await keysOf(source));
        if (format === "parquet") {
          await copy(format, other);
          expect(await contentOf(other), "a second import of the same files").toEqual(wanted);
          expect(await keysOf(other)).toBe(await keysOf(source));
        }
      } finally {
        await other.close();
      }
    },
    60_000,
  );

  it.each(["parquet", "otlp-json"] as const)(
    "as %s that is older than the retention is refused, or kept for one more age",
    async (format) => {
      // Timers go on, only the date is another.
      const clock = { ...systemClock, now: () => startMs + 10 * day };
      const other = await open({ clock, retentionMs: 7 * day });
      try {
        await expect(copy(format, other)).rejects.toMatchObject({
          code: "import-too-old",
          message: expect.stringContaining("older than the retention of 7d") as string,
        });
        expect((await other.storage(context)).total.rows).toBe(0);
        await copy(format, other, { keep: true });
        const { keptDays, upcoming, total } = await other.storage(context);
        expect(keptDays).toEqual([{ day: "2026-11-20", untilMs: startMs + 17 * day }]);
        expect(upcoming).toEqual([]);
        expect(total.rows).toBeGreaterThan(40);
      } finally {
        await other.close();
      }
    },
    60_000,
  );

  it("refuses Parquet that is none, or is another table's", async () => {
    const options: ImportOptions = { format: "parquet", keep: false };
    const refused = (bytes: Uint8Array) => source.importPiece(bytes, options, context);
    await expect(refused(Buffer.from("hello"))).rejects.toMatchObject({ code: "import-unreadable" });
    const foreign = await source.client.queryBytes("SELECT 1 AS one", "Parquet", { what: "make a file" });
    await expect(refused(foreign)).rejects.toMatchObject({
      code: "import-unreadable",
      message: expect.stringContaining("its columns (one)") as string,
    });
  });
});
