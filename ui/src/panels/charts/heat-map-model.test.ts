import { describe, expect, it } from "vitest";
import type { DurationHeatmap } from "../../../../src/api/explore/wire.ts";
import { cellAt, heatPaths, heatRows, heatTicks, nanoAtRow, rowOf } from "./heat-map-model.ts";

const map: DurationHeatmap = {
  startMs: 0,
  stepMs: 1000,
  steps: 10,
  step: [0, 0, 9],
  row: [40, 44, 47],
  count: [100, 1, 10],
  errorCount: [0, 1, 0],
};
const rows = heatRows(map);
const box = { width: 100, height: 90 };

it("shows the rows that hold something", () => {
  expect(rows).toEqual({ first: 39, last: 48 });
  expect(heatRows({ ...map, step: [], row: [] })).toEqual({ first: 40, last: 60 });
  expect(heatRows({ ...map, step: [0], row: [0] })).toEqual({ first: 0, last: 5 });
});

it("places durations and reads them back", () => {
  for (const nano of [1e6, 2.5e6, 1e7]) expect(nanoAtRow(rowOf(nano))).toBeCloseTo(nano, 3);
  expect(heatTicks(rows)).toEqual([1e6, 1e7]);
});

it("draws each cell once, by its count, and failures at its foot", () => {
  const { cells, errors } = heatPaths(map, rows, box);
  expect(cells.map((path) => path.split("M").length - 1)).toEqual([1, 0, 1, 0, 1]);
  expect(errors.startsWith("M0 45")).toBe(true);
});

describe("cellAt", () => {
  it.each([
    [5, 76, 0],
    [5, 40, 1],
    [95, 12, 2],
    [50, 50, -1],
  ])("%d, %d", (x, y, wanted) => {
    expect(cellAt(map, rows, box, x, y)).toBe(wanted);
  });
});
