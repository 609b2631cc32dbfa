/** Histograms and summaries on the real engine, against quantiles worked out by hand. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  MetricFixture,
  baseMs,
  type PointRow,
  type SeriesRow,
} from "../../../../../test/fixtures/metric-fixture.ts";
import type { MetricFunction, MetricReader } from "../../../metrics.ts";
import { createMetricReader } from "./metric-reader.ts";

let fixture: MetricFixture;
let reader: MetricReader;
let names = 0;

beforeAll(async () => {
  fixture = await MetricFixture.start();
  reader = createMetricReader(fixture.client);
});
afterAll(() => fixture.stop());

type Given = readonly (readonly [series: Partial<SeriesRow>, points: readonly PointRow[]])[];

/** The one line of two steps of 30 s. */
async function ask(
  type: SeriesRow["type"],
  series: Given,
  wanted: MetricFunction,
): Promise<readonly (number | null)[]> {
  const metric = `h${++names}`;
  let fingerprint = names * 1000;
  for (const [row, points] of series)
    await fixture.add({ metric, type, fingerprint: ++fingerprint, ...row }, points);
  const window = { startMs: baseMs, endMs: baseMs + 60_000 };
  const answer = await reader.metricSeries(
    { metric, window, stepMs: 30_000, function: wanted, limit: 10 },
    { tenant: "" },
  );
  expect(answer.lines).toHaveLength(1);
  return (answer.lines[0]?.values ?? []).map((value) =>
    value === null ? null : Math.round(value * 1e6) / 1e6,
  );
}

const bounds = [10, 20, 40];

function explicit(
  at: number,
  counts: readonly number[],
  sum = 0,
  more: Record<string, number> = {},
): PointRow {
  const count = counts.reduce((all, one) => all + one, 0);
  return {
    at,
    start: -100_000,
    columns: { Count: count, Sum: sum, Present: 1, BucketCounts: counts, ExplicitBounds: bounds, ...more },
  };
}

describe("explicit bounds", () => {
  const steady = [
    explicit(0, [100, 100, 100, 100], 1000),
    explicit(30, [110, 100, 100, 100], 1050),
    explicit(60, [110, 120, 120, 110], 2550),
  ];
  test.each<[MetricFunction, readonly (number | null)[]]>([
    // Step 0: 10 in (0, 10]. Step 1: 20 in (10, 20], 20 in (20, 40], 10 above: rank 25 of 50 is 5 of 20 in (20, 40].
    ["p50", [5, 25]],
    ["p95", [9.5, 40]],
    ["rate", [1 / 3, 5 / 3].map((value) => Math.round(value * 1e6) / 1e6)],
    ["average", [5, 30]],
    ["sum", [50, 1500]],
  ])("cumulative: %s", async (wanted, expected) => {
    expect(await ask("histogram", [[{}, steady]], wanted)).toEqual(expected);
  });

  test("percentiles together are the same ones, the highest first", async () => {
    const metric = `h${++names}`;
    await fixture.add({ metric, type: "histogram", fingerprint: names * 1000 }, steady);
    const window = { startMs: baseMs, endMs: baseMs + 60_000 };
    const question = { metric, window, stepMs: 30_000, function: "percentiles", limit: 10 } as const;
    const { lines } = await reader.metricSeries(question, { tenant: "" });
    expect(lines.map(({ group, values }) => [group, values[1]])).toEqual([
      ["p99", 40],
      ["p95", 40],
      ["p50", 25],
    ]);
    await expect(
      reader.metricSeries({ ...question, groupBy: "http.route" }, { tenant: "" }),
    ).rejects.toMatchObject({
      code: "bad-parameter",
      message: expect.stringMatching(/cannot be grouped by "http\.route"/),
    });
  });

  test("a reset counts what there is since", async () => {
    const points = [explicit(0, [100, 0, 0, 0]), explicit(30, [110, 0, 0, 0]), explicit(60, [0, 0, 8, 0])];
    expect(await ask("histogram", [[{}, points]], "p50")).toEqual([5, 30]);
  });

  test("delta", async () => {
    const points = [explicit(30, [10, 0, 0, 0]), explicit(60, [0, 10, 0, 0])].map((point) => ({
      ...point,
      start: point.at - 30,
    }));
    expect(await ask("histogram", [[{ temporality: "delta" }, points]], "p50")).toEqual([5, 15]);
  });

  test("an export over both steps is spread over them", async () => {
    expect(
      await ask("histogram", [[{}, [explicit(0, [0, 0, 0, 0]), explicit(59, [4, 0, 0, 0])]]], "p50"),
    ).toEqual([5, 5]);
  });

  test("nothing observed has no percentile", async () => {
    const points = [explicit(0, [5, 5, 0, 0]), explicit(30, [5, 5, 0, 0]), explicit(59, [5, 5, 2, 0])];
    expect(await ask("histogram", [[{}, points]], "p50")).toEqual([null, 30]);
  });

  test("series are added up, of different bounds too", async () => {
    const other = (at: number, counts: readonly number[]): PointRow => {
      const point = explicit(at, counts);
      return { ...point, columns: { ...point.columns, ExplicitBounds: [20, 40] } };
    };
    const left = [explicit(0, [0, 0, 0, 0]), explicit(30, [0, 10, 0, 0]), explicit(59, [0, 10, 0, 0])];
    const right = [other(0, [0, 0, 0]), other(30, [0, 30, 0]), other(59, [0, 30, 0])];
    // 10 in (10, 20], 30 in (20, 40]: rank 20 is 10 of 30 in (20, 40].
    expect(
      await ask(
        "histogram",
        [
          [{}, left],
          [{}, right],
        ],
        "p50",
      ),
    ).toEqual([26.666667, null]);
  });

  test("minimum and maximum bound what is interpolated", async () => {
    const more = { Present: 7, Min: 3, Max: 6 };
    const points = [
      explicit(0, [0, 0, 0, 0], 0, more),
      explicit(30, [10, 0, 0, 0], 0, more),
      explicit(59, [20, 0, 0, 0], 0, more),
    ];
    expect(await ask("histogram", [[{}, points]], "p99")).toEqual([6, 6]);
  });

  test("bounds that change begin anew", async () => {
    const changed = (at: number, counts: readonly number[]): PointRow => {
      const point = explicit(at, counts);
      return { ...point, columns: { ...point.columns, ExplicitBounds: [100, 200, 400] } };
    };
    const points = [
      explicit(0, [5, 0, 0, 0]),
      explicit(15, [9, 0, 0, 0]),
      changed(30, [0, 900, 0, 0]),
      changed(59, [0, 902, 0, 0]),
    ];
    expect(await ask("histogram", [[{}, points]], "p50")).toEqual([5, 150]);
  });
});

function exponential(
  at: number,
  scale: number,
  offset: number,
  counts: readonly number[],
  zero = 0,
): PointRow {
  const count = counts.reduce((all, one) => all + one, zero);
  return {
    at,
    start: -100_000,
    columns: {
      Count: count,
      Sum: 0,
      Present: 1,
      Scale: scale,
      ZeroCount: zero,
      PositiveOffset: offset,
      PositiveBucketCounts: counts,
    },
  };
}

describe("exponential", () => {
  test("cumulative: geometric middle of a bucket", async () => {
    // Scale 0: bucket 3 is (8, 16].
    const points = [
      exponential(0, 0, 0, [1, 1, 1, 1]),
      exponential(30, 0, 0, [1, 1, 1, 11]),
      exponential(59, 0, 0, [1, 1, 1, 31]),
    ];
    expect(await ask("exponential_histogram", [[{}, points]], "p50")).toEqual([
      Math.round(8 * Math.SQRT2 * 1e6) / 1e6,
      Math.round(8 * Math.SQRT2 * 1e6) / 1e6,
    ]);
  });

  test("a scale that shrinks between two points", async () => {
    // Scale 1 index 4 to 7 are (4, 16]; at scale 0 indexes 2 and 3. 10 more fall into (8, 16].
    const points = [
      exponential(0, 1, 4, [1, 1, 1, 1]),
      exponential(30, 0, 2, [2, 12]),
      exponential(59, 0, 2, [2, 12]),
    ];
    expect(await ask("exponential_histogram", [[{}, points]], "p50")).toEqual([
      Math.round(8 * Math.SQRT2 * 1e6) / 1e6,
      null,
    ]);
  });

  test("zeros, and series of different scales", async () => {
    const left = [exponential(0, 0, 0, [0]), exponential(30, 0, 0, [0], 10), exponential(59, 0, 0, [0], 10)];
    const right = [exponential(0, 3, 0, [0]), exponential(30, 3, 24, [10]), exponential(59, 3, 24, [10])];
    expect(
      await ask(
        "exponential_histogram",
        [
          [{}, left],
          [{}, right],
        ],
        "p95",
      ),
    ).toEqual([Math.round(8 * 2 ** 0.9 * 1e6) / 1e6, null]);
    expect(
      await ask(
        "exponential_histogram",
        [
          [{}, left],
          [{}, right],
        ],
        "p50",
      ),
    ).toEqual([0, null]);
  });

  test("delta rates", async () => {
    const points = [exponential(30, 0, 0, [30]), exponential(60, 0, 0, [60])].map((point) => ({
      ...point,
      start: point.at - 30,
    }));
    expect(await ask("exponential_histogram", [[{ temporality: "delta" }, points]], "rate")).toEqual([1, 2]);
  });
});

describe("summary", () => {
  const summary = (at: number, count: number, sum: number, values: readonly number[]): PointRow => ({
    at,
    start: -100_000,
    columns: { Count: count, Sum: sum, Quantiles: [0.5, 0.9, 0.99], QuantileValues: values },
  });
  const points = [
    summary(0, 10, 100, [1, 2, 3]),
    summary(30, 40, 400, [4, 5, 6]),
    summary(59, 40, 400, [4, 5, 6]),
  ];
  test.each<[MetricFunction, readonly (number | null)[]]>([
    ["p50", [1, 4]],
    // 0.99 is nearer to 0.95 than 0.9 is.
    ["p95", [3, 6]],
    ["p99", [3, 6]],
    ["rate", [1, 0]],
    ["average", [10, null]],
  ])("%s", async (wanted, expected) => {
    expect(await ask("summary", [[{}, points]], wanted)).toEqual(expected);
  });
});

test("of more than 200 lines, percentiles are worked out for the busiest; all others are counted", async () => {
  const metric = "crowd";
  for (let one = 1; one <= 203; one++) {
    const counts = one === 77 ? [0, 0, 900, 0] : one <= 3 ? [0, 0, 0, 1] : [10, 0, 0, 0];
    await fixture.add(
      { metric, type: "histogram", fingerprint: 900_000 + one, attributes: { one: String(one) } },
      [explicit(0, [0, 0, 0, 0]), explicit(30, counts)],
    );
  }
  const window = { startMs: baseMs, endMs: baseMs + 60_000 };
  const query = { metric, window, stepMs: 60_000, function: "p50", groupBy: "one", limit: 2 } as const;
  const { lines, omittedLines } = await reader.metricSeries(query, { tenant: "" });
  expect(lines[0]).toEqual({ group: "77", values: [30] });
  expect(lines[1]?.values).toEqual([5]);
  expect(omittedLines).toBe(201);
});
