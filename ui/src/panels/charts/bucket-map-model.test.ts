import { expect, it } from "vitest";
import { bucketTicks, edgeText, filledRows } from "./bucket-map-model.ts";

const text = (value: number): string => `${value} ms`;

it.each<[readonly (number | null)[], number, readonly [string, number][]]>([
  [
    [0, 5, 10, null],
    10,
    [
      ["0 ms", 0],
      ["5 ms", 1],
      ["10 ms", 2],
    ],
  ],
  [
    [0, 5, 10, null],
    2,
    [
      ["0 ms", 0],
      ["10 ms", 2],
    ],
  ],
  [[null, 1, null], 10, [["1 ms", 1]]],
  [[], 10, []],
])("marks %j with room for %d", (edges, most, ticks) => {
  const rows = { first: 0, last: edges.length - 2 };
  expect(bucketTicks(edges, rows, text, most).map(({ label, row }) => [label, row])).toEqual(ticks);
});

it.each<[readonly (number | null)[], number, string]>([
  [[0, 5, null], 0, "0 ms to 5 ms"],
  [[0, 5, null], 1, "above 5 ms"],
  [[null, 5, null], 0, "up to 5 ms"],
  [[null, null], 0, "any value"],
])("names the buckets of %j: row %d is %s", (edges, row, name) => {
  expect(edgeText(edges, row, text)).toBe(name);
});

it.each([
  [[3, 5], 16, { first: 3, last: 8 }],
  [[14], 16, { first: 9, last: 14 }],
  [[0, 1], 4, { first: 0, last: 2 }],
  [[], 16, { first: 9, last: 14 }],
])("shows of rows %j of %d edges", (row, count, rows) => {
  expect(filledRows({ edges: Array.from({ length: count }, (_, at) => at), row })).toEqual(rows);
});

it("marks only rows that are shown", () => {
  const edges = [0, 1, 2, 3, 4, 5, null];
  expect(bucketTicks(edges, { first: 2, last: 3 }, text, 10).map(({ row }) => row)).toEqual([2, 3, 4]);
});
