/**
 * Lines made of values as they stand. A series has in a step the last value that it had up to the end of the step. A value holds until the next
 * one, and without a next one for 2.5 times the shorter distance to its neighbours (five minutes for a lone point); a point that says
 * "no value" ends it at once. Steps that begin after the newest point of all have no value.
 */
import type { OneValue } from "../../../metrics.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import { read } from "../query/read.ts";
import { select, sql, type Expression } from "../sql/ast.ts";
import { cellsOf, linesFrom, linesQuery, type Lines } from "./lines.ts";
import { besideEachOther, inStoredOrder, withSeries, type Columns } from "./points.ts";
import type { SeriesChoice } from "./series-choice.ts";
import { nano, stepAt } from "./step-grid.ts";

const overSeries: Readonly<Record<OneValue, Expression>> = {
  average: sql`avg(V)`,
  rate: sql`avg(V)`,
  last: sql`argMax(V, T)`,
  sum: sql`sum(V)`,
  p50: sql`quantileExactInclusive(0.5)(V)`,
  p95: sql`quantileExactInclusive(0.95)(V)`,
  p99: sql`quantileExactInclusive(0.99)(V)`,
};

/** Half of five minutes / 2.5: distance that is assumed where there is no neighbour. */
const assumedNano = 120_000_000_000n;

/** `value` replaces the value of points: a quantile of summaries. Points where it is NaN are left out. */
export async function readLevelLines(
  client: ClickHouseClient,
  choice: SeriesChoice,
  wanted: OneValue,
  newestNano: bigint,
  limit: number,
  value?: Expression,
): Promise<Lines> {
  const { grid } = choice;
  const replaced: Columns = value === undefined ? {} : { V: value };
  const points = besideEachOther(
    choice,
    {
      F: sql`F`,
      T: sql`T`,
      V: sql`V`,
      D: sql`D`,
      P: sql`lagInFrame(T, 1, toInt64(0)) OVER w`,
      N: sql`leadInFrame(T, 1, toInt64(0)) OVER w`,
    },
    replaced,
    true,
  );
  const before = sql`if(P > 0, T - P, ${nano(assumedNano)})`;
  const after = sql`if(N > 0, N - T, ${nano(assumedNano)})`;
  const own = stepAt(sql`T`, grid);
  const held = sql`T + toInt64(2.5 * least(${before}, ${after}))`;
  // A delta is of its step only.
  const until = sql`if(${choice.isDelta}, ${own}, greatest(${own}, least(${stepAt(held, grid)}, ${stepAt(nano(newestNano), grid)})))`;
  const beforeNext = sql`if(N > 0, ${stepAt(sql`N`, grid)} - 1, ${grid.count})`;
  const cells = select({
    SeriesGroup: sql`SeriesGroup`,
    T: sql`T`,
    V: sql`V`,
    K: sql`arrayJoin(range(greatest(${own}, 0), greatest(least(${until}, ${beforeNext}, ${grid.count - 1}) + 1, 0)))`,
  })
    .from(withSeries(points, choice))
    .where(sql`D = 0`, sql`NOT isNaN(V)`, sql`${own} < ${grid.count}`);
  const table = await read(
    client,
    linesQuery(cells, overSeries[wanted], limit),
    choice.context,
    "read the values of a metric",
    inStoredOrder,
  );
  const { cells: found, groups } = cellsOf(table);
  return linesFrom(found, groups, grid.count, limit);
}

/** Of the quantiles that a summary's sender computed, the value of the nearest; NaN when there are none. */
export function nearestQuantile(quantile: number): Expression {
  return sql`if(empty(Quantiles), nan, QuantileValues[indexOf(arrayMap(one -> abs(one - ${quantile}), Quantiles), arrayMin(arrayMap(one -> abs(one - ${quantile}), Quantiles)))])`;
}
