import { expect, it } from "vitest";
import type { MetricSummary } from "../../../../src/api/explore/wire.ts";
import { aroundSpan, tellingMetrics } from "./around.ts";

it("looks five minutes around, on whole tens of seconds", () => {
  expect(aroundSpan(1_000_007_000, 1500)).toEqual({ startMs: 999_700_000, endMs: 1_000_310_000 });
});

it("takes one metric of each telling sort, then others", () => {
  const metric = (name: string): MetricSummary => ({
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
  });
  const names = (...given: string[]): string[] => tellingMetrics(given.map(metric)).map(({ name }) => name);
  expect(names("a", "v8js.memory.heap.used", "process.memory.usage", "process.cpu.time")).toEqual([
    "process.cpu.time",
    "v8js.memory.heap.used",
    "a",
    "process.memory.usage",
  ]);
  expect(names("a")).toEqual(["a"]);
});
