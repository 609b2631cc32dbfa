import type { Figure } from "./figure.ts";

/** Of each end. */
const trimmed = 0.2;
/** Of Student's distribution with 1, 2, 3 ... degrees of freedom: what lies within it has a probability of 95 %. */
const deviations = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
];

/** The mean of all but the fifth that is smallest and the fifth that is largest: what else the machine does makes single values stray far, and the median wastes much of what the others say. */
export function trimmedMean(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const cut = Math.floor(sorted.length * trimmed);
  return meanOf(sorted.slice(cut, sorted.length - cut));
}

/** The mean of a few values that are independent of one another, and where that of endless ones lies with 95 % (none of a single value). */
export function meanOfPairs(
  values: readonly number[],
): Omit<Figure, "name" | "unit"> & { readonly value: number } {
  const value = meanOf(values);
  if (values.length < 2) return { value };
  const variance = values.reduce((sum, each) => sum + (each - value) ** 2, 0) / (values.length - 1);
  const error = (deviations[values.length - 2] ?? 1.96) * Math.sqrt(variance / values.length);
  return { value, interval: [value - error, value + error] };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / Math.max(1, values.length);
}
