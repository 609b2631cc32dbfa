import { describe, expect, test } from "vitest";
import { testSettings } from "../../../../test/fakes/component-settings.ts";
import { TestConsumer } from "../../../../test/fakes/consumer.ts";
import { createManualClock } from "../../../../test/fakes/manual-clock.ts";
import { defaultConfig } from "../../../pipeline/settings/decode.ts";
import { Batch, internalContext } from "../../../telemetry/batch.ts";
import { memoryLimiterConfig, checkMemoryLimiter, type MemoryLimiterConfig } from "./config.ts";
import { limitsOf } from "./limiter.ts";
import { createMemoryLimiter } from "./memory-limiter.ts";
import { nullNode } from "../../../pipeline/settings/config-node.ts";

const mib = 1024 * 1024;
const config = (options: Partial<MemoryLimiterConfig>): MemoryLimiterConfig => ({
  ...defaultConfig(memoryLimiterConfig),
  ...options,
});
const batch = (): Batch => Batch.fromBytes("traces", new Uint8Array(), internalContext);

describe("limits", () => {
  test.each([
    [{ limit_mib: 100 }, { hard: 100 * mib, soft: 80 * mib }],
    [
      { limit_mib: 100, spike_limit_mib: 30 },
      { hard: 100 * mib, soft: 70 * mib },
    ],
    [
      { limit_percentage: 50, spike_limit_percentage: 10 },
      { hard: 500 * mib, soft: 400 * mib },
    ],
    [
      { limit_mib: 100, limit_percentage: 50 },
      { hard: 100 * mib, soft: 80 * mib },
    ],
  ])("%o of 1000 MiB", (options, expected) => {
    expect(limitsOf(config(options), 1000 * mib)).toEqual(expected);
  });
});

test("refuses above the soft limit with an error that may be retried, and takes again below it", async () => {
  const clock = createManualClock();
  const settings = testSettings("processor", "memory_limiter", { clock });
  const next = new TestConsumer();
  let used = 10 * mib;
  const probe = { used: () => used, total: () => 1000 * mib, collect: undefined };
  const limiter = createMemoryLimiter(
    "traces",
    settings,
    config({ limit_mib: 100, check_interval: 1000 }),
    next,
    probe,
  );
  await limiter.start({ extension: () => undefined, fail: () => {} });
  await limiter.consume(batch());
  used = 85 * mib;
  await clock.advance(1000);
  await expect(limiter.consume(batch())).rejects.toMatchObject({
    outcome: "retryable",
    code: "memory-limit",
    retryAfterMs: 1000,
  });
  used = 20 * mib;
  await clock.advance(1000);
  await limiter.consume(batch());
  await limiter.shutdown();
  expect(next.batches).toHaveLength(2);
  expect(settings.log.lines).toHaveLength(2);
});

test("collects garbage before it refuses, and waits longer while that frees nothing", async () => {
  const clock = createManualClock();
  const settings = testSettings("processor", "memory_limiter", { clock });
  let collections = 0;
  const probe = { used: () => 200 * mib, total: () => 1000 * mib, collect: () => void collections++ };
  const options = { limit_mib: 100, check_interval: 1000, max_gc_interval_when_hard_limited: 30_000 };
  const limiter = createMemoryLimiter("traces", settings, config(options), new TestConsumer(), probe);
  await limiter.start({ extension: () => undefined, fail: () => {} });
  await clock.advance(60_000);
  await limiter.shutdown();
  expect(collections).toBeGreaterThan(4);
  expect(collections).toBeLessThan(12);
});

test.each([
  [
    {},
    [
      "'check_interval' must be greater than zero",
      "'limit_mib' or 'limit_percentage' must be greater than zero",
    ],
  ],
  [
    { check_interval: 1000, limit_mib: 10, spike_limit_mib: 10 },
    ["'spike_limit_mib' must be smaller than 'limit_mib'"],
  ],
  [
    { check_interval: 1000, limit_percentage: 10, spike_limit_percentage: 20 },
    ["'spike_limit_percentage' must be smaller than 'limit_percentage'"],
  ],
  [{ check_interval: 1000, limit_mib: 10 }, []],
])("check %o", (options, messages) => {
  expect(checkMemoryLimiter(config(options), nullNode).map(({ message }) => message)).toEqual(messages);
});
