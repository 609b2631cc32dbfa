import { describe, expect, test } from "vitest";
import type { ExponentialPart } from "./exponential-quantile.ts";
import { explicitRows, exponentialRows, maxRows, type HeatRows } from "./heat-rows.ts";

const total = ({ counts }: HeatRows): number => counts.flat().reduce((sum, count) => sum + count, 0);

describe("explicit bounds", () => {
  test.each<[string, readonly { bounds: number[]; counts: number[] }[][], HeatRows]>([
    [
      "of one kind",
      [[{ bounds: [1, 2], counts: [3, 4, 5] }], [{ bounds: [1, 2], counts: [0, 1, 0] }]],
      {
        edges: [0, 1, 2, null],
        counts: [
          [3, 4, 5],
          [0, 1, 0],
        ],
      },
    ],
    [
      "that change: a bucket that is cut gives by width",
      [[{ bounds: [4], counts: [8, 1] }], [{ bounds: [1, 4], counts: [2, 3, 4] }]],
      {
        edges: [0, 1, 4, null],
        counts: [
          [2, 6, 1],
          [2, 3, 4],
        ],
      },
    ],
    [
      "below 0",
      [[{ bounds: [-1, 1], counts: [1, 2, 3] }]],
      { edges: [null, -1, 1, null], counts: [[1, 2, 3]] },
    ],
    ["none", [[{ bounds: [], counts: [7] }]], { edges: [null, null], counts: [[7]] }],
  ])("%s", (_, steps, rows) => {
    expect(explicitRows(steps)).toEqual(rows);
  });

  test("too many are joined, and nothing is lost", () => {
    const bounds = Array.from({ length: 300 }, (_, at) => at + 1);
    const rows = explicitRows([[{ bounds, counts: Array.from({ length: 301 }, () => 1) }]]);
    expect(rows.edges.length - 1).toBeLessThanOrEqual(maxRows);
    expect(rows.edges.slice(-2)).toEqual([300, null]);
    expect(rows.counts[0]?.at(-1)).toBe(1);
    expect(total(rows)).toBe(301);
  });
});

function part(
  scale: number,
  positive: Readonly<Record<number, number>>,
  more: Partial<ExponentialPart> = {},
): ExponentialPart {
  const counts = new Map(Object.entries(positive).map(([index, count]) => [Number(index), count]));
  return { scale, zeroCount: 0, zeroThreshold: 0, positive: counts, negative: new Map(), ...more };
}

describe("exponential buckets", () => {
  test.each<[string, readonly ExponentialPart[][], HeatRows]>([
    [
      "of one scale, with the empty ones between",
      [[part(0, { 0: 1 })], [part(0, { 2: 5 })]],
      {
        edges: [1, 2, 4, 8],
        counts: [
          [1, 0, 0],
          [0, 0, 5],
        ],
      },
    ],
    [
      "of two scales",
      [[part(1, { 0: 1, 1: 2 })], [part(0, { 0: 4, 1: 1 })]],
      {
        edges: [1, 2, 4],
        counts: [
          [3, 0],
          [4, 1],
        ],
      },
    ],
    ["with zeros", [[part(0, { 0: 1 }, { zeroCount: 7 })]], { edges: [0, 1, 2], counts: [[7, 1]] }],
    ["only zeros", [[part(0, {}, { zeroCount: 7, zeroThreshold: 0.5 })]], { edges: [0, 0.5], counts: [[7]] }],
    [
      "on both sides of zero",
      [[part(0, { 1: 3 }, { negative: new Map([[0, 4]]), zeroCount: 2 })]],
      { edges: [-2, -1, 2, 4], counts: [[4, 2, 3]] },
    ],
    ["only below zero", [[part(0, {}, { negative: new Map([[1, 4]]) })]], { edges: [-4, -2], counts: [[4]] }],
    [
      "taken away from each other",
      [[part(0, { 0: 5, 1: 2 }), part(0, { 0: -3, 1: -2 })]],
      { edges: [1, 2], counts: [[2]] },
    ],
  ])("%s", (_, steps, rows) => {
    expect(exponentialRows(steps)).toEqual(rows);
  });

  test("of a fine scale over a wide range are joined, and nothing is lost", () => {
    const rows = exponentialRows([[part(20, { [-5_000_000]: 2, 20_000_000: 3 })]]);
    expect(rows.edges.length - 1).toBeLessThanOrEqual(maxRows);
    expect(total(rows)).toBe(5);
    expect(rows.edges.every((edge, at) => at === 0 || edge! > rows.edges[at - 1]!)).toBe(true);
  });
});
