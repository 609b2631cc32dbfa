import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { explicitQuantile, mergeBuckets, type ExplicitBuckets } from "./explicit-quantile.ts";
import { exponentialQuantile, mergeExponential, type ExponentialPart } from "./exponential-quantile.ts";

describe("explicit bounds", () => {
  const cases: readonly (readonly [
    string,
    readonly number[],
    readonly number[],
    number,
    number | undefined,
  ])[] = [
    ["linear within a bucket", [10, 20], [0, 10, 0], 0.5, 15],
    ["the first bucket begins at 0", [10, 20], [10, 0, 0], 0.25, 2.5],
    ["a first bound of 0 or less is the answer", [-5, 5], [10, 0, 0], 0.25, -5],
    ["the unbounded bucket gives the highest bound", [10, 20], [1, 1, 98], 0.99, 20],
    ["empty buckets at the end", [10, 20], [10, 0, 0], 1, 10],
    ["empty buckets at the beginning", [10, 20, 30], [0, 0, 4, 0], 0, 20],
    ["parts of counts", [10, 20], [0.25, 0.25, 0], 0.5, 10],
    ["counts that rounding left below 0", [10, 20], [-1e-12, 4, 0], 0.5, 15],
    ["nothing observed", [10, 20], [0, 0, 0], 0.5, undefined],
    ["only rounding", [10, 20], [1e-12, 0, 0], 0.5, undefined],
    ["no bounds", [], [5], 0.5, undefined],
  ];
  test.each(cases)("%s", (_name, bounds, counts, quantile, expected) => {
    expect(explicitQuantile({ bounds, counts }, quantile)).toBe(expected);
  });

  test("minimum and maximum", () => {
    const range = { min: 4, max: 6 };
    expect(explicitQuantile({ bounds: [10], counts: [10, 0] }, 0.01, range)).toBe(4);
    expect(explicitQuantile({ bounds: [10], counts: [10, 0] }, 0.99, range)).toBe(6);
    expect(explicitQuantile({ bounds: [], counts: [10] }, 0.25, range)).toBe(4.5);
  });

  test("merging cuts buckets in proportion", () => {
    expect(
      mergeBuckets([
        { bounds: [10, 30], counts: [2, 8, 1] },
        { bounds: [5, 20], counts: [1, 6, 3] },
      ]),
    ).toEqual({
      bounds: [5, 10, 20, 30],
      counts: [1 + 1, 1 + 2, 4 + 4, 4, 1 + 3],
    });
    expect(
      mergeBuckets([
        { bounds: [1], counts: [2, 3] },
        { bounds: [1], counts: [4, 5] },
      ]),
    ).toEqual({ bounds: [1], counts: [6, 8] });
    expect(mergeBuckets([])).toEqual({ bounds: [], counts: [] });
  });

  const buckets = fc.uniqueArray(fc.integer({ min: -50, max: 1000 }), { maxLength: 8 }).chain((bounds) =>
    fc
      .array(fc.integer({ min: 0, max: 100 }), {
        minLength: bounds.length + 1,
        maxLength: bounds.length + 1,
      })
      .map((counts): ExplicitBuckets => ({ bounds: bounds.toSorted((a, b) => a - b), counts })),
  );

  test("property: merging keeps the number of observations", () => {
    fc.assert(
      fc.property(fc.array(buckets, { maxLength: 4 }), (parts) => {
        const total = parts.flatMap(({ counts }) => counts).reduce((sum, count) => sum + count, 0);
        const { bounds, counts } = mergeBuckets(parts);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBeCloseTo(total, 6);
        expect(bounds).toEqual(bounds.toSorted((a, b) => a - b));
      }),
    );
  });

  test("property: a quantile rises with its share and stays within the bounds", () => {
    fc.assert(
      fc.property(
        buckets,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (part, one, other) => {
          const low = explicitQuantile(part, Math.min(one, other));
          const high = explicitQuantile(part, Math.max(one, other));
          if (low === undefined || high === undefined) return;
          expect(low).toBeLessThanOrEqual(high + 1e-9);
          expect(high).toBeLessThanOrEqual(part.bounds.at(-1) ?? 0);
          expect(low).toBeGreaterThanOrEqual(Math.min(0, part.bounds[0] ?? 0));
        },
      ),
    );
  });
});

function part(
  scale: number,
  positive: Record<number, number>,
  more: Partial<ExponentialPart> = {},
): ExponentialPart {
  return { scale, zeroCount: 0, zeroThreshold: 0, positive: counts(positive), negative: new Map(), ...more };
}

function counts(byIndex: Record<number, number>): Map<number, number> {
  return new Map(Object.entries(byIndex).map(([index, count]) => [Number(index), count]));
}

describe("exponential", () => {
  test.each<[string, ExponentialPart, number, number | undefined]>([
    ["geometric within a bucket", part(0, { 1: 10 }), 0.5, 2 * Math.SQRT2],
    ["finer scale", part(1, { 2: 10 }), 1, 2 * Math.SQRT2],
    [
      "negative values come first",
      part(0, { 0: 5 }, { negative: counts({ 0: 5, 1: 10 }) }),
      0.25,
      -4 / Math.SQRT2,
    ],
    ["zero only", part(0, {}, { zeroCount: 4, zeroThreshold: 0.5 }), 0.75, 0.25],
    [
      "zero beside positive has no negative side",
      part(0, { 3: 4 }, { zeroCount: 4, zeroThreshold: 0.5 }),
      0.25,
      0.25,
    ],
    [
      "zero beside negative has no positive side",
      part(0, {}, { zeroCount: 4, zeroThreshold: 0.5, negative: counts({ 3: 4 }) }),
      0.75,
      -0.25,
    ],
    ["empty", part(0, {}), 0.5, undefined],
    ["what was taken away leaves nothing", part(0, { 1: 0, 2: -1e-13 }), 0.5, undefined],
  ])("%s", (_name, given, quantile, expected) => {
    const found = exponentialQuantile(given, quantile);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(expected, 9);
  });

  test("merging goes to the lowest scale, rounding indexes down", () => {
    const merged = mergeExponential([part(2, { "-5": 1, "-4": 2, 3: 4 }), part(0, { "-2": 8, 0: 16 })]);
    expect(merged.scale).toBe(0);
    expect([...merged.positive].toSorted(([a], [b]) => a - b)).toEqual([
      [-2, 9],
      [-1, 2],
      [0, 20],
    ]);
    expect(mergeExponential([])).toMatchObject({ scale: 0, zeroCount: 0 });
  });

  test("property: taking a part away again leaves the other", () => {
    const indexes = fc.dictionary(
      fc.integer({ min: -40, max: 40 }).map(String),
      fc.integer({ min: 1, max: 50 }),
      { maxKeys: 6 },
    );
    fc.assert(
      fc.property(
        fc.integer({ min: -3, max: 6 }),
        fc.integer({ min: -3, max: 6 }),
        indexes,
        indexes,
        (a, b, left, right) => {
          const taken = part(
            b,
            Object.fromEntries(Object.entries(right).map(([index, count]) => [index, -count])),
          );
          const merged = mergeExponential([part(a, left), part(b, right), taken]);
          const alone = mergeExponential([part(a, left), part(Math.min(a, b), {})]);
          expect(exponentialQuantile(merged, 0.9)).toEqual(exponentialQuantile(alone, 0.9));
        },
      ),
    );
  });
});
