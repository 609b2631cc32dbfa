import { describe, expect, it } from "vitest";
import { pages } from "../../url/pages.ts";
import { durationProblem, durationText, isFiltered, noFilters, tracesParameters } from "./model.ts";

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

it("knows whether anything is filtered, and how to undo it", () => {
  expect(isFiltered(search)).toBe(false);
  expect(isFiltered({ ...search, attr: ["a"] })).toBe(true);
  expect(isFiltered({ ...search, status: "Error", text: "x", ...noFilters })).toBe(false);
});
