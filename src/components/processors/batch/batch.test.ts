import { describe, expect, test } from "vitest";
import { testSettings, type TestSettings } from "../../../../test/fakes/component-settings.ts";
import { TestConsumer } from "../../../../test/fakes/consumer.ts";
import { createManualClock, type ManualClock } from "../../../../test/fakes/manual-clock.ts";
import type { Processor } from "../../../pipeline/component.ts";
import { defaultConfig } from "../../../pipeline/settings/decode.ts";
import { Batch, internalContext } from "../../../telemetry/batch.ts";
import { ResourceSpans, ScopeSpans, Span, TracesData } from "../../../telemetry/tree/traces.ts";
import { createBatch } from "./batch.ts";
import { batchConfig, type BatchConfig } from "./config.ts";

function spans(count: number, metadata?: ReadonlyMap<string, readonly string[]>): Batch {
  const data = new TracesData();
  const resourceSpans = new ResourceSpans();
  const scopeSpans = new ScopeSpans();
  for (let at = 0; at < count; at++) {
    const span = new Span();
    span.name = `span ${at}`;
    scopeSpans.spans.push(span);
  }
  resourceSpans.scopeSpans.push(scopeSpans);
  data.resourceSpans.push(resourceSpans);
  const context = metadata === undefined ? internalContext : { ...internalContext, metadata };
  return Batch.fromTree("traces", data, context);
}

interface SetUp {
  readonly clock: ManualClock;
  readonly settings: TestSettings;
  readonly next: TestConsumer;
  readonly batch: Processor;
}

function setUp(options: Partial<BatchConfig>): SetUp {
  const clock = createManualClock();
  const settings = testSettings("processor", "batch", { clock });
  const next = new TestConsumer();
  return {
    clock,
    settings,
    next,
    batch: createBatch(settings, { ...defaultConfig(batchConfig), ...options }, next),
  };
}

/** Lets everything that is ready run. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const labels = { processor: "batch" };

const sizes = (next: TestConsumer): number[] => next.batches.map((batch) => batch.itemCount);

describe("batch processor", () => {
  test("waits for the timeout, then sends what there is as one message", async () => {
    const { clock, settings, next, batch } = setUp({});
    await batch.consume(spans(3));
    await batch.consume(spans(4));
    await clock.advance(199);
    expect(sizes(next)).toEqual([]);
    await clock.advance(1);
    expect(sizes(next)).toEqual([7]);
    expect(next.batches[0]?.traces().resourceSpans.length).toBe(2);
    expect(settings.metrics.read("otelcol_processor_batch_timeout_trigger_send", labels)).toBe(1);
  });

  test("sends at once when complete", async () => {
    const { settings, next, batch } = setUp({ send_batch_size: 5 });
    await batch.consume(spans(3));
    await batch.consume(spans(3));
    await settle();
    expect(sizes(next)).toEqual([6]);
    expect(settings.metrics.read("otelcol_processor_batch_batch_size_trigger_send", labels)).toBe(1);
  });

  test("joins batches of one tenant only, and forgets tenants that have nothing here", async () => {
    const { clock, settings, next, batch } = setUp({});
    const of = (tenant: string, count: number): Batch =>
      Batch.fromBytes("traces", spans(count).bytes, { ...internalContext, tenant });
    const combinations = (): number | undefined =>
      settings.metrics.read("otelcol_processor_batch_metadata_cardinality", labels);
    for (const count of [1, 2]) for (const tenant of ["a", "b"]) await batch.consume(of(tenant, count));
    expect(combinations()).toBe(2);
    await clock.advance(200);
    await settle();
    expect(next.batches.map(({ context, itemCount }) => [context.tenant, itemCount])).toEqual([
      ["a", 3],
      ["b", 3],
    ]);
    expect(combinations()).toBe(0);
    await batch.consume(of("a", 4));
    await batch.shutdown();
    expect(sizes(next)).toEqual([3, 3, 4]);
  });

  test("splits what is larger than the maximum", async () => {
    const { next, batch } = setUp({ send_batch_size: 4, send_batch_max_size: 4 });
    await batch.consume(spans(10));
    await settle();
    expect(sizes(next)).toEqual([4, 4, 2]);
  });

  test.each([{ timeout: 0 }, { send_batch_size: 0 }])(
    "sends each batch as it comes with %o",
    async (options) => {
      const { next, batch } = setUp(options);
      await batch.consume(spans(1));
      await settle();
      expect(sizes(next)).toEqual([1]);
    },
  );

  test("makes the sender wait while a full batch is on its way and another one is complete", async () => {
    const { next, batch } = setUp({ send_batch_size: 2 });
    let release = (): void => {};
    next.answer = () => new Promise((resolve) => (release = resolve));
    await batch.consume(spans(2));
    await batch.consume(spans(2));
    let taken = false;
    const third = batch.consume(spans(2)).then(() => (taken = true));
    await settle();
    expect(taken).toBe(false);
    next.answer = () => Promise.resolve();
    release();
    await third;
    await batch.shutdown();
    expect(sizes(next)).toEqual([2, 2, 2]);
  });

  test("sends all that it holds on shutdown", async () => {
    const { next, batch } = setUp({});
    await batch.consume(spans(3));
    await batch.shutdown();
    expect(sizes(next)).toEqual([3]);
  });

  test("logs what fails behind it and goes on", async () => {
    const { settings, next, batch } = setUp({ send_batch_size: 1 });
    next.answer = () => Promise.reject(new Error("no route"));
    await batch.consume(spans(1));
    await settle();
    expect(settings.log.lines).toEqual([
      { level: "warn", message: "sender failed", fields: { error: "no route", items: 1 } },
    ]);
    next.answer = () => Promise.resolve();
    await batch.consume(spans(2));
    await settle();
    expect(sizes(next)).toEqual([2]);
  });

  test("keeps tenants apart, up to the limit", async () => {
    const { next, batch } = setUp({ metadata_keys: ["X-Tenant"], metadata_cardinality_limit: 2 });
    const tenant = (name: string): ReadonlyMap<string, readonly string[]> => new Map([["x-tenant", [name]]]);
    await batch.consume(spans(1, tenant("a")));
    await batch.consume(spans(2, tenant("b")));
    await batch.consume(spans(3, tenant("a")));
    await expect(batch.consume(spans(1, tenant("c")))).rejects.toThrow(
      "too many batcher metadata-value combinations",
    );
    await batch.shutdown();
    expect(sizes(next)).toEqual([4, 2]);
  });
});
