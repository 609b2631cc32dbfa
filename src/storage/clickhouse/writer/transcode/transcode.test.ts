import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Batch, internalContext } from "../../../../telemetry/batch.ts";
import { otlpJsonToBytes } from "../../../../telemetry/json/parse.ts";
import type { Signal } from "../../../../telemetry/signal.ts";
import { messageBytes } from "../../../../telemetry/testdata/arbitrary-message.ts";
import { rootSpecs } from "../../../../telemetry/wire/schema.ts";
import { generateLogs, generateMetrics, generateTraces } from "../../../../../bench/corpus.ts";
import type { BlockSet } from "../commit/blocks.ts";
import { readBlock, type NativeTable, type NativeValue } from "../native/read-block.ts";
import { decodeValue } from "./attribute-writer.ts";
import { LogTranscoder } from "./log-transcoder.ts";
import { MetricTranscoder } from "./metric-transcoder.ts";
import { referenceMetrics } from "./metrics.reference.ts";
import { referenceKeys } from "./attribute-keys.reference.ts";
import { referenceResources } from "./resources.reference.ts";
import { SpanTranscoder } from "./span-transcoder.ts";
import { binary, referenceLogs, referenceSpans, type ReferenceRow } from "./transcode.reference.ts";
import type { Transcoder } from "./transcoder.ts";

const context = { tenant: "shop", arrivedMs: 1_790_000_000_123 };
type Rows = ReadonlyMap<string, readonly ReferenceRow[]>;

const transcoders: Readonly<Record<Signal, () => Transcoder<BlockSet>>> = {
  traces: () => new SpanTranscoder(),
  logs: () => new LogTranscoder(),
  metrics: () => new MetricTranscoder(0),
};

function transcode(signal: Signal, bytes: Uint8Array): { rows: Rows; rejected: number; reason: string } {
  const transcoder = transcoders[signal]();
  const blocks = transcoder.createBlocks();
  const { rejected, reason } = transcoder.transcode(bytes, context, {
    blocks,
    sizeBytes: 0,
    cut: () => expect.fail("not full"),
  });
  expect(blocks.complete?.() ?? 0).toBe(0);
  const rows = new Map<string, readonly ReferenceRow[]>();
  for (const { table, block } of blocks.tables) {
    if (block.rows > 0) rows.set(table, rowsOf(readBlock(Buffer.concat(block.chunks()))));
  }
  return { rows, rejected, reason };
}

function rowsOf({ rows, columns }: NativeTable): readonly ReferenceRow[] {
  return Array.from({ length: rows }, (_, row) =>
    Object.fromEntries([...columns].map(([name, column]) => [name, column.values[row]!])),
  );
}

function reference(signal: Signal, bytes: Uint8Array): Rows {
  const batch = Batch.fromBytes(signal, bytes, internalContext);
  if (signal === "metrics") return referenceMetrics(batch, context);
  if (signal === "logs") {
    const records = referenceLogs(batch, context);
    return filled([
      ["otel_logs", records],
      ["otel_attribute_keys_logs", referenceKeys("logs", records)],
    ]);
  }
  const spans = referenceSpans(batch, context);
  return filled([
    ["otel_traces", spans],
    ["otel_attribute_keys_traces", referenceKeys("traces", spans)],
    ["otel_traces_resources", referenceResources(batch, context)],
  ]);
}

function filled(tables: readonly (readonly [string, readonly ReferenceRow[]])[]): Rows {
  return new Map(tables.filter(([, rows]) => rows.length > 0));
}

/** Replaces fingerprints by the number of their first sight, and spells raw values as the codec does. */
function normalise(rows: Rows, fingerprints: Map<NativeValue, number>): unknown {
  const number = (fingerprint: NativeValue): number => {
    if (!fingerprints.has(fingerprint)) fingerprints.set(fingerprint, fingerprints.size);
    return fingerprints.get(fingerprint)!;
  };
  return [...rows.keys()].sort().map((table) => [
    table,
    ordered(table, rows.get(table)!).map((row) => ({
      ...row,
      ...("Fingerprint" in row ? { Fingerprint: number(row["Fingerprint"]) } : {}),
      ...("RawAttributes" in row ? { RawAttributes: spelled(row["RawAttributes"]) } : {}),
    })),
  ]);
}

/** Attribute keys are counted in no order that anybody relies on. */
function ordered(table: string, rows: readonly ReferenceRow[]): readonly ReferenceRow[] {
  if (!table.startsWith("otel_attribute_keys")) return rows;
  const name = (row: ReferenceRow): string => JSON.stringify([row["Scope"], row["Hour"], row["Key"]]);
  return rows.toSorted((left, right) => (name(left) < name(right) ? -1 : 1));
}

function spelled(raw: NativeValue): NativeValue {
  return (raw as readonly (readonly [string, string])[]).map(([key, value]) => [
    key,
    binary(decodeValue(new Uint8Array(Buffer.from(value, "latin1")))),
  ]);
}

function expectSame(signal: Signal, bytes: Uint8Array): void {
  const { rows, rejected } = transcode(signal, bytes);
  const wanted = reference(signal, bytes);
  expect(normalise(rows, new Map())).toEqual(normalise(wanted, new Map()));
  const pointTables = ["samples", "histograms", "exp_histograms", "summaries"].map(
    (name) => `otel_metric_${name}`,
  );
  const tables = signal === "metrics" ? pointTables : [`otel_${signal}`];
  const kept = tables.reduce((sum, table) => sum + (wanted.get(table)?.length ?? 0), 0);
  expect(rejected).toBe(Batch.fromBytes(signal, bytes, internalContext).itemCount - kept);
}

describe.each(["traces", "logs", "metrics"] as const)("%s", (signal) => {
  it("gives the rows of the reference for any valid message", () => {
    fc.assert(
      fc.property(messageBytes(rootSpecs[signal]), (bytes) => expectSame(signal, bytes)),
      { numRuns: 1500 },
    );
  });

  it("gives the rows of the reference for the corpus", () => {
    const start = { seed: 7, startUnixNano: 1_790_000_000_000_000_000n };
    const requests = {
      traces: () => generateTraces({ ...start, spans: 3_000, spansPerRequest: 500 }),
      logs: () => generateLogs({ ...start, records: 3_000, recordsPerRequest: 500 }),
      metrics: () => generateMetrics({ ...start, exports: 20 }),
    }[signal]();
    for (const bytes of requests) expectSame(signal, bytes);
  });
});

it("of a metric with several kinds of data the last is kept, and the points of the others are refused with the reason", () => {
  const points = (count: number): string =>
    `{"dataPoints":[${Array.from({ length: count }, () => '{"timeUnixNano":"1790000000000000000","count":"1"}').join()}]}`;
  const metric = `{"name":"m","gauge":${points(2)},"histogram":${points(3)},"sum":${points(4)}}`;
  const json = `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[${metric},{"name":"n","gauge":${points(1)}}]}]}]}`;
  const parsed = otlpJsonToBytes("metrics", Buffer.from(json));
  if (!parsed.ok) throw new Error(parsed.message);
  const { rows, rejected, reason } = transcode("metrics", parsed.bytes);
  expect(rows.get("otel_metric_samples")).toHaveLength(4 + 1);
  expect(rows.get("otel_metric_histograms")).toBeUndefined();
  expect({ rejected, reason }).toEqual({
    rejected: 2 + 3,
    reason:
      "5 data points lie in a metric that has another kind of data after them: send a metric for each kind",
  });
});

it("notes a resource once in five minutes of its spans' time, and again when its row may be lost", () => {
  const transcoder = new SpanTranscoder();
  const blocks = transcoder.createBlocks();
  const send = (service: string, seconds: number): void => {
    const resource = `{"attributes":[{"key":"service.name","value":{"stringValue":"${service}"}}]}`;
    const span = `{"name":"n","startTimeUnixNano":"${1_790_000_100 + seconds}000000000"}`;
    const json = `{"resourceSpans":[{"resource":${resource},"scopeSpans":[{"spans":[${span}]}]}]}`;
    const parsed = otlpJsonToBytes("traces", Buffer.from(json));
    if (!parsed.ok) throw new Error(parsed.message);
    transcoder.transcode(parsed.bytes, context, { blocks, sizeBytes: 0, cut: () => expect.fail("not full") });
  };
  send("a", 0);
  send("a", 299);
  send("b", 1);
  send("a", 300);
  send("a", 10);
  transcoder.forget();
  send("a", 20);
  const noted = blocks.tables.find(({ table }) => table === "otel_traces_resources")!;
  const rows = rowsOf(readBlock(Buffer.concat(noted.block.chunks())));
  expect(rows.map((row) => [row["ServiceName"], row["SeenAt"]])).toEqual([
    ["a", 1790000100000000000n],
    ["b", 1790000101000000000n],
    ["a", 1790000400000000000n],
    ["a", 1790000120000000000n],
  ]);
});

it("counts attribute keys of each tenant and hour, in whatever order items come", () => {
  const transcoder = new LogTranscoder();
  const blocks = transcoder.createBlocks();
  const send = (tenant: string, seconds: number, keys: readonly string[]): void => {
    const attributes = keys.map((key) => `{"key":"${key}","value":{"intValue":"1"}}`).join();
    const record = `{"timeUnixNano":"${seconds}000000000","attributes":[${attributes}]}`;
    const json = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${record}]}]}]}`;
    const parsed = otlpJsonToBytes("logs", Buffer.from(json));
    if (!parsed.ok) throw new Error(parsed.message);
    transcoder.transcode(
      parsed.bytes,
      { ...context, tenant },
      { blocks, sizeBytes: 0, cut: () => expect.fail("not full") },
    );
  };
  send("a", 3599, ["x", "y", "x"]);
  send("b", 3599, ["x"]);
  send("a", 3600, ["y"]);
  send("a", 1, ["x"]);
  send("b", 7199, ["z"]);
  send("b", 4_294_967_296, ["z"]);
  expect(blocks.complete()).toBe(0);
  const rows = rowsOf(readBlock(Buffer.concat(blocks.tables[1]!.block.chunks())));
  expect(rows.map((row) => [row["Tenant"], row["Hour"], row["Key"], row["Count"]])).toEqual([
    ["a", 0, "x", 3n],
    ["a", 0, "y", 1n],
    ["b", 0, "x", 1n],
    ["a", 3600, "y", 1n],
    ["b", 3600, "z", 1n],
    ["b", 4_294_965_600, "z", 1n],
  ]);
});
