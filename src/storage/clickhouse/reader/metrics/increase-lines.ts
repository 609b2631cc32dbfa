/** Lines made of increases: rates, sums over a step, and averages of what histograms and summaries observed. */
import type { OneValue, MetricType } from "../../../metrics.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import { read } from "../query/read.ts";
import { select, sql, type Expression } from "../sql/ast.ts";
import { intervalsOf, type IntervalOptions } from "./intervals.ts";
import { cellsOf, linesFrom, linesQuery, type Lines } from "./lines.ts";
import { inStoredOrder } from "./points.ts";
import type { SeriesChoice } from "./series-choice.ts";
import { shareOf, stepsTouched, touchesGrid } from "./spread.ts";
import { coveredSeconds } from "./step-grid.ts";

/** Sum of what was observed, for histograms that have one; NaN becomes null in the end. */
const sums: Readonly<Record<"histogram" | "exponential_histogram" | "summary", Expression>> = {
  histogram: sql`if(bitAnd(Present, 1) = 1, Sum, nan)`,
  exponential_histogram: sql`if(bitAnd(Present, 1) = 1, Sum, nan)`,
  summary: sql`Sum`,
};

/**
 * "rate": a second, over the part of the step up to the newest point. "sum": over the step. "average" and "last" of histograms and summaries:
 * mean of what was observed in the step; of delta sums: increase a series. 0 is a value (nothing happened), null is not knowing.
 */
export async function readIncreaseLines(
  client: ClickHouseClient,
  choice: SeriesChoice,
  wanted: OneValue,
  newestNano: bigint,
  limit: number,
): Promise<Lines> {
  const { grid, type } = choice;
  const observed = observedSum(type);
  const needsSum = observed !== undefined && wanted !== "rate";
  const options: IntervalOptions = needsSum
    ? { kept: { X: observed }, lagged: ["X"], newestNano }
    : { newestNano };
  const share = shareOf(sql`K`, sql`A`, sql`B`, grid);
  const parts = select({
    SeriesGroup: sql`SeriesGroup`,
    F: sql`F`,
    K: sql`arrayJoin(${stepsTouched(sql`A`, sql`B`, grid)})`,
    Part: sql`Inc * ${share}`,
    ...(needsSum ? { SumPart: sql`if(Mode = 2, X - PX, X) * Drawn * ${share}` } : {}),
  })
    .from(intervalsOf(choice, options))
    .where(touchesGrid(sql`A`, sql`B`, grid));
  const table = await read(
    client,
    linesQuery(parts, cellOf(wanted, needsSum), limit),
    choice.context,
    "read the increase of a metric",
    inStoredOrder,
  );
  const { cells, groups } = cellsOf(table);
  if (wanted !== "rate") return linesFrom(cells, groups, grid.count, limit);
  return linesFrom(cells, groups, grid.count, limit, (value, step) => {
    const seconds = coveredSeconds(grid, step, newestNano);
    return seconds > 0 ? value / seconds : null;
  });
}

function observedSum(type: MetricType): Expression | undefined {
  return type === "gauge" || type === "sum" ? undefined : sums[type];
}

function cellOf(wanted: OneValue, ofObserved: boolean): Expression {
  if (wanted === "rate") return sql`sum(Part)`;
  if (ofObserved) return wanted === "sum" ? sql`sum(SumPart)` : sql`sum(SumPart) / nullIf(sum(Part), 0)`;
  return wanted === "sum" ? sql`sum(Part)` : sql`sum(Part) / uniqExact(F)`;
}
