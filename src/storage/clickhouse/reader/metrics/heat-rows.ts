/**
 * Rows of a heat map from the buckets of a histogram: the same rows for every step, however bounds and scales changed between them. Pure.
 * Rows may be as wide as they like: what reads them draws each equally high.
 */
import { mergeBuckets, type ExplicitBuckets } from "./explicit-quantile.ts";
import { mergeExponential, type ExponentialPart } from "./exponential-quantile.ts";

/** `counts` of step i are as long as there are rows: one less than `edges`. */
export interface HeatRows {
  /** Rising; row r holds (edges[r], edges[r + 1]]. null at either end: no bound. */
  readonly edges: readonly (number | null)[];
  readonly counts: readonly (readonly number[])[];
}

/** More rows than this cannot be told apart on a screen, so neighbours are joined. */
export const maxRows = 80;

/** One entry of `steps` for each step, with all its parts. */
export function explicitRows(steps: readonly (readonly ExplicitBuckets[])[]): HeatRows {
  let bounds = mergeBuckets(
    steps.flatMap((parts) => parts.map((part) => ({ ...part, counts: part.counts.map(() => 0) }))),
  ).bounds;
  // The last bound stays, so that what lies above all bounds is still told apart.
  while (bounds.length >= maxRows) bounds = bounds.filter((_, at) => (bounds.length - 1 - at) % 2 === 0);
  const grid: ExplicitBuckets = { bounds, counts: Array.from({ length: bounds.length + 1 }, () => 0) };
  const first = bounds[0];
  return {
    edges: [first !== undefined && first > 0 ? 0 : null, ...bounds, null],
    counts: steps.map((parts) => joined(mergeBuckets([grid, ...parts]), bounds)),
  };
}

/** Counts by `bounds`, which are some of those of `merged`. */
function joined(merged: ExplicitBuckets, bounds: readonly number[]): readonly number[] {
  if (merged.bounds.length === bounds.length) return merged.counts;
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  let row = 0;
  merged.counts.forEach((count, at) => {
    const high = merged.bounds[at] ?? Infinity;
    while (row < bounds.length && high > bounds[row]!) row++;
    counts[row] = counts[row]! + count;
  });
  return counts;
}

export function exponentialRows(steps: readonly (readonly ExponentialPart[])[]): HeatRows {
  const merged = steps.map(mergeExponential);
  let whole = mergeExponential(merged);
  while (width(whole.negative) + width(whole.positive) >= maxRows) {
    whole = mergeExponential([whole, { ...nothing, scale: whole.scale - 1 }]);
  }
  const { scale } = whole;
  const negative = span(whole.negative).toReversed();
  const positive = span(whole.positive);
  const edges = edgesOf(whole, negative, positive);
  const hasZeroRow = edges.length - 1 > negative.length + positive.length;
  return {
    edges,
    counts: merged.map((part) => {
      const at = mergeExponential([part, { ...nothing, scale }]);
      return [
        ...negative.map((index) => at.negative.get(index) ?? 0),
        ...(hasZeroRow ? [at.zeroCount] : []),
        ...positive.map((index) => at.positive.get(index) ?? 0),
      ];
    }),
  };
}

/** The row of zero reaches to its neighbours, and stands between negative and positive ones even when empty. */
function edgesOf(
  whole: ExponentialPart,
  negative: readonly number[],
  positive: readonly number[],
): readonly number[] {
  const bound = (index: number): number => 2 ** (index * 2 ** -whole.scale);
  const below = negative.map((index) => -bound(index + 1));
  const above = positive.map((index) => bound(index + 1));
  const [lowest] = positive;
  const highest = negative.at(-1);
  const hasZeros = whole.zeroCount > rounding;
  if (highest !== undefined) below.push(-bound(highest));
  else if (hasZeros || lowest === undefined) below.push(0);
  if (lowest !== undefined) above.unshift(bound(lowest));
  else if (highest === undefined) above.push(whole.zeroThreshold > 0 ? whole.zeroThreshold : 1);
  else if (hasZeros) above.push(whole.zeroThreshold);
  return [...below, ...above];
}

/** Below this there is only rounding. */
const rounding = 1e-9;
const nothing: Omit<ExponentialPart, "scale"> = {
  zeroCount: 0,
  zeroThreshold: 0,
  positive: new Map(),
  negative: new Map(),
};

/** Every index from the lowest to the highest that holds something. */
function span(counts: ReadonlyMap<number, number>): readonly number[] {
  const { low, high } = limitsOf(counts);
  return low > high ? [] : Array.from({ length: high - low + 1 }, (_, at) => low + at);
}

function width(counts: ReadonlyMap<number, number>): number {
  const { low, high } = limitsOf(counts);
  return Math.max(0, high - low + 1);
}

function limitsOf(counts: ReadonlyMap<number, number>): { readonly low: number; readonly high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (const [index, count] of counts) {
    if (Math.abs(count) <= rounding) continue;
    low = Math.min(low, index);
    high = Math.max(high, index);
  }
  return { low, high };
}
