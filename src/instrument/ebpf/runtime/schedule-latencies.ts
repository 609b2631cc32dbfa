/** How the runtime counts times in buckets: by the highest bit, from bit 9 to 47, and by the two bits behind it (runtime/histogram.go, Go 1.20 and newer). */
const [firstBit, lastBit, partsOfBit] = [9, 47, 4];
const buckets = (lastBit - firstBit + 2) * partsOfBit;
/** In Go 1.19 they are many times as many. */
export const firstWithLatencies = 20;

/** Of a runtime.timeHistogram: its buckets, negative times, times that are too long. */
export const latenciesBytes: number = (buckets + 2) * 8;

/** Bounds of the buckets that `latencyCounts` returns, in seconds, as runtime/metrics has them. */
export const latencyBounds: readonly number[] = [
  ...Array.from({ length: partsOfBit }, (_, part) => (part * 2 ** (firstBit - 1)) / partsOfBit),
  ...Array.from({ length: lastBit - firstBit + 1 }, (_, index) => 2 ** (firstBit - 1 + index)).flatMap(
    (power) => Array.from({ length: partsOfBit }, (_, part) => power + (part * power) / partsOfBit),
  ),
  2 ** lastBit,
].map((nanoseconds) => nanoseconds / 1e9);

/** One count more than bounds. */
export function latencyCounts(histogram: Buffer): readonly bigint[] {
  const count = (index: number): bigint => histogram.readBigUInt64LE(index * 8);
  return [count(buckets), ...Array.from({ length: buckets }, (_, index) => count(index)), count(buckets + 1)];
}
