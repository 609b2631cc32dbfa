/** What the writer promises who writes. */
import { describe, expect, it } from "vitest";
import { systemClock, type Clock } from "../../../base/clock.ts";
import { messageOf } from "../../../base/error.ts";
import { Batch, internalContext } from "../../../telemetry/batch.ts";
import { otlpJsonToBytes } from "../../../telemetry/json/parse.ts";
import { maxBlockRows } from "./commit/blocks.ts";
import {
  FakeEngine,
  batch,
  open,
  outage,
  segments,
  tablesOnDisk,
  useWriters,
} from "./testdata/writer-scene.ts";

useWriters();

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

/** Tables of the segments of a write of spans. */
const besideSpans = ["otel_attribute_keys_traces", "otel_traces", "otel_traces_resources"];

describe("a write", () => {
  it("is safe on disk when it is answered, though the engine is away", async () => {
    const engine = new FakeEngine();
    engine.fail = () => outage;
    const { batch: one } = batch(1);
    const writer = await open(engine);
    expect(await writer.write(one)).toEqual({ rejected: 0, reason: "" });
    expect(tablesOnDisk().toSorted()).toEqual(besideSpans);
    expect(writer.pendingSegments).toBe(3);
  });

  it("shares a segment with the writes of its moment", async () => {
    const engine = new FakeEngine();
    engine.fail = () => outage;
    const writer = await open(engine);
    await Promise.all([1, 2, 3, 4].map((seed) => writer.write(batch(seed).batch)));
    expect(tablesOnDisk().toSorted()).toEqual(besideSpans);
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

  it("is told of with whose rows it holds, also of a group, and not of who was refused", async () => {
    const engine = new FakeEngine();
    const writer = await open(engine);
    const seen: string[][] = [];
    writer.onVisible((_, tenants) => seen.push([...(tenants ?? ["unknown"])].toSorted()));
    const of = (tenant: string, bytes: Uint8Array): Batch =>
      Batch.fromBytes("traces", bytes, { ...internalContext, tenant });
    // In one commit.
    const refused = writer.write(of("refused", Buffer.from("0a05ffffffffff", "hex"))).catch(messageOf);
    await Promise.all(
      ["acme", "globex"].map((tenant, at) => writer.write(of(tenant, batch(at).batch.bytes))),
    );
    expect(await refused).toContain("cannot decode traces");
    await writer.drain();
    expect(seen).toEqual([["acme", "globex"]]);
    // In three commits, which wait for each other.
    for (const [at, tenant] of ["acme", "umbrella", "acme"].entries())
      await writer.write(of(tenant, batch(at + 2).batch.bytes));
    await writer.drain();
    expect([...new Set(seen.slice(1).flat())].toSorted()).toEqual(["acme", "umbrella"]);
  });

  it("costs fewer inserts than writes when writes are small", async () => {
    const engine = new FakeEngine();
    // None leaves by itself, however slow the writes are.
    const clock: Clock = {
      ...systemClock,
      schedule: (delayMs, run) => systemClock.schedule(delayMs < 300 ? delayMs : 60_000, run),
    };
    const writer = await open(engine, { clock });
    const all = Array.from({ length: 12 }, (_, seed) => batch(seed));
    for (const one of all) await writer.write(one.batch);
    await writer.drain();
    expect(engine.inserts).toBe(besideSpans.length);
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
  });

  it("of malformed bytes that fills a block spoils neither that nor the next one", async () => {
    const engine = new FakeEngine();
    const writer = await open(engine);
    const write = (spans: number, end: readonly number[] = []): Promise<unknown> => {
      const list = Buffer.concat([Buffer.from("1200".repeat(spans), "hex"), Buffer.from(end)]);
      const request = message(0x0a, message(0x12, list));
      return writer.write(Batch.fromBytes("traces", new Uint8Array(request), internalContext));
    };
    // A span whose trace id is longer than the span: found when it is its turn.
    const cutOff = [0x12, 2, 0x0a, 16];
    const answers = await Promise.allSettled([write(maxBlockRows - 1_000), write(2_000, cutOff), write(10)]);
    expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    await writer.drain();
    // What filled the block (with the row of the resource) cannot be taken back; what came behind it is.
    expect(writer.counts.insertedRows).toBe(maxBlockRows - 1 + 10);
  });
});
