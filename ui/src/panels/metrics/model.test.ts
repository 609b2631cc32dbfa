import { describe, expect, it } from "vitest";
import type { MetricSummary } from "../../../../src/api/explore/wire.ts";
import * as model from "./model.ts";

const metric = (name: string, change: Partial<MetricSummary> = {}): MetricSummary => ({
  name,
  type: "gauge",
  unit: "",
  description: "",
  temporality: "unspecified",
  monotonic: false,
  seriesCount: 1,
  services: [],
  attributeKeys: [],
  lastSeenMs: 0,
  ...change,
});

describe("functions", () => {
  it.each([
    [metric("a"), "average"],
    [metric("a", { type: "sum", monotonic: true }), "rate"],
    [metric("a", { type: "sum" }), "sum"],
    [metric("a", { type: "histogram" }), "p95"],
    [metric("a", { type: "exponential_histogram" }), "p95"],
    [metric("a", { type: "summary" }), "rate"],
  ] as const)("%j", (given, wanted) => {
    expect(model.defaultFunction(given, "http.route")).toBe(wanted);
    expect(model.functionsOf(given)[0]).toBe(wanted);
  });
  it("knows the unit of what is drawn", () => {
    expect(model.drawnUnit(metric("a", { unit: "By", type: "sum" }), "rate")).toBe("By/s");
    expect(model.drawnUnit(metric("a", { unit: "s", type: "histogram" }), "rate")).toBe("1/s");
    expect(model.drawnUnit(metric("a", { unit: "s", type: "histogram" }), "p95")).toBe("s");
  });
});

it("finds by every word, and groups by the first part of names", () => {
  const all = [
    metric("process.cpu.time"),
    metric("http.server.duration", { description: "of requests" }),
    metric("up"),
    metric("http_requests"),
  ];
  expect(model.matchMetrics(all, "http requests").map((entry) => entry.name)).toEqual([
    "http.server.duration",
    "http_requests",
  ]);
  expect(model.familiesOf(all)).toEqual([
    { prefix: "http.", count: 1 },
    { prefix: "http_", count: 1 },
    { prefix: "process.", count: 1 },
  ]);
});

it("sums up lines over the values that are there", () => {
  expect(model.lineFigures({ group: "", values: [1, null, 5, 3, null] })).toEqual({
    last: 3,
    average: 3,
    max: 5,
  });
  expect(model.lineFigures({ group: "", values: [null] })).toEqual({
    last: undefined,
    average: undefined,
    max: undefined,
  });
  expect(model.lineName({ group: "", values: [] }, "http.route", "m")).toBe("without http.route");
  expect(model.lineName({ group: "", values: [] }, "", "m")).toBe("m");
});

it("picks the highest exemplar of each part of the window", () => {
  const at = (timeMs: number, value: number) => ({ timeMs, value, traceId: "", spanId: "" });
  const picked = model.pickExemplars(
    [at(1, 5), at(2, 9), at(12, 1), at(25, 3)],
    { startMs: 0, endMs: 20 },
    2,
  );
  expect(picked.map(({ timeMs, value }) => [timeMs, value])).toEqual([
    [2, 9],
    [12, 1],
  ]);
});

it.each([
  [900_000, 240, 5000],
  [900_000, 60, 15_000],
  [86_400_000, 240, 600_000],
  [1e12, 240, 86_400_000],
])("metricStep(%d, %d)", (windowMs, steps, wanted) => {
  expect(model.metricStep(windowMs, steps)).toBe(wanted);
});

describe("percentiles together", () => {
  const histogram = metric("h", { type: "histogram" });
  it.each([
    [histogram, "", "", "percentiles"],
    [histogram, "", "http.route", "p95"],
    [histogram, "rate", "", "rate"],
    [histogram, "heatmap", "", "heatmap"],
    [histogram, "heatmap", "http.route", "p95"],
    [metric("g"), "heatmap", "", "average"],
    [metric("g"), "", "", "average"],
  ] as const)("%j %j by %j shows %s", (given, chosen, groupBy, shown) => {
    expect(model.shownOf(given, chosen, groupBy)).toBe(shown);
    expect(model.choicesOf(given, groupBy).map(({ id }) => id)).toContain(shown);
  });
});
