/** Values of a metric by group and step, one function for each kind of point. */
import type { MetricQuery, MetricSummary } from "../../metrics.ts";
import type { ReadContext } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import type { ColumnTable } from "../client/column-table.ts";
import { ExponentialSum, type ExponentialPoint } from "./exponential-sums.ts";
import { explicitBuckets, quantileOf, type Bucket } from "./metric-buckets.ts";
import {
  increases,
  pointConditions,
  stepIndex,
  withGroup,
  type CumulativeColumn,
  type MetricGrid,
} from "./metric-points.ts";
import { read } from "./read.ts";
import { select, sql, type Expression } from "./sql/ast.ts";

export interface MetricRead {
  readonly client: ClickHouseClient;
  readonly query: MetricQuery;
  readonly metric: MetricSummary;
  readonly grid: MetricGrid;
  readonly context: ReadContext;
}

export type Put = (group: string, step: number, value: number | null) => void;

const maxRows = 1_000_000;
const quantiles: Readonly<Record<string, number>> = { p50: 0.5, p95: 0.95, p99: 0.99 };

export async function putValues(request: MetricRead, put: Put): Promise<void> {
  const { metric, query } = request;
  const quantile = quantiles[query.function];
  switch (metric.type) {
    case "gauge":
      return putLevels(request, put);
    case "sum":
      return query.function === "rate" || (metric.temporality === "delta" && query.function === "sum")
        ? putIncreases(request, "otel_metric_samples", ["Value"], put)
        : putLevels(request, put);
    case "histogram":
      return quantile === undefined
        ? putIncreases(request, "otel_metric_histograms", ["Count", "Sum"], put)
        : putBucketQuantiles(request, quantile, put);
    case "exponential_histogram":
      return quantile === undefined
        ? putIncreases(request, "otel_metric_exp_histograms", ["Count", "Sum"], put)
        : putExponentialQuantiles(request, quantile, put);
    case "summary":
      return quantile === undefined
        ? putIncreases(request, "otel_metric_summaries", ["Count", "Sum"], put)
        : putSummaryQuantiles(request, quantile, put);
  }
}

/** Values as they stand: by series and step first, then over the series of a group. */
async function putLevels({ client, query, grid, context }: MetricRead, put: Put): Promise<void> {
  const points = select({
    Fingerprint: sql`Fingerprint`,
    Step: stepIndex(grid),
    Last: sql`argMax(Value, Timestamp)`,
    Mean: sql`avg(Value)`,
    At: sql`max(Timestamp)`,
  })
    .from("otel_metric_samples")
    .where(...pointConditions(query, grid, context, false))
    .groupBy(sql`Fingerprint`, sql`Step`);
  const values: Readonly<Record<string, Expression>> = {
    average: sql`avg(Mean)`,
    last: sql`argMax(Last, At)`,
    sum: sql`sum(Last)`,
    rate: sql`avg(Mean)`,
    p50: sql`quantileExact(0.5)(Last)`,
    p95: sql`quantileExact(0.95)(Last)`,
    p99: sql`quantileExact(0.99)(Last)`,
  };
  const table = await read(
    client,
    select({ LineGroup: sql`SeriesGroup`, Step: sql`Step`, Result: values[query.function] ?? sql`avg(Mean)` })
      .from(withGroup(points, query, context))
      .groupBy(sql`SeriesGroup`, sql`Step`)
      .limit(maxRows),
    context,
    "read the metric",
  );
  const results = table.nullableNumbers("Result");
  eachRow(table, (group, step, row) => put(group, step, results[row] ?? null));
}

/** Increases over each step: a second for "rate", as they are for "sum", divided by their count for "average" and "last". */
async function putIncreases(
  { client, query, metric, grid, context }: MetricRead,
  source: string,
  columns: readonly CumulativeColumn[],
  put: Put,
): Promise<void> {
  const points = increases(source, columns, [], metric, query, grid, context);
  const single = columns[0] === "Value";
  const seconds = Number(grid.stepNano) / 1e9;
  const values: Readonly<Record<string, Expression>> = single
    ? { rate: sql`sum(Value) / ${seconds}`, sum: sql`sum(Value)` }
    : { rate: sql`sum(Count) / ${seconds}`, sum: sql`sum(Sum)` };
  const table = await read(
    client,
    select({
      LineGroup: sql`SeriesGroup`,
      Step: stepIndex(grid),
      Result: values[query.function] ?? sql`sum(Sum) / nullIf(sum(Count), 0)`,
    })
      .from(withGroup(points, query, context))
      .groupBy(sql`SeriesGroup`, sql`Step`)
      .limit(maxRows),
    context,
    "read the metric",
  );
  const results = table.nullableNumbers("Result");
  eachRow(table, (group, step, row) => put(group, step, results[row] ?? null));
}

async function putBucketQuantiles(
  { client, query, metric, grid, context }: MetricRead,
  quantile: number,
  put: Put,
): Promise<void> {
  const points = increases(
    "otel_metric_histograms",
    ["Count", "BucketCounts"],
    ["ExplicitBounds"],
    metric,
    query,
    grid,
    context,
  );
  const table = await read(
    client,
    select({
      LineGroup: sql`SeriesGroup`,
      Step: stepIndex(grid),
      Bounds: sql`ExplicitBounds`,
      Counts: sql`sumForEach(BucketCounts)`,
    })
      .from(withGroup(points, query, context))
      .groupBy(sql`SeriesGroup`, sql`Step`, sql`ExplicitBounds`)
      .limit(maxRows),
    context,
    "read the metric",
  );
  const bounds = table.numberLists("Bounds");
  const counts = table.numberLists("Counts");
  const merged = new BucketTable();
  eachRow(table, (group, step, row) =>
    merged.add(group, step, explicitBuckets(bounds[row] ?? [], counts[row] ?? [])),
  );
  merged.put(quantile, put);
}

/** Exponential points change scale and offset from one to the next, so their differences are made here and not in SQL. */
async function putExponentialQuantiles(
  { client, query, metric, grid, context }: MetricRead,
  quantile: number,
  put: Put,
): Promise<void> {
  const cumulative = metric.temporality !== "delta";
  const points = select({
    Fingerprint: sql`Fingerprint`,
    Timestamp: sql`Timestamp`,
    Offset: sql`toFloat64(toUnixTimestamp64Nano(Timestamp) - ${grid.startNano})`,
    Fresh: sql`StartTimestamp >= fromUnixTimestamp64Nano(${grid.startNano})`,
    Started: sql`toFloat64(toUnixTimestamp64Nano(StartTimestamp) - ${grid.startNano})`,
    Total: sql`toFloat64(Count)`,
    Scale: sql`Scale`,
    Zeros: sql`toFloat64(ZeroCount)`,
    PositiveOffset: sql`PositiveOffset`,
    Positive: sql`arrayMap(one -> toFloat64(one), PositiveBucketCounts)`,
    NegativeOffset: sql`NegativeOffset`,
    Negative: sql`arrayMap(one -> toFloat64(one), NegativeBucketCounts)`,
  })
    .from("otel_metric_exp_histograms")
    .where(...pointConditions(query, grid, context, cumulative));
  const table = await read(
    client,
    select({
      LineGroup: sql`SeriesGroup`,
      Series: sql`toString(point.Fingerprint)`,
      Offset: sql`Offset`,
      Fresh: sql`Fresh`,
      Started: sql`Started`,
      Total: sql`Total`,
      Scale: sql`Scale`,
      Zeros: sql`Zeros`,
      PositiveOffset: sql`PositiveOffset`,
      Positive: sql`Positive`,
      NegativeOffset: sql`NegativeOffset`,
      Negative: sql`Negative`,
    })
      .from(withGroup(points, query, context))
      .orderBy(sql`point.Fingerprint`, sql`Timestamp`)
      .limit(maxRows),
    context,
    "read the metric",
  );
  addExponential(table, grid, cumulative).forEach(({ group, step, sum }) => {
    put(group, step, quantileOf(sum.buckets(), quantile) ?? null);
  });
}

interface ExponentialCell {
  readonly group: string;
  readonly step: number;
  readonly sum: ExponentialSum;
}

function addExponential(table: ColumnTable, grid: MetricGrid, cumulative: boolean): ExponentialCell[] {
  const cells = new Map<string, ExponentialCell>();
  const series = table.strings("Series");
  const offsets = table.numbers("Offset");
  const totals = table.numbers("Total");
  const started = table.numbers("Started");
  const fresh = table.numbers("Fresh");
  const groups = table.strings("LineGroup");
  for (let row = 0; row < table.rows; row++) {
    const offset = offsets[row] ?? 0;
    if (offset < 0) continue;
    const group = groups[row] ?? "";
    const step = Math.floor(offset / Number(grid.stepNano));
    const key = `${step} ${group}`;
    let cell = cells.get(key);
    if (cell === undefined) cells.set(key, (cell = { group, step, sum: new ExponentialSum() }));
    const hasBefore = cumulative && row > 0 && series[row - 1] === series[row];
    if (!hasBefore && cumulative && fresh[row] !== 1) continue;
    cell.sum.add(exponentialAt(table, row));
    const restarted =
      (totals[row] ?? 0) < (totals[row - 1] ?? 0) || (started[row] ?? 0) >= (offsets[row - 1] ?? 0);
    if (hasBefore && !restarted) cell.sum.add(exponentialAt(table, row - 1), -1);
  }
  return [...cells.values()];
}

function exponentialAt(table: ColumnTable, row: number): ExponentialPoint {
  return {
    scale: table.numbers("Scale")[row] ?? 0,
    zeroCount: table.numbers("Zeros")[row] ?? 0,
    positiveOffset: table.numbers("PositiveOffset")[row] ?? 0,
    positive: table.numberLists("Positive")[row] ?? [],
    negativeOffset: table.numbers("NegativeOffset")[row] ?? 0,
    negative: table.numberLists("Negative")[row] ?? [],
  };
}

/** A summary's quantiles were computed by the sender; over several series only their mean can be shown. */
async function putSummaryQuantiles(
  { client, query, grid, context }: MetricRead,
  quantile: number,
  put: Put,
): Promise<void> {
  const points = select({
    Fingerprint: sql`Fingerprint`,
    Step: stepIndex(grid),
    Value: sql`argMax(QuantileValues[indexOf(Quantiles, ${quantile})], Timestamp)`,
  })
    .from("otel_metric_summaries")
    .where(...pointConditions(query, grid, context, false), sql`has(Quantiles, ${quantile})`)
    .groupBy(sql`Fingerprint`, sql`Step`);
  const table = await read(
    client,
    select({ LineGroup: sql`SeriesGroup`, Step: sql`Step`, Result: sql`avg(Value)` })
      .from(withGroup(points, query, context))
      .groupBy(sql`SeriesGroup`, sql`Step`)
      .limit(maxRows),
    context,
    "read the metric",
  );
  const results = table.nullableNumbers("Result");
  eachRow(table, (group, step, row) => put(group, step, results[row] ?? null));
}

/** Buckets by group and step; series of one group may have different bounds. */
class BucketTable {
  private readonly cells = new Map<string, { group: string; step: number; buckets: Bucket[] }>();

  add(group: string, step: number, buckets: readonly Bucket[]): void {
    const key = `${step} ${group}`;
    const cell = this.cells.get(key);
    if (cell === undefined) this.cells.set(key, { group, step, buckets: [...buckets] });
    else cell.buckets.push(...buckets);
  }

  put(quantile: number, put: Put): void {
    for (const { group, step, buckets } of this.cells.values()) {
      put(group, step, quantileOf(buckets, quantile) ?? null);
    }
  }
}

function eachRow(table: ColumnTable, visit: (group: string, step: number, row: number) => void): void {
  const groups = table.strings("LineGroup");
  const steps = table.numbers("Step");
  for (let row = 0; row < table.rows; row++) visit(groups[row] ?? "", steps[row] ?? 0, row);
}
