import { exponentialBuckets, type Bucket } from "./metric-buckets.ts";

/** One point of an exponential histogram. */
export interface ExponentialPoint {
  readonly scale: number;
  readonly zeroCount: number;
  readonly positiveOffset: number;
  readonly positive: readonly number[];
  readonly negativeOffset: number;
  readonly negative: readonly number[];
}

/** Adds up points (or differences of points) at the coarsest scale among them. */
export class ExponentialSum {
  private scale = Infinity;
  private zeroCount = 0;
  private positive = new Map<number, number>();
  private negative = new Map<number, number>();

  add(point: ExponentialPoint, sign: 1 | -1 = 1): void {
    if (point.scale < this.scale) this.coarsen(point.scale);
    const shift = point.scale - this.scale;
    this.zeroCount += sign * point.zeroCount;
    addCounts(this.positive, point.positive, point.positiveOffset, shift, sign);
    addCounts(this.negative, point.negative, point.negativeOffset, shift, sign);
  }

  buckets(): Bucket[] {
    return exponentialBuckets(this.scale, this.positive, Math.max(0, this.zeroCount), this.negative);
  }

  private coarsen(scale: number): void {
    const shift = this.scale - scale;
    if (Number.isFinite(shift)) {
      this.positive = shifted(this.positive, shift);
      this.negative = shifted(this.negative, shift);
    }
    this.scale = scale;
  }
}

/** Two neighbours of one scale are one bucket of the next coarser: the index is halved, rounding down. */
function coarser(index: number, shift: number): number {
  return Math.floor(index / 2 ** shift);
}

function shifted(counts: ReadonlyMap<number, number>, shift: number): Map<number, number> {
  const result = new Map<number, number>();
  for (const [index, count] of counts) {
    const at = coarser(index, shift);
    result.set(at, (result.get(at) ?? 0) + count);
  }
  return result;
}

function addCounts(
  into: Map<number, number>,
  counts: readonly number[],
  offset: number,
  shift: number,
  sign: number,
): void {
  counts.forEach((count, index) => {
    if (count === 0) return;
    const at = coarser(offset + index, shift);
    into.set(at, (into.get(at) ?? 0) + sign * count);
  });
}
