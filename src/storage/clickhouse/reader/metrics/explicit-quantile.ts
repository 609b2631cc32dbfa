/** Quantiles of histograms with explicit bounds, interpolated as Prometheus' histogram_quantile (promql/quantile.go, BucketQuantile). Pure. */

export interface ExplicitBuckets {
  /** Rising upper bounds, inclusive; the last bucket has none. */
  readonly bounds: readonly number[];
  /** One more than `bounds`; need not be whole, and may be a little below 0 from rounding. */
  readonly counts: readonly number[];
}

/** Limits of what was observed, when every point told them. */
export interface ObservedRange {
  readonly min: number;
  readonly max: number;
}

/**
 * Value below which the share `quantile` (0 to 1) of observations lies; undefined when nothing was observed or nothing is known of where.
 * The first bucket begins at 0 when its bound is above 0, else it yields its bound; the last yields the highest bound. `range` keeps the
 * result within what was really observed, and is all there is without bounds.
 */
export function explicitQuantile(
  { bounds, counts }: ExplicitBuckets,
  quantile: number,
  range?: ObservedRange,
): number | undefined {
  let total = 0;
  for (const count of counts) total += Math.max(0, count);
  // Below this there is only rounding.
  if (total < 1e-9) return undefined;
  if (bounds.length === 0) {
    return range === undefined ? undefined : range.min + (range.max - range.min) * quantile;
  }
  const found = within(bounds, counts, quantile * total);
  return range === undefined ? found : Math.min(Math.max(found, range.min), range.max);
}

function within(bounds: readonly number[], counts: readonly number[], rank: number): number {
  const highest = bounds.at(-1) ?? Number.NaN;
  let below = 0;
  for (let index = 0; index < counts.length; index++) {
    const count = Math.max(0, counts[index] ?? 0);
    if (count > 0 && below + count >= rank) {
      const high = bounds[index];
      if (high === undefined) return highest;
      const low = index === 0 ? (high > 0 ? 0 : high) : (bounds[index - 1] ?? high);
      return low + (high - low) * Math.max(0, (rank - below) / count);
    }
    below += count;
  }
  return highest;
}

/** Histograms of different bounds as one over all bounds; a bucket that is cut gives its parts in proportion to their width. */
export function mergeBuckets(parts: readonly ExplicitBuckets[]): ExplicitBuckets {
  const [first, ...others] = parts;
  if (first === undefined) return { bounds: [], counts: [] };
  if (others.every(({ bounds }) => sameBounds(bounds, first.bounds))) {
    const counts = Float64Array.from(first.counts);
    for (const part of others) part.counts.forEach((count, at) => (counts[at] = (counts[at] ?? 0) + count));
    return { bounds: first.bounds, counts: [...counts] };
  }
  const bounds = [...new Set(parts.flatMap((part) => part.bounds))].toSorted((a, b) => a - b);
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  for (const part of parts) pour(part, bounds, counts);
  return { bounds, counts };
}

function sameBounds(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((bound, at) => bound === right[at]);
}

function pour({ bounds, counts }: ExplicitBuckets, all: readonly number[], into: number[]): void {
  let at = 0;
  counts.forEach((count, index) => {
    const high = bounds[index];
    if (high === undefined) {
      into[all.length] = (into[all.length] ?? 0) + count;
      return;
    }
    const bottom = index === 0 ? Math.min(0, high) : (bounds[index - 1] ?? high);
    let low = bottom;
    while (at < all.length && (all[at] ?? high) <= high) {
      const next = all[at] ?? high;
      // What lies below 0 in a first bucket cannot be told apart: all of it goes to its own bound.
      const share = high > bottom ? Math.max(0, next - low) / (high - bottom) : next === high ? 1 : 0;
      into[at] = (into[at] ?? 0) + count * share;
      low = Math.max(low, next);
      at++;
    }
  });
}
