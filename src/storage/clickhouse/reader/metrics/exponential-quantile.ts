/**
 * Exponential histograms: sums across scales, and quantiles. Bucket `index` holds (base^index, base^(index + 1)], base = 2^(2^-scale); two
 * neighbours of one scale are one bucket of the next lower (OpenTelemetry data model, exponential histogram). Pure.
 */
import type { ObservedRange } from "./explicit-quantile.ts";

/** Counts by index at one scale; need not be whole, and may be negative where a point is taken away. */
export interface ExponentialPart {
  readonly scale: number;
  readonly zeroCount: number;
  readonly zeroThreshold: number;
  readonly positive: ReadonlyMap<number, number>;
  readonly negative: ReadonlyMap<number, number>;
}

/** Sum at the lowest scale of all parts. */
export function mergeExponential(parts: readonly ExponentialPart[]): ExponentialPart {
  let scale = Infinity;
  for (const part of parts) scale = Math.min(scale, part.scale);
  const positive = new Map<number, number>();
  const negative = new Map<number, number>();
  let zeroCount = 0;
  let zeroThreshold = 0;
  for (const part of parts) {
    const width = 2 ** (part.scale - scale);
    addAll(positive, part.positive, width);
    addAll(negative, part.negative, width);
    zeroCount += part.zeroCount;
    zeroThreshold = Math.max(zeroThreshold, part.zeroThreshold);
  }
  return { scale: Number.isFinite(scale) ? scale : 0, zeroCount, zeroThreshold, positive, negative };
}

function addAll(into: Map<number, number>, counts: ReadonlyMap<number, number>, width: number): void {
  for (const [index, count] of counts) {
    const at = Math.floor(index / width);
    into.set(at, (into.get(at) ?? 0) + count);
  }
}

interface Bucket {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/**
 * Value below which the share `quantile` of observations lies, or undefined when nothing was observed. Within a bucket exponential, within the
 * zero bucket linear, as Prometheus' native histograms (promql/quantile.go, HistogramQuantile); the zero bucket has no negative side when nothing
 * negative was observed, and no positive side when nothing positive was.
 */
export function exponentialQuantile(
  part: ExponentialPart,
  quantile: number,
  range?: ObservedRange,
): number | undefined {
  const buckets = bucketsOf(part);
  let total = 0;
  for (const { count } of buckets) total += count;
  if (total < 1e-9) return undefined;
  const found = valueAt(buckets, quantile * total);
  return range === undefined ? found : Math.min(Math.max(found, range.min), range.max);
}

function valueAt(buckets: readonly Bucket[], rank: number): number {
  let below = 0;
  for (const { low, high, count } of buckets) {
    if (below + count >= rank) {
      const share = Math.max(0, (rank - below) / count);
      if (low > 0) return low * (high / low) ** share;
      if (high < 0) return low * (high / low) ** share;
      return low + (high - low) * share;
    }
    below += count;
  }
  return buckets.at(-1)?.high ?? Number.NaN;
}

/** From the lowest values to the highest, without empty ones and what rounding left. */
function bucketsOf({ scale, zeroCount, zeroThreshold, positive, negative }: ExponentialPart): Bucket[] {
  const bound = (index: number): number => 2 ** (index * 2 ** -scale);
  const rising = [...positive].filter(isCounted).toSorted(([a], [b]) => a - b);
  const falling = [...negative].filter(isCounted).toSorted(([a], [b]) => b - a);
  const buckets: Bucket[] = falling.map(([index, count]) => ({
    low: -bound(index + 1),
    high: -bound(index),
    count,
  }));
  if (zeroCount > 1e-9) {
    buckets.push({
      low: falling.length === 0 && rising.length > 0 ? 0 : -zeroThreshold,
      high: rising.length === 0 && falling.length > 0 ? 0 : zeroThreshold,
      count: zeroCount,
    });
  }
  for (const [index, count] of rising) buckets.push({ low: bound(index), high: bound(index + 1), count });
  return buckets;
}

function isCounted([, count]: readonly [number, number]): boolean {
  return count > 1e-9;
}
