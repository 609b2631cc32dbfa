/** Which series a question is about, and what is said when there is no answer: on the real engine. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createManualClock } from "../../../../../test/fakes/manual-clock.ts";
import {
  MetricFixture,
  baseMs,
  fingerprintSql,
  samples,
  timeSql,
} from "../../../../../test/fixtures/metric-fixture.ts";
import type { AttributeFilter } from "../../../attributes.ts";
import type { MetricAnswer, MetricQuery, MetricReader } from "../../../metrics.ts";
import { createMetricReader } from "./metric-reader.ts";

let fixture: MetricFixture;
let reader: MetricReader;

const evil = `it's \\ "a" \\' OR 1=1 --`;
const window = { startMs: baseMs, endMs: baseMs + 60_000 };
const context = { tenant: "" };

beforeAll(async () => {
  fixture = await MetricFixture.start();
  reader = createMetricReader(fixture.client);
  const gauge = {
    metric: "queue.size",
    type: "gauge",
    unit: "{job}",
    description: "Jobs that wait",
  } as const;
  const add = (
    fingerprint: number,
    value: number,
    more: Partial<Parameters<MetricFixture["add"]>[0]>,
  ): Promise<void> =>
    fixture.add({ ...gauge, fingerprint, ...more }, samples(`10=${value} 20=${value} 55=${value}`));
  await add(1, 1, { attributes: { queue: "mail" }, resource: { "host.name": "a" } });
  await add(2, 10, { attributes: { queue: "Print" }, resource: { "host.name": "b" } });
  await add(3, 100, { attributes: { queue: evil }, service: "warehouse", resource: { "host.name": "b" } });
  await add(4, 1000, { service: "warehouse" });
  await add(5, 77_777, { tenant: "other", attributes: { queue: "mail" } });
  await fixture.add({ metric: "long.past", type: "sum", fingerprint: 6 }, samples("-7200=1 -7100=2"));
  await fixture.add(
    { metric: "calls", type: "sum", fingerprint: 7, unit: "1", service: "warehouse" },
    samples("-5=1 25=2"),
  );
});
afterAll(() => fixture.stop());

function ask(more: Partial<MetricQuery> = {}): Promise<MetricAnswer> {
  return reader.metricSeries(
    { metric: "queue.size", window, stepMs: 60_000, function: "sum", limit: 10, ...more },
    context,
  );
}

async function total(more: Partial<MetricQuery>): Promise<number | null | undefined> {
  return (await ask(more)).lines[0]?.values[0];
}

describe("filters", () => {
  const cases: readonly (readonly [AttributeFilter, number | undefined])[] = [
    [{ key: "queue", operator: "=", value: "mail" }, 1],
    [{ key: "queue", operator: "!=", value: "mail" }, 110],
    [{ key: "queue", operator: "contains", value: "PRINT" }, 10],
    [{ key: "queue", operator: "exists", value: "" }, 111],
    [{ key: "queue", operator: "=", value: evil }, 100],
    [{ key: "queue", operator: "contains", value: `\\'` }, 100],
    [{ key: "queue", operator: "=", value: `' OR '1'='1` }, undefined],
    [{ key: "queue", operator: "=", value: `\\` }, undefined],
    [{ key: `x'] = '' OR 1=1 --`, operator: "exists", value: "" }, undefined],
    [{ scope: "metric", key: "queue", operator: "=", value: "mail" }, 1],
    [{ scope: "resource", key: "queue", operator: "=", value: "mail" }, undefined],
    [{ scope: "resource", key: "host.name", operator: "=", value: "b" }, 110],
    [{ scope: "span", key: "host.name", operator: "=", value: "b" }, undefined],
  ];
  test.each(cases)("%j", async (filter, expected) => {
    expect(await total({ attributes: [filter] })).toBe(expected);
  });

  test("all must hold, and the service", async () => {
    const attributes: AttributeFilter[] = [
      { key: "host.name", operator: "=", value: "b" },
      { key: "queue", operator: "=", value: "Print" },
    ];
    expect(await total({ attributes })).toBe(10);
    expect(await total({ service: "warehouse" })).toBe(1100);
    expect(await total({ service: "warehouse", attributes })).toBeUndefined();
  });

  test("tenants never see each other", async () => {
    const query = { metric: "queue.size", window, stepMs: 60_000, function: "sum", limit: 10 } as const;
    const answer = await reader.metricSeries(query, { tenant: "other" });
    expect(answer.lines).toEqual([{ group: "", values: [77_777] }]);
    expect((await reader.metrics(window, undefined, { tenant: "other" })).items).toHaveLength(1);
    expect((await reader.metrics(window, undefined, { tenant: "nobody" })).empty?.code).toBe(
      "nothing-arrived",
    );
  });
});

describe("grouping", () => {
  test.each<[string, readonly (readonly [string, number])[]]>([
    [
      "queue",
      [
        ["", 1000],
        [evil, 100],
        ["Print", 10],
        ["mail", 1],
      ],
    ],
    [
      "host.name",
      [
        ["", 1000],
        ["b", 110],
        ["a", 1],
      ],
    ],
    [
      "service.name",
      [
        ["warehouse", 1100],
        ["shop", 11],
      ],
    ],
    ["none'such", [["", 1111]]],
  ])("by %s, the largest first", async (groupBy, expected) => {
    const { lines, omittedLines } = await ask({ groupBy });
    expect(lines.map(({ group, values }) => [group, values[0]])).toEqual(expected);
    expect(omittedLines).toBe(0);
  });

  test("says how many lines are left out", async () => {
    const { lines, omittedLines } = await ask({ groupBy: "queue", limit: 1 });
    expect(lines.map(({ group }) => group)).toEqual([""]);
    expect(omittedLines).toBe(3);
  });
});

describe("list", () => {
  test("names, types, units, keys; only what has points in the window", async () => {
    const { items, truncated } = await reader.metrics(window, undefined, context);
    expect(truncated).toBe(false);
    expect(items).toEqual([
      {
        name: "calls",
        type: "sum",
        unit: "1",
        description: "",
        temporality: "cumulative",
        monotonic: true,
        seriesCount: 1,
        services: ["warehouse"],
        attributeKeys: ["service.name"],
        lastSeenMs: baseMs + 25_000,
      },
      {
        name: "queue.size",
        type: "gauge",
        unit: "{job}",
        description: "Jobs that wait",
        temporality: "unspecified",
        monotonic: false,
        seriesCount: 4,
        services: ["shop", "warehouse"],
        attributeKeys: ["queue", "service.name", "host.name"],
        lastSeenMs: baseMs + 55_000,
      },
    ]);
  });

  test("of one service", async () => {
    const { items } = await reader.metrics(window, "shop", context);
    expect(items.map(({ name, seriesCount }) => [name, seriesCount])).toEqual([["queue.size", 2]]);
  });

  test("points at the beginning of a long window", async () => {
    const long = { startMs: baseMs - 3 * 3_600_000, endMs: baseMs + 60_000 };
    const { items } = await reader.metrics(long, undefined, context);
    expect(items.map(({ name }) => name)).toEqual(["calls", "long.past", "queue.size"]);
    expect(items[1]?.lastSeenMs).toBe(baseMs - 7_100_000);
  });
});

describe("no answer", () => {
  const future = { startMs: baseMs + 7_200_000, endMs: baseMs + 7_260_000 };
  test("unknown metric", async () => {
    const { empty, lines } = await ask({ metric: "queue.sise" });
    expect(lines).toEqual([]);
    expect(empty).toMatchObject({ code: "nothing-arrived", suggestions: ["queue.size"] });
  });

  test("unknown service", async () => {
    expect((await ask({ service: "warehous" })).empty).toMatchObject({
      code: "unknown-service",
      suggestions: ["warehouse"],
    });
    expect((await reader.metrics(window, "shopp", context)).empty).toMatchObject({
      code: "unknown-service",
      suggestions: ["shop"],
    });
  });

  test("other window, with where there is something", async () => {
    expect((await ask({ window: future })).empty).toMatchObject({
      code: "other-window",
      nearest: { startMs: baseMs - 4999, endMs: baseMs + 55_001 },
    });
    const before = { startMs: baseMs - 120_000, endMs: baseMs - 60_000 };
    expect((await ask({ window: before })).empty?.nearest).toEqual({
      startMs: baseMs + 10_000,
      endMs: baseMs + 70_000,
    });
  });

  test("expired", async () => {
    const clock = createManualClock(baseMs + 3_600_000);
    const keeping = createMetricReader(fixture.client, { clock, retentionMs: 3_600_000 });
    const past = { startMs: baseMs - 90_000, endMs: baseMs - 30_000 };
    const query = { metric: "queue.size", window: past, stepMs: 60_000, function: "sum", limit: 10 } as const;
    expect((await keeping.metricSeries(query, context)).empty?.code).toBe("expired");
  });

  test("filtered out keeps the metric's facts", async () => {
    const { empty, metric } = await ask({ attributes: [{ key: "queue", operator: "=", value: "no" }] });
    expect(empty?.code).toBe("filtered-out");
    expect(metric?.seriesCount).toBe(4);
  });

  test.each([
    [0, 60_000, 5, /into 12000 steps of 5 ms: at most 11000/],
    [60_000, 0, 1000, /both must be above 0/],
    [0, 60_000, 0, /both must be above 0/],
  ])("window %d to %d by %d", async (startMs, endMs, stepMs, message) => {
    await expect(ask({ window: { startMs, endMs }, stepMs })).rejects.toMatchObject({
      code: "bad-parameter",
      message: expect.stringMatching(message),
    });
  });

  test("a cancelled question is rejected", async () => {
    const leaving = new AbortController();
    const asked = reader.metrics(window, undefined, { tenant: "", signal: leaving.signal });
    leaving.abort();
    await expect(asked).rejects.toThrow("list metrics");
  });
});

test("exemplars: at most 100, the highest of each part of the window, the newest first", async () => {
  await fixture.add({ metric: "latency", type: "gauge", fingerprint: 50 }, samples("10=1"));
  await fixture.add({ metric: "latency", type: "gauge", fingerprint: 51, service: "else" }, samples("10=1"));
  for (const [fingerprint, trace] of [
    [50, "a1"],
    [51, "b2"],
  ] as const) {
    await fixture.run(
      `INSERT INTO otel_metric_exemplars (MetricName, Fingerprint, Timestamp, PointTimestamp, Value, ValueKind, TraceId, SpanId)
       SELECT 'latency', ${fingerprintSql(fingerprint)}, ${timeSql(0)} + toIntervalMillisecond(number * 100), ${timeSql(60)}, number % 6, 1, if(number % 7 = 0, '', '${trace}'), toString(number) FROM numbers(600)`,
    );
  }
  const { exemplars } = await ask({ metric: "latency", service: "shop" });
  expect(exemplars).toHaveLength(100);
  expect(new Set(exemplars.map(({ traceId }) => traceId))).toEqual(new Set(["a1"]));
  expect(exemplars.filter(({ value }) => value === 5).length).toBeGreaterThan(80);
  const times = exemplars.map(({ timeMs }) => timeMs);
  expect(times).toEqual(times.toSorted((a, b) => b - a));
  expect((times[0] ?? 0) - (times.at(-1) ?? 0)).toBeGreaterThan(58_000);
});
