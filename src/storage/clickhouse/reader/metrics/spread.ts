/** Stretches of time laid over the steps of a grid: each gives every step its share, in proportion to time. */
import { sql, type Expression } from "../sql/ast.ts";
import { gridEndNano, nano, type StepGrid } from "./step-grid.ts";

/** Whether (from, to] touches the grid; a stretch of no length lies in the step of its moment. */
export function touchesGrid(from: Expression, to: Expression, grid: StepGrid): Expression {
  const start = nano(grid.startNano);
  const end = nano(gridEndNano(grid));
  return sql`if(${to} > ${from}, ${to} > ${start} AND ${from} < ${end}, ${to} >= ${start} AND ${to} < ${end})`;
}

/** Array of the steps that (from, to] touches; it must touch the grid. */
export function stepsTouched(from: Expression, to: Expression, grid: StepGrid): Expression {
  const start = nano(grid.startNano);
  const step = nano(grid.stepNano);
  const first = sql`intDiv(greatest(${from}, ${start}) - ${start}, ${step})`;
  const inner = sql`intDiv(least(${to}, ${nano(gridEndNano(grid))}) - ${start} - 1, ${step})`;
  return sql`range(toUInt32(${first}), toUInt32(if(${to} > ${from}, ${inner}, ${first}) + 1))`;
}

/** Share of (from, to] that lies in `step`. */
export function shareOf(step: Expression, from: Expression, to: Expression, grid: StepGrid): Expression {
  const begin = sql`(${nano(grid.startNano)} + toInt64(${step}) * ${nano(grid.stepNano)})`;
  return sql`if(${to} > ${from}, (least(${to}, ${begin} + ${nano(grid.stepNano)}) - greatest(${from}, ${begin})) / (${to} - ${from}), 1)`;
}
