/** Percentiles of histograms: explicit and exponential buckets alike become spans of values with a count. */
export interface Bucket {
  /** Lower bound, exclusive; -Infinity for the lowest. */
  readonly low: number;
  /** Upper bound, inclusive; Infinity for the highest. */
  readonly high: number;
  readonly count: number;
}

export function explicitBuckets(bounds: readonly number[], counts: readonly number[]): Bucket[] {
  return counts.map((count, index) => ({
    low: bounds[index - 1] ?? -Infinity,
    high: bounds[index] ?? Infinity,
    count,
  }));
}

/** Buckets of an exponential histogram by index: (base^index, base^(index+1)], base = 2^(2^-scale). */
export function exponentialBuckets(
  scale: number,
  positive: ReadonlyMap<number, number>,
  zeroCount: number,
  negative: ReadonlyMap<number, number>,
): Bucket[] {
  const bound = (index: number): number => 2 ** (index * 2 ** -scale);
  const buckets: Bucket[] = [];
  for (const [index, count] of negative) {
    buckets.push({ low: -bound(index + 1), high: -bound(index), count });
  }
  if (zeroCount > 0) buckets.push({ low: 0, high: 0, count: zeroCount });
  for (const [index, count] of positive) buckets.push({ low: bound(index), high: bound(index + 1), count });
  return buckets;
}

/**
 * Value below which `quantile` (0 to 1) of the counts lie, linear within a bucket; undefined without counts. As Prometheus'
 * histogram_quantile (promql/quantile.go, BucketQuantile): the lowest bucket begins at 0 when its bound is positive, the highest ends at
 * its lower bound.
 */
export function quantileOf(buckets: readonly Bucket[], quantile: number): number | undefined {
  const sorted = buckets
    .filter((bucket) => bucket.count > 0)
    .toSorted((a, b) => a.high - b.high || a.low - b.low);
  const total = sorted.reduce((sum, bucket) => sum + bucket.count, 0);
  if (total <= 0) return undefined;
  const rank = quantile * total;
  let below = 0;
  for (const { low, high, count } of sorted) {
    if (below + count >= rank) {
      if (high === Infinity) return low === -Infinity ? 0 : low;
      const from = low === -Infinity ? Math.min(0, high) : low;
      return from + (high - from) * Math.max(0, (rank - below) / count);
    }
    below += count;
  }
  return sorted.at(-1)?.high;
}
