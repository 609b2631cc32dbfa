/** Metric list and series: what every store must answer for the corpus. */
import { expect, it } from "vitest";
import type { Store } from "../../src/storage/store.ts";
import { context, startMs, traceId, window } from "./store-corpus.ts";

export function metricCases(storeOf: () => Store): void {
  it("lists metrics with what is known of them", async () => {
    const page = await storeOf().metrics(window, "cart", context);
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
      attributeKeys: expect.arrayContaining(["http.route", "service.name", "service.version"]),
      lastSeenMs: startMs + 150_000,
    });
  });

  const minutes = { startMs, endMs: startMs + 180_000 };
  const series: readonly (readonly [string, string, string, string | undefined, unknown])[] = [
    // An increase is spread over the time it took, so half of what came between 30 s and 90 s falls in the first minute. A counter's first point counts
    // from its start, a restart begins at 0 again, and the last step ends at the newest point.
    [
      "requests",
      "rate",
      "a second, by attribute",
      "http.route",
      [
        ["/b", [10, null, null]],
        ["/a", [2, 1, 1]],
      ],
    ],
    ["requests", "rate", "a second, in all", undefined, [["", [12, 1, 1]]]],
    ["queue", "sum", "over series", undefined, [["", [10, null, null]]]],
    ["queue", "average", "over series", undefined, [["", [5, null, null]]]],
    ["queue", "last", "over series", undefined, [["", [6, null, null]]]],
    ["bytes", "sum", "of deltas", undefined, [["", [12.8, 0.2, null]]]],
    ["bytes", "rate", "of deltas", undefined, [["", [12.8 / 60, 0.02, null]]]],
    ["latency", "average", "of a histogram", undefined, [["", [70 / 3, 60, null]]]],
    ["latency", "p50", "from bucket increases", undefined, [["", [7.5, 55, null]]]],
    ["sizes", "p50", "of an exponential histogram", undefined, [["", [2 ** 0.75, 2 ** 2.5, null]]]],
    ["gc", "p99", "of a summary", undefined, [["", [4, null, null]]]],
    ["gc", "average", "of a summary", undefined, [["", [2, null, null]]]],
  ];
  it.each(series)("draws %s: %s %s", async (metric, fn, _, groupBy, lines) => {
    const answer = await storeOf().metricSeries(
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

  const maps: readonly (readonly [metric: string, what: string, edges: unknown, cells: unknown])[] = [
    // What came between 30 s and 90 s is shared by two steps.
    [
      "latency",
      "explicit bounds",
      [0, 10, 100, null],
      [
        [0, 0, 10],
        [0, 1, 5],
        [1, 1, 5],
      ],
    ],
    [
      "sizes",
      "exponential buckets",
      [1, 2, 4, 8],
      [
        [0, 0, 10],
        [0, 2, 5],
        [1, 2, 5],
      ],
    ],
    ["queue", "what is no histogram", [], []],
  ];
  it.each(maps)("lays out %s: %s", async (metric, _, edges, cells) => {
    const map = await storeOf().metricHeatmap({ metric, window: minutes, stepMs: 60_000 }, context);
    expect(map).toMatchObject({ startMs, stepMs: 60_000, steps: 3 });
    expect(map.edges).toEqual(edges);
    expect(map.step.map((step, at) => [step, map.row[at], map.count[at]])).toEqual(cells);
  });

  it("gives exemplars, and says why a metric is empty", async () => {
    const query = { metric: "latency", window: minutes, stepMs: 60_000, function: "p95", limit: 10 } as const;
    const answer = await storeOf().metricSeries(query, context);
    expect(answer.exemplars[0]).toEqual({
      timeMs: startMs + 90_000,
      value: 5,
      traceId,
      spanId: "1000000000000001",
    });
    const none = await storeOf().metricSeries({ ...query, metric: "nope" }, context);
    expect(none.empty?.code).toBe("nothing-arrived");
  });
}
