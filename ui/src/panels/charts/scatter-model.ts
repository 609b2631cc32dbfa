/** Places of traces in the plot of duration (logarithmic) over time. */
import { powerTicks } from "./scale.ts";

export interface ScatterItem {
  readonly timeMs: number;
  readonly durationNano: number;
  readonly isError: boolean;
}

export interface DurationScale {
  readonly minNano: number;
  readonly maxNano: number;
  /** Marks: powers of ten, nanoseconds. */
  readonly ticks: readonly number[];
}

/** From a little below the shortest to a little above the longest duration, over at least one power of ten. */
export function durationScale(items: readonly ScatterItem[]): DurationScale {
  let min = Infinity;
  let max = 0;
  for (const item of items) {
    const duration = Math.max(1, item.durationNano);
    if (duration < min) min = duration;
    if (duration > max) max = duration;
  }
  if (max === 0) return { minNano: 1e6, maxNano: 1e9, ticks: powerTicks(1e6, 1e9) };
  min /= 1.25;
  max *= 1.25;
  if (max / min < 10) {
    const middle = Math.sqrt(min * max);
    min = middle / Math.sqrt(10);
    max = middle * Math.sqrt(10);
  }
  return { minNano: min, maxNano: max, ticks: powerTicks(min, max) };
}

/** 0 at the bottom to 1 at the top; outside when the duration is outside the scale. */
export function placeDuration(scale: DurationScale, durationNano: number): number {
  return Math.log(Math.max(1, durationNano) / scale.minNano) / Math.log(scale.maxNano / scale.minNano);
}

/** The reverse of placeDuration. */
export function durationAt(scale: DurationScale, place: number): number {
  return scale.minNano * (scale.maxNano / scale.minNano) ** place;
}
