import { describe, expect, it } from "vitest";
import { pages } from "../../url/pages.ts";
import type { TraceSummary } from "../../../../src/api/explore/wire.ts";
import {
  durationProblem,
  durationText,
  isArriving,
  isFiltered,
  noFilters,
  plotWindow,
  tracesParameters,
} from "./model.ts";

const search = pages.traces.codec.parse({});

describe("durationProblem", () => {
  it.each(["", "10ms", "1.5s", "1m30s", "250us"])("takes %s", (text) => {
    expect(durationProblem(text)).toBeUndefined();
  });
  it.each(["10", "fast", "10 ms", "-1s"])("refuses %s", (text) => {
    expect(durationProblem(text)).toContain(`(got "${text}")`);
  });
});

it.each([
  [12_345_678, "min", "12.34ms"],
  [12_345_678, "max", "12.35ms"],
  [2_500_000_000, "min", "2.5s"],
  [999, "max", "999ns"],
  [-5, "min", "0ns"],
] as const)("durationText(%d, %s)", (nano, bound, wanted) => {
  expect(durationText(nano, bound)).toBe(wanted);
  expect(durationProblem(durationText(nano, bound))).toBeUndefined();
});

it("asks without a duration that cannot be read", () => {
  const parameters = tracesParameters({ ...search, min: "fast", max: "2s" });
  expect(parameters).toMatchObject({ minDuration: "", maxDuration: "2s", from: "now-15m", limit: 100 });
});

it("plots what a cut list covers, and the whole window otherwise", () => {
  const trace = (startMs: number): TraceSummary => ({
    traceId: "",
    rootService: "",
    rootName: "",
    rootMissing: false,
    startUnixNano: `${startMs}000000`,
    durationNano: 1_000_000,
    spanCount: 1,
    errorCount: 0,
    services: [],
    matchedSpanId: "",
    columnValues: [],
  });
  const window = { startMs: 100_000, endMs: 900_000 };
  const items = [trace(890_000), trace(850_000)];
  expect(plotWindow({ items, truncated: true }, "newest", window)).toEqual({
    startMs: 850_000,
    endMs: 900_000,
  });
  expect(plotWindow({ items, truncated: true }, "slowest", window)).toEqual(window);
  expect(plotWindow({ items, truncated: false }, "newest", window)).toEqual(window);
  expect(isArriving(trace(890_000), 900_000)).toBe(true);
  expect(isArriving(trace(850_000), 900_000)).toBe(false);
});

it("knows whether anything is filtered, and how to undo it", () => {
  expect(isFiltered(search)).toBe(false);
  expect(isFiltered({ ...search, attr: ["a"] })).toBe(true);
  expect(isFiltered({ ...search, status: "Error", text: "x", ...noFilters })).toBe(false);
});
