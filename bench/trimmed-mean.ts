import type { Figure } from "./figure.ts";

/** Of each end. */
const trimmed = 0.2;
/** Of the normal distribution: what lies within it has a probability of 95 %. */
const deviations = 1.96;

/**
 * The mean of all but the fifth that is smallest and the fifth that is largest, and where that of endless values lies with 95 % (Yuen 1974): what else the machine
 * does makes single values stray far, and the median wastes much of what the others say.
 */
export function trimmedMean(values: readonly number[]): Omit<Figure, "name" | "unit"> {
  const sorted = values.toSorted((left, right) => left - right);
  const cut = Math.floor(sorted.length * trimmed);
  const [low, high] = [sorted[cut] ?? 0, sorted.at(-1 - cut) ?? 0];
  const value = meanOf(sorted.slice(cut, sorted.length - cut));
  const pulledIn = sorted.map((each) => Math.min(Math.max(each, low), high));
  const mean = meanOf(pulledIn);
  const variance =
    pulledIn.reduce((sum, each) => sum + (each - mean) ** 2, 0) / Math.max(1, sorted.length - 1);
  const error = Math.sqrt(variance / sorted.length) / (1 - 2 * trimmed);
  return { value, interval: [value - deviations * error, value + deviations * error] };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / Math.max(1, values.length);
}
