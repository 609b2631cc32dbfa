import { describe, expect, it } from "vitest";
import { areaSelection, durationText } from "../../panels/charts/area-search.ts";
import { pages } from "../../url/pages.ts";
import type { TraceSummary } from "../../../../src/api/explore/wire.ts";
import {
  chosenParameters,
  durationNano,
  durationProblem,
  fieldFilter,
  filterParameters,
  hasSelection,
  isArriving,
  isFiltered,
  noFilters,
  noSelection,
  selectedArea,
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

it("knows traces that are still coming in", () => {
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
  expect(isArriving(trace(890_000), 900_000)).toBe(true);
  expect(isArriving(trace(850_000), 900_000)).toBe(false);
});

it.each([
  ["", undefined],
  ["fast", undefined],
  ["250us", 250e3],
  ["1m30s", 90e9],
])("durationNano(%s)", (text, wanted) => {
  expect(durationNano(text)).toBe(wanted);
});

it("narrows the filters to the selection", () => {
  const selected = {
    ...search,
    min: "10ms",
    max: "1s",
    selMin: "2ms",
    selMax: "500ms",
    selFrom: "1000",
    selTo: "2000",
  };
  expect(chosenParameters(selected)).toMatchObject({
    from: "1000",
    to: "2000",
    minDuration: "10ms",
    maxDuration: "500ms",
    status: "",
  });
  expect(filterParameters(selected)).toMatchObject({
    from: "now-15m",
    minDuration: "10ms",
    maxDuration: "1s",
  });
  expect(hasSelection(selected)).toBe(true);
  expect(hasSelection({ ...selected, ...noSelection })).toBe(false);
});

it("reads an area of the heat map back from the address", () => {
  const area = { startMs: 1000, endMs: 2000, minNano: 2e6, maxNano: 3e9 };
  const window = { startMs: 0, endMs: 10_000 };
  expect(selectedArea({ ...search, ...areaSelection(area) }, window)).toEqual(area);
  expect(selectedArea({ ...search, selStatus: "Error" }, window)).toBeUndefined();
  expect(selectedArea({ ...search, selMin: "1ms" }, window)).toMatchObject({ startMs: 0, minNano: 1e6 });
  expect(selectedArea(search, window)).toBeUndefined();
});

it.each([
  ["service", "cart", "=", { service: "cart" }],
  ["service", "cart", "!=", { attr: ["resource.service.name!=cart"] }],
  ["name", "GET", "=", { operation: "GET" }],
  ["name", "GET", "!=", undefined],
  ["kind", "Server", "=", { spans: "server" }],
  ["kind", "Internal", "=", undefined],
  ["status", "Error", "=", { status: "Error" }],
  ["span.http.route", "/cart", "=", { attr: ["span.http.route=/cart"] }],
  ["http.route", "/cart", "!=", { attr: ["http.route!=/cart"] }],
  ["http.route", "", "=", undefined],
] as const)("filters by %s %s %s", (field, value, operator, wanted) => {
  expect(fieldFilter(search, field, value, operator)).toEqual(wanted);
});

it("knows whether anything is filtered, and how to undo it", () => {
  expect(isFiltered(search)).toBe(false);
  expect(isFiltered({ ...search, attr: ["a"] })).toBe(true);
  expect(isFiltered({ ...search, status: "Error", text: "x", ...noFilters })).toBe(false);
});
