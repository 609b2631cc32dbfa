import type { TimeWindow } from "../../../window.ts";
import { sql, type Expression } from "../sql/ast.ts";
import { toNano } from "./conditions.ts";

/** A window cut into equal steps. */
export interface Steps {
  readonly count: number;
  readonly stepMs: number;
  /** The window's start, and a step rounded up to whole nanoseconds. */
  readonly startNano: bigint;
  readonly stepNano: bigint;
  /** Index of the step that a row's Timestamp lies in; 0 is the first. */
  readonly index: Expression;
}

export function stepsOf(window: TimeWindow, count: number): Steps {
  const bounded = Math.max(1, Math.min(Math.floor(count), 1000));
  const startNano = toNano(window.startMs);
  const lengthNano = toNano(window.endMs) - startNano;
  const stepNano = lengthNano <= 0n ? 1n : (lengthNano + BigInt(bounded) - 1n) / BigInt(bounded);
  return {
    count: bounded,
    stepMs: (window.endMs - window.startMs) / bounded,
    startNano,
    stepNano,
    index: sql`toUInt32(intDiv(toUnixTimestamp64Nano(Timestamp) - ${startNano}, ${stepNano}))`,
  };
}

/** Values at the given steps, 0 elsewhere. */
export function seriesOf(count: number, steps: readonly number[], values: readonly number[]): number[] {
  const series = Array.from({ length: count }, () => 0);
  steps.forEach((step, index) => {
    if (step >= 0 && step < count) series[step] = (series[step] ?? 0) + (values[index] ?? 0);
  });
  return series;
}
