import { describe, expect, it } from "vitest";
import { testSettings } from "../../../test/fakes/component-settings.ts";
import type { TestSettings } from "../../../test/fakes/component-settings.ts";
import { createManualClock } from "../../../test/fakes/manual-clock.ts";
import type { ManualClock } from "../../../test/fakes/manual-clock.ts";
import { OtelierError } from "../../base/error.ts";
import { Batch, internalContext } from "../../telemetry/batch.ts";
import type { BatchContext } from "../../telemetry/batch.ts";
import type { Exporter } from "../component.ts";
import { defaultConfig } from "../settings/decode.ts";
import { queueOption, retryOption } from "../settings/queue.ts";
import type { QueueBatchConfig, QueueConfig, RetryConfig } from "../settings/queue.ts";
import { createQueuedExporter } from "./queued-exporter.ts";

/** A protobuf of `count` spans: each is an empty message in one scope of one resource. */
function batchOf(count: number, context: Partial<BatchContext> = {}): Batch {
  const spans = Array.from({ length: count }, () => [0x12, 0x00]).flat();
  const scope = [0x12, spans.length, ...spans];
  return Batch.fromBytes("traces", Uint8Array.from([0x0a, scope.length, ...scope]), {
    ...internalContext,
    ...context,
  });
}

interface Rig {
  readonly exporter: Exporter;
  readonly clock: ManualClock;
  readonly settings: TestSettings;
  /** Items of each batch that was sent, failed attempts included. */
  readonly attempts: number[];
  readonly count: (name: string) => number | undefined;
}

interface RigOptions {
  readonly queue?: Partial<QueueConfig> | false;
  readonly batch?: Partial<QueueBatchConfig>;
  readonly retry?: Partial<RetryConfig>;
  readonly timeout?: number;
  readonly send?: (batch: Batch) => Promise<void>;
}

function rig(options: RigOptions = {}): Rig {
  const clock = createManualClock();
  const settings = testSettings("exporter", "otlp/1", { clock });
  const attempts: number[] = [];
  const queue = defaultConfig(queueOption);
  if (queue === undefined) throw new Error("the queue is on by default");
  const batch = {
    flush_timeout: 200,
    min_size: 10,
    max_size: 0,
    sizer: undefined,
    partition: { metadata_keys: [] },
  };
  const sending_queue =
    options.queue === false
      ? undefined
      : {
          ...queue,
          ...(options.batch === undefined ? {} : { batch: { ...batch, ...options.batch } }),
          ...options.queue,
        };
  const exporter = createQueuedExporter({
    settings,
    signal: "traces",
    config: {
      sending_queue,
      retry_on_failure: { ...defaultConfig(retryOption), randomization_factor: 0, ...options.retry },
      timeout: options.timeout ?? 0,
    },
    send: async (sent) => {
      attempts.push(sent.itemCount);
      await options.send?.(sent);
    },
  });
  const count = (name: string): number | undefined =>
    settings.metrics.read(`otelcol_exporter_${name}`, { exporter: "otlp/1" }) ??
    settings.metrics.read(`otelcol_exporter_${name}`, { exporter: "otlp/1", data_type: "traces" });
  return { exporter, clock, settings, attempts, count };
}

const unavailable = (retryAfterMs?: number): OtelierError =>
  new OtelierError("unavailable", {
    code: "unavailable",
    outcome: "retryable",
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
const invalid = new OtelierError("invalid", { code: "invalid", outcome: "permanent" });
const never = (): Promise<void> => new Promise(() => {});

describe("retry", () => {
  it("waits 5 s, then 1.5 times longer, and counts what was sent once", async () => {
    let failures = 2;
    const { exporter, clock, attempts, count } = rig({
      send: () => (failures-- > 0 ? Promise.reject(unavailable()) : Promise.resolve()),
    });
    await exporter.consume(batchOf(3));
    await clock.advance(4999);
    expect(attempts).toHaveLength(1);
    await clock.advance(1);
    expect(attempts).toHaveLength(2);
    await clock.advance(7499);
    expect(attempts).toHaveLength(2);
    await clock.advance(1);
    expect(attempts).toEqual([3, 3, 3]);
    expect([count("sent_spans"), count("send_failed_spans"), count("queue_size")]).toEqual([3, 0, 0]);
  });

  it("is never earlier than the other side asked for", async () => {
    const { exporter, clock, attempts } = rig({ send: () => Promise.reject(unavailable(60_000)) });
    await exporter.consume(batchOf(1));
    await clock.advance(59_999);
    expect(attempts).toHaveLength(1);
    await clock.advance(1);
    expect(attempts).toHaveLength(2);
  });

  it("gives up after max_elapsed_time, and says so", async () => {
    const { exporter, clock, settings, count } = rig({ send: () => Promise.reject(unavailable()) });
    await exporter.consume(batchOf(4));
    await clock.advance(400_000);
    expect([count("sent_spans"), count("send_failed_spans"), count("queue_size")]).toEqual([0, 4, 0]);
    const last = settings.log.lines.at(-1);
    expect(last).toMatchObject({
      level: "error",
      message: "Exporting failed. Dropping data.",
      fields: { error: "no more retries left: unavailable", dropped_items: 4 },
    });
  });

  it("drops a permanent failure at once", async () => {
    const { exporter, clock, attempts, count } = rig({ send: () => Promise.reject(invalid) });
    await exporter.consume(batchOf(2));
    await clock.advance(1000);
    expect(attempts).toEqual([2]);
    expect(count("send_failed_spans")).toBe(2);
  });

  it("retries what timed out", async () => {
    const { exporter, clock, attempts } = rig({ timeout: 1000, send: never });
    await exporter.consume(batchOf(1));
    await clock.advance(6000);
    expect(attempts).toHaveLength(2);
  });
});

describe("sending queue", () => {
  it("accepts before sending, and refuses what does not fit", async () => {
    const { exporter, count } = rig({ queue: { queue_size: 2, num_consumers: 1 }, send: never });
    await exporter.consume(batchOf(1));
    await exporter.consume(batchOf(1));
    await expect(exporter.consume(batchOf(5))).rejects.toMatchObject({
      code: "queue-full",
      outcome: "retryable",
    });
    expect([count("queue_size"), count("queue_capacity"), count("enqueue_failed_spans")]).toEqual([2, 2, 5]);
  });

  it("waits for room with block_on_overflow", async () => {
    const answers: (() => void)[] = [];
    const send = (): Promise<void> => new Promise((resolve) => answers.push(resolve));
    const { exporter, clock } = rig({ queue: { queue_size: 1, block_on_overflow: true }, send });
    await exporter.consume(batchOf(1));
    let isAccepted = false;
    const waiting = exporter.consume(batchOf(1)).then(() => (isAccepted = true));
    await clock.advance(10);
    expect(isAccepted).toBe(false);
    answers[0]?.();
    await waiting;
    expect(isAccepted).toBe(true);
  });

  it.each([
    ["requests", 2],
    ["items", 8],
    ["bytes", 28],
  ] as const)("counts %s", async (sizer, expected) => {
    const { exporter, count } = rig({ queue: { sizer, queue_size: 10_000 }, send: never });
    await exporter.consume(batchOf(4));
    await exporter.consume(batchOf(4));
    expect(count("queue_size")).toBe(sizer === "bytes" ? 2 * batchOf(4).sizeBytes : expected);
  });

  it("answers with the result when wait_for_result is on", async () => {
    const { exporter } = rig({ queue: { wait_for_result: true }, send: () => Promise.reject(invalid) });
    await expect(exporter.consume(batchOf(1))).rejects.toMatchObject({
      code: "invalid",
      outcome: "permanent",
    });
  });

  it("without a queue the sender waits and gets the error", async () => {
    const { exporter, count } = rig({
      queue: false,
      send: () => Promise.reject(unavailable()),
      retry: { enabled: false },
    });
    await expect(exporter.consume(batchOf(2))).rejects.toMatchObject({ outcome: "retryable" });
    expect([count("send_failed_spans"), count("enqueue_failed_spans")]).toEqual([2, 0]);
  });

  it("sends by as many consumers as asked for", async () => {
    const { exporter, attempts, count } = rig({ queue: { num_consumers: 3 }, send: never });
    for (let at = 0; at < 5; at++) await exporter.consume(batchOf(1));
    expect(attempts).toHaveLength(3);
    expect(count("in_flight_requests")).toBe(3);
  });
});

describe("batching", () => {
  it("joins until min_size, or until flush_timeout", async () => {
    const { exporter, clock, attempts } = rig({ batch: { min_size: 10 } });
    for (const items of [4, 4, 4, 1]) await exporter.consume(batchOf(items));
    await clock.advance(0);
    expect(attempts).toEqual([12]);
    await clock.advance(199);
    expect(attempts).toEqual([12]);
    await clock.advance(1);
    expect(attempts).toEqual([12, 1]);
  });

  it("cuts at max_size and keeps a small rest for the next batch", async () => {
    const { exporter, clock, attempts, count } = rig({ batch: { min_size: 10, max_size: 10 } });
    await exporter.consume(batchOf(25));
    await clock.advance(0);
    expect(attempts).toEqual([10, 10]);
    await exporter.consume(batchOf(6));
    await clock.advance(0);
    expect(attempts).toEqual([10, 10, 10]);
    expect(count("queue_size")).toBe(2);
    await clock.advance(200);
    expect(attempts).toEqual([10, 10, 10, 1]);
    expect(count("queue_size")).toBe(0);
  });

  it("never joins tenants, nor values of metadata_keys", async () => {
    const { exporter, clock, attempts } = rig({ batch: { partition: { metadata_keys: ["X-Team"] } } });
    await exporter.consume(batchOf(1, { tenant: "a" }));
    await exporter.consume(batchOf(2, { tenant: "b" }));
    await exporter.consume(batchOf(3, { tenant: "a", metadata: new Map([["x-team", ["red"]]]) }));
    await exporter.consume(batchOf(4, { tenant: "a" }));
    await clock.advance(200);
    expect(attempts).toEqual([5, 2, 3]);
  });

  it("settles each waiting sender once all parts of its batch were sent", async () => {
    const sent: number[] = [];
    const { exporter, clock } = rig({
      queue: { wait_for_result: true },
      batch: { min_size: 10, max_size: 10 },
    });
    const waiting = exporter.consume(batchOf(15)).then(() => sent.push(15));
    await clock.advance(0);
    expect(sent).toEqual([]);
    await clock.advance(200);
    await waiting;
    expect(sent).toEqual([15]);
  });
});

describe("shutdown", () => {
  it("sends what is queued, batched or waiting for a retry, then nothing is left", async () => {
    let isDown = true;
    const { exporter, clock, count } = rig({
      queue: { num_consumers: 1 },
      batch: { min_size: 5 },
      send: () => (isDown ? Promise.reject(unavailable()) : Promise.resolve()),
    });
    await exporter.consume(batchOf(7));
    await exporter.consume(batchOf(6));
    await exporter.consume(batchOf(2));
    await clock.advance(100);
    isDown = false;
    await exporter.shutdown();
    expect([count("sent_spans"), count("send_failed_spans"), count("queue_size")]).toEqual([15, 0, 0]);
    await expect(exporter.consume(batchOf(1))).rejects.toMatchObject({ code: "queue-stopped" });
  });

  it("does not hang on a server that stays away", async () => {
    const { exporter, clock, count } = rig({ send: () => Promise.reject(unavailable()) });
    for (let at = 0; at < 20; at++) await exporter.consume(batchOf(1));
    await clock.advance(1);
    await exporter.shutdown();
    expect(count("send_failed_spans")).toBe(20);
  });
});
