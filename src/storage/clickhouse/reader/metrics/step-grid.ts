import { OtelierError } from "../../../../base/error.ts";
import type { TimeWindow } from "../../../window.ts";
import { toNano } from "../query/conditions.ts";
import { sql, type Expression } from "../sql/ast.ts";

/** A window cut into equal steps from its start; step k holds [start + k * step, start + (k + 1) * step). The last may reach past the window. */
export interface StepGrid {
  readonly startNano: bigint;
  readonly stepNano: bigint;
  readonly count: number;
  /** Where each step begins. */
  readonly timesMs: readonly number[];
  /** How far around the window points are read, so that its first and last step are right. */
  readonly reachNano: bigint;
}

const maxSteps = 11_000;
const minuteNano = 60_000_000_000n;

/** Without news for so long (or, of a slow exporter, 2.5 times its interval) a series counts as silent; Prometheus' lookback. */
export const silenceNano: bigint = 5n * minuteNano;

/** Rejects windows of more than 11,000 steps, as Prometheus does. */
export function stepGridOf(window: TimeWindow, stepMs: number): StepGrid {
  const stepNano = BigInt(Math.round(stepMs * 1e6));
  const lengthNano = toNano(window.endMs) - toNano(window.startMs);
  if (!(stepMs > 0) || stepNano <= 0n || lengthNano <= 0n) {
    throw new OtelierError(
      `cannot cut a window of ${window.endMs - window.startMs} ms into steps of ${stepMs} ms: both must be above 0`,
      { code: "bad-parameter", outcome: "permanent" },
    );
  }
  const count = Number((lengthNano + stepNano - 1n) / stepNano);
  if (count > maxSteps) {
    throw new OtelierError(
      `cannot cut the window into ${count} steps of ${stepMs} ms: at most ${maxSteps}; use a longer step or a shorter window`,
      { code: "bad-parameter", outcome: "permanent" },
    );
  }
  const twice = 2n * stepNano;
  const longest = 60n * minuteNano;
  return {
    startNano: toNano(window.startMs),
    stepNano,
    count,
    timesMs: Array.from({ length: count }, (_, step) => window.startMs + step * stepMs),
    reachNano: twice < silenceNano ? silenceNano : twice > longest ? longest : twice,
  };
}

export function gridEndNano(grid: StepGrid): bigint {
  return grid.startNano + grid.stepNano * BigInt(grid.count);
}

/** A time or length in nanoseconds; the database would take a plain number for unsigned. */
export function nano(value: bigint): Expression {
  return sql`toInt64(${value})`;
}

/** Step of a time in nanoseconds (Int64), negative before the grid: intDiv alone would round those up. */
export function stepAt(timeNano: Expression, { startNano, stepNano, reachNano }: StepGrid): Expression {
  const before = reachNano / stepNano + 1n;
  return sql`(intDiv(${timeNano} - ${nano(startNano - before * stepNano)}, ${nano(stepNano)}) - ${nano(before)})`;
}

/** Seconds of a step up to the newest point, all of which a rate of that step covers; 0 when it begins after that. */
export function coveredSeconds(grid: StepGrid, step: number, newestNano: bigint): number {
  const from = grid.startNano + BigInt(step) * grid.stepNano;
  const covered = newestNano - from < grid.stepNano ? newestNano - from : grid.stepNano;
  return Math.max(0, Number(covered) / 1e9);
}
