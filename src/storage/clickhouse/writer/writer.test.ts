/** What the writer promises, with a stand-in for the engine that remembers tokens as the engine does, and crashes at every step. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock, type Clock } from "../../../base/clock.ts";
import { OtelierError } from "../../../base/error.ts";
import { Batch, internalContext } from "../../../telemetry/batch.ts";
import { otlpJsonToBytes } from "../../../telemetry/json/parse.ts";
import { generateTraces } from "../../../../bench/corpus.ts";
import { ClickHouseClient } from "../client/client.ts";
import type { SegmentInserter } from "./insert/inserter.ts";
import { readBlock } from "./native/read-block.ts";
import type { SegmentStep } from "./segments/segment-directory.ts";
import { ClickHouseWriter, type WriterOptions } from "./writer.ts";

let folder: string;
let writers: ClickHouseWriter[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "otelier-writer-"));
  writers = [];
});
afterEach(async () => {
  for (const writer of writers) await writer.close(0);
  rmSync(folder, { recursive: true, force: true });
});

/** Keeps the rows of each token once, as a table with a deduplication window does: of as many blocks as before, whatever is in them. */
class FakeEngine implements SegmentInserter {
  readonly rows: string[] = [];
  readonly tokens: string[] = [];
  inserts = 0;
  fail: (() => Error | undefined) | undefined;

  async insert(segment: { readonly token: string }, files: readonly string[]): Promise<void> {
    this.inserts++;
    const error = this.fail?.();
    if (error !== undefined) throw error;
    const token = `${segment.token} of ${files.length}`;
    if (this.tokens.includes(token)) return;
    this.tokens.push(token);
    for (const file of files) {
      this.rows.push(...(readBlock(readFileSync(file)).columns.get("SpanId")?.values.map(String) ?? []));
    }
  }
}

async function open(engine: SegmentInserter, more: Partial<WriterOptions> = {}): Promise<ClickHouseWriter> {
  const client = new ClickHouseClient({ address: { kind: "socket", path: "/nowhere", database: "x" } });
  const writer = await ClickHouseWriter.open({
    client,
    directory: folder,
    schemaVersion: 1,
    inserter: engine,
    ...more,
  });
  writers.push(writer);
  return writer;
}

const start = { startUnixNano: 1_790_000_000_000_000_000n };

function batch(seed: number, spans = 20): { readonly batch: Batch; readonly ids: readonly string[] } {
  const [bytes] = generateTraces({ ...start, seed, spans: spans * 40, spansPerRequest: spans });
  const made = Batch.fromBytes("traces", bytes!, internalContext);
  const ids: string[] = [];
  for (const { scopeSpans } of made.traces().resourceSpans) {
    for (const scope of scopeSpans)
      for (const span of scope.spans) ids.push(Buffer.from(span.spanId).toString("hex"));
  }
  return { batch: made, ids };
}

/** A request with a point of each of so many series. */
function gauges(series: number): Uint8Array {
  const dataPoints = Array.from({ length: series }, (_, index) => ({
    timeUnixNano: "1790000000000000000",
    asDouble: index,
    attributes: [{ key: "user.id", value: { intValue: String(index) } }],
  }));
  const metrics = [{ name: "requests", gauge: { dataPoints } }];
  const request = { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] };
  const parsed = otlpJsonToBytes("metrics", Buffer.from(JSON.stringify(request)));
  if (!parsed.ok) expect.fail("not valid JSON");
  return parsed.bytes;
}

/** A field that holds a message of up to 2 MiB. */
function message(tag: number, content: Uint8Array): Uint8Array {
  const size = content.length;
  return Buffer.concat([
    Buffer.of(tag, (size & 0x7f) | 0x80, ((size >> 7) & 0x7f) | 0x80, size >> 14),
    content,
  ]);
}

/** Tables of the segments on disk; the first spans of a resource have it noted beside them. */
const tablesOnDisk = (): readonly string[] => segments().map((name) => name.split(".")[2] ?? "");
const segments = (): readonly string[] => readdirSync(folder).filter((name) => name.endsWith(".native"));
const outage = new OtelierError("down", { code: "clickhouse-unreachable", outcome: "retryable" });
const refusal = new OtelierError("no such column", { code: "clickhouse-refused", outcome: "permanent" });

describe("a write", () => {
  it("is safe on disk when it is answered, though the engine is away", async () => {
    const engine = new FakeEngine();
    engine.fail = () => outage;
    const { batch: one } = batch(1);
    const writer = await open(engine);
    expect(await writer.write(one)).toEqual({ rejected: 0, reason: "" });
    expect(tablesOnDisk().toSorted()).toEqual(["otel_traces", "otel_traces_resources"]);
    expect(writer.pendingSegments).toBe(2);
  });

  it("shares a segment with the writes of its moment", async () => {
    const engine = new FakeEngine();
    engine.fail = () => outage;
    const writer = await open(engine);
    await Promise.all([1, 2, 3, 4].map((seed) => writer.write(batch(seed).batch)));
    expect(tablesOnDisk().toSorted()).toEqual(["otel_traces", "otel_traces_resources"]);
  });

  it("is inserted, told of, and its segment removed", async () => {
    const engine = new FakeEngine();
    const writer = await open(engine);
    const seen: string[] = [];
    writer.onVisible((signals) => seen.push(...signals));
    const { batch: one, ids } = batch(1);
    await writer.write(one);
    await writer.drain();
    expect(engine.rows).toEqual(ids);
    expect(seen).toEqual(["traces"]);
    expect(segments()).toEqual([]);
  });

  it("costs fewer inserts than writes when writes are small", async () => {
    const engine = new FakeEngine();
    const writer = await open(engine);
    const all = Array.from({ length: 12 }, (_, seed) => batch(seed));
    for (const one of all) await writer.write(one.batch);
    await writer.drain();
    expect(engine.inserts).toBeLessThanOrEqual(3);
    expect(engine.rows.toSorted()).toEqual(all.flatMap(({ ids }) => ids).toSorted());
    expect(segments()).toEqual([]);
  });

  it("counts items with impossible times and keeps the others", async () => {
    const engine = new FakeEngine();
    const { batch: one, ids } = batch(1);
    const tree = one.clone().traces();
    const [first] = tree.resourceSpans;
    const [scope] = first!.scopeSpans;
    scope!.spans.at(0)!.startTimeUnixNano = 1n << 63n;
    const writer = await open(engine);
    const result = await writer.write(Batch.fromTree("traces", tree, internalContext));
    expect(result).toEqual({ rejected: 1, reason: "1 spans have a time outside 1900 to 2262" });
    await writer.drain();
    expect(engine.rows).toHaveLength(ids.length - 1);
  });

  it("refuses the points of series above the bound, says why, counts them, and keeps the others", async () => {
    const rows = new Map<string, number>();
    const writer = await open(
      {
        insert: async ({ table, rows: more }) => void rows.set(table, (rows.get(table) ?? 0) + more),
      },
      { maxSeries: 3 },
    );
    const all = (tenant: string): Batch =>
      Batch.fromBytes("metrics", gauges(5), { ...internalContext, tenant });
    const reason =
      "2 data points belong to new series above the bound of 3 a day: remove attributes whose values never repeat, or raise max_series (--max-series)";
    for (const tenant of ["one", "two", "one"]) {
      expect(await writer.write(all(tenant))).toEqual({ rejected: 2, reason });
    }
    await writer.drain();
    expect(Object.fromEntries(rows)).toEqual({ otel_metric_samples: 9, otel_metric_series: 6 });
    expect(writer.counts).toMatchObject({ rejectedItems: 6, beyondSeriesPoints: 6 });
  });

  it("of malformed bytes does not start the count of series over", async () => {
    const writer = await open(new FakeEngine(), { maxSeries: 3 });
    const bytes = gauges(5);
    const whole = Batch.fromBytes("metrics", bytes, internalContext);
    const cut = Batch.fromBytes("metrics", bytes.subarray(0, bytes.length - 3), internalContext);
    expect(await writer.write(whole)).toMatchObject({ rejected: 2 });
    await expect(writer.write(cut)).rejects.toMatchObject({ code: "malformed-otlp" });
    expect(await writer.write(whole)).toMatchObject({ rejected: 2 });
  });

  it("of malformed bytes is refused for good and leaves nothing in the block it shared", async () => {
    const engine = new FakeEngine();
    const writer = await open(engine);
    const { batch: good, ids } = batch(1);
    const { bytes } = batch(2).batch;
    const cut = Batch.fromBytes("traces", bytes.subarray(0, bytes.length - 3), internalContext);
    const answers = await Promise.allSettled([writer.write(good), writer.write(cut)]);
    expect(answers[0].status).toBe("fulfilled");
    expect(answers[1]).toMatchObject({ reason: { code: "malformed-otlp", outcome: "permanent" } });
    await writer.drain();
    expect(engine.rows).toEqual(ids);
  });

  it("is refused for now when the disk is full, and can be sent again", async () => {
    const engine = new FakeEngine();
    let isFull = true;
    const writer = await open(engine, {
      failpoint: (step) => {
        if (isFull && step === "written") throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      },
    });
    const { batch: one, ids } = batch(1);
    await expect(writer.write(one)).rejects.toMatchObject({
      code: "disk-full",
      outcome: "retryable",
      retryAfterMs: 30_000,
      message: "cannot store telemetry: the disk of the data directory is full",
    });
    isFull = false;
    await writer.write(one);
    await writer.drain();
    expect(engine.rows).toEqual(ids);
  });

  it("is held back, then refused for now, while too much waits for the engine", async () => {
    const engine = new FakeEngine();
    engine.fail = () => outage;
    const writer = await open(engine, { maxPendingBytes: 1000, longestWaitMs: 30 });
    await writer.write(batch(1).batch);
    await expect(writer.write(batch(2).batch)).rejects.toMatchObject({
      code: "store-overloaded",
      outcome: "retryable",
      retryAfterMs: 5_000,
    });
  });

  it("is stored whatever the clock does meanwhile: years forward, years back", async () => {
    const engine = new FakeEngine();
    let offsetMs = 0;
    const clock = { ...systemClock, now: () => systemClock.now() + offsetMs };
    const writer = await open(engine, { clock });
    const all = [0, 10, -20, 0].map((years, seed) => ({ years, ...batch(seed) }));
    for (const { years, batch: one } of all) {
      offsetMs = years * 365 * 86_400_000;
      await writer.write(one);
    }
    await writer.drain();
    expect(engine.rows.toSorted()).toEqual(all.flatMap(({ ids }) => ids).toSorted());
    expect(writer.setAside).toEqual([]);
  });

  it("with durability memory has its file all the same, so that a killed program loses nothing", async () => {
    const engine = new FakeEngine();
    engine.fail = () => outage;
    const { batch: one, ids } = batch(1);
    await (await open(engine, { fsync: false })).write(one);
    engine.fail = undefined;
    const next = await open(engine);
    await next.drain();
    expect(engine.rows).toEqual(ids);
  });

  it("is refused for now once the writer closes", async () => {
    const writer = await open(new FakeEngine());
    await writer.close();
    await expect(writer.write(batch(1).batch)).rejects.toMatchObject({
      code: "store-stopping",
      outcome: "retryable",
    });
  });

  it("fills several segments when its block grows too large, all in one answer", async () => {
    const engine = new FakeEngine();
    const writer = await open(engine);
    const spans = Buffer.from([0x12, 0]).toString("latin1").repeat(210_000);
    const scope = message(0x12, Buffer.from(spans, "latin1"));
    await writer.write(Batch.fromBytes("traces", new Uint8Array(message(0x0a, scope)), internalContext));
    await writer.drain();
    expect(writer.counts.insertedRows).toBe(210_000);
    expect(engine.inserts).toBeGreaterThan(1);
  }, 60_000);
});

describe("an insert", () => {
  it("is tried again until the engine is back", async () => {
    const engine = new FakeEngine();
    let failures = 3;
    engine.fail = () => (failures-- > 0 ? outage : undefined);
    const writer = await open(engine);
    const { batch: one, ids } = batch(1);
    await writer.write(one);
    await writer.drain();
    expect(engine.rows).toEqual(ids);
  });

  it("that is refused for good is set aside with its reason and stands in nobody's way", async () => {
    const engine = new FakeEngine();
    engine.fail = () => refusal;
    const reports: string[] = [];
    const writer = await open(engine, { report: (event) => reports.push(event.kind) });
    await writer.write(batch(1).batch);
    await writer.drain();
    const aside = (table: string): unknown => ({
      file: expect.stringMatching(new RegExp(`/aside/.*\\.${table}\\.`)),
      reason: "no such column",
    });
    expect(writer.setAside.toSorted((a, b) => (a.file < b.file ? -1 : 1))).toEqual([
      aside("otel_traces"),
      aside("otel_traces_resources"),
    ]);
    expect(writer.counts.setAsideRows).toBe(20);
    expect(reports).toEqual(["set-aside", "set-aside"]);
    engine.fail = undefined;
    const { batch: other, ids } = batch(2);
    await writer.write(other);
    await writer.drain();
    expect(engine.rows).toEqual(ids);
  });
});

describe("a start", () => {
  it("inserts what an earlier run left, and sets a torn segment aside", async () => {
    const engine = new FakeEngine();
    engine.fail = () => outage;
    const two = batch(2);
    for (const { batch: one } of [batch(1), two]) {
      const writer = await open(engine);
      await writer.write(one);
      await writer.close(0);
    }
    const [torn] = segments().toSorted();
    truncateSync(path.join(folder, torn!), 100);
    engine.fail = undefined;
    const second = await open(engine);
    await second.drain();
    expect(engine.rows).toEqual(two.ids);
    expect(second.setAside[0]?.reason).toMatch(
      /^the file is damaged: it has 100 bytes where \d+ were written$/,
    );
  });

  it("dissolves a group with a damaged segment, sets that aside and inserts the others", async () => {
    const engine = new FakeEngine();
    engine.fail = () => outage;
    const all = [1, 2, 3].map((seed) => batch(seed));
    // None leaves by itself, however slow the writes are.
    const late: Clock["schedule"] = (ms, run) => systemClock.schedule(ms < 300 ? ms : 60_000, run);
    const writer = await open(engine, { clock: { ...systemClock, schedule: late } });
    for (const { batch: one } of all) await writer.write(one);
    // The rows leave together, in a group, which the engine does not take yet.
    void writer.drain();
    const ofSpans = (): readonly string[] => segments().filter((name) => name.includes(".otel_traces."));
    await vi.waitFor(() => expect(ofSpans()).toHaveLength(4), 10_000);
    await writer.close(0);
    truncateSync(path.join(folder, ofSpans().toSorted()[1]!), 100);
    engine.fail = undefined;
    const second = await open(engine);
    await second.drain();
    expect(engine.rows).toEqual([...all[0]!.ids, ...all[2]!.ids]);
    expect(second.counts).toMatchObject({ insertedRows: 40, setAsideRows: 20 });
    expect(segments()).toEqual([]);
  });

  const steps: readonly SegmentStep[] = ["written", "renamed", "directory-synced", "before-remove"];
  it.each(steps.flatMap((step) => [1, 2, 3, 4, 6, 8, 9].map((nth) => [step, nth] as const)))(
    "after a crash at %s, time %i, loses nothing that was answered and doubles nothing",
    async (step, nth) => {
      const engine = new FakeEngine();
      let left: number = nth;
      let crashed = false;
      // From the crash on nothing reaches the disk or the engine any more.
      const first = await open(engine, {
        failpoint: (at) => {
          if (at === step && --left === 0) crashed = true;
          if (crashed) throw new Error("crashed");
        },
      });
      engine.fail = () => (crashed ? outage : undefined);
      const answered: string[] = [];
      const sent: string[] = [];
      for (let seed = 0; seed < 6 && !crashed; seed++) {
        const { batch: one, ids } = batch(seed);
        sent.push(...ids);
        await first.write(one).then(
          () => answered.push(...ids),
          () => {},
        );
        if (seed % 2 === 1) await new Promise((resolve) => setTimeout(resolve, 350));
      }
      await first.close(0);
      engine.fail = undefined;
      const second = await open(engine);
      await second.drain();
      const rows = new Set(engine.rows);
      expect(rows.size).toBe(engine.rows.length);
      expect(answered.filter((id) => !rows.has(id))).toEqual([]);
      expect(engine.rows.filter((id) => !sent.includes(id))).toEqual([]);
      expect(segments()).toEqual([]);
    },
  );
});
