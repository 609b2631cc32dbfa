/**
 * Points of the chosen series with their neighbours, the ground of all answers. Columns of points: F fingerprint, T and S its time and start
 * (Int64 nanoseconds), V the value as Float64, I as Int64 where E = 1 says that it is exact, and what else the caller asks for.
 */
import type { MetricType } from "../../../metrics.ts";
import { select, sql, subquery, type Expression, type Select } from "../sql/ast.ts";
import { hasValue, pointsAround, pointTables, type SeriesChoice } from "./series-choice.ts";

export type Columns = Readonly<Record<string, Expression>>;

const isExact = sql`ValueKind IN (2, 3)`;
const sample: Columns = {
  V: sql`if(ValueKind = 3, toFloat64(IntValue), Value)`,
  I: sql`multiIf(ValueKind = 3, IntValue, ValueKind = 2, toInt64(Value), 0)`,
  E: isExact,
};
const counted: Columns = { V: sql`toFloat64(Count)`, I: sql`toInt64(Count)`, E: sql`1` };

const valueColumns: Readonly<Record<MetricType, Columns>> = {
  gauge: sample,
  sum: sample,
  histogram: counted,
  exponential_histogram: counted,
  summary: counted,
};

/**
 * The database works through one stretch of sorted points on one core only, so fingerprints (hashes, thus spread evenly) are cut into
 * slices that run beside each other: 4.8 million points in half the time on two cores.
 */
const slices = 4n;
const sliceSize = 2n ** 64n / slices;

/**
 * `columns` over points and their neighbours: window `w` is a series in order of time, two points before and one after. Points without
 * value are left out unless `withSilent`, which names them by D = 1. `more` are further columns of points, or replace some.
 */
export function besideEachOther(
  choice: SeriesChoice,
  columns: Columns,
  more: Columns = {},
  withSilent = false,
): Expression {
  const points = pointsOf(choice, more, withSilent);
  let all: Expression | undefined;
  for (let slice = 0n; slice < slices; slice++) {
    const part = points.where(
      sql`Fingerprint >= ${slice * sliceSize}`,
      sql`Fingerprint <= ${(slice + 1n) * sliceSize - 1n}`,
    );
    const windowed = select(columns).from(
      sql`${subquery(part)} WINDOW w AS (PARTITION BY F ORDER BY T ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING)`,
    );
    all = all === undefined ? subquery(windowed) : sql`${all} UNION ALL ${subquery(windowed)}`;
  }
  return sql`(${all ?? sql``})`;
}

function pointsOf(choice: SeriesChoice, more: Columns, withSilent: boolean): Select {
  const keys = select({ Key: sql`Key` }).from(choice.series);
  const silent: Columns = withSilent ? { D: sql`NOT (${hasValue})` } : {};
  const conditions = withSilent ? [] : [hasValue];
  return select({
    F: sql`Fingerprint`,
    T: sql`toUnixTimestamp64Nano(Timestamp)`,
    S: sql`toUnixTimestamp64Nano(StartTimestamp)`,
    ...valueColumns[choice.type],
    ...silent,
    ...more,
  })
    .from(pointTables[choice.type])
    .where(...pointsAround(choice), sql`Fingerprint IN ${subquery(keys)}`, ...conditions);
}

/**
 * For reads over neighbours: points are taken in the order in which they lie on disk, instead of being sorted in memory, which 4.8 million
 * histogram points would overflow.
 */
export const inStoredOrder: Readonly<Record<string, number>> = {
  query_plan_reuse_storage_ordering_for_window_functions: 1,
  max_bytes_before_external_sort: 200_000_000,
};

/** Rows with a column F, joined with what is known of their series. */
export function withSeries(source: Expression, choice: SeriesChoice): Expression {
  return sql`${source} AS point INNER JOIN ${subquery(choice.series)} AS series ON point.F = series.Key`;
}
