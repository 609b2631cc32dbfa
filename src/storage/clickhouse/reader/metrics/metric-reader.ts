/**
 * Answers about metrics. A question goes: the metric's facts (metric-list), its series that pass the filters (series-choice), then by what is
 * asked: increases over time (intervals, increase-lines), values as they stand (level-lines), or percentiles (quantile-lines). All that grows with
 * the number of points is worked out in SQL; what comes back is one value a line and step.
 */
import { systemClock, type Clock } from "../../../../base/clock.ts";
import { OtelierError } from "../../../../base/error.ts";
import type {
  MetricAnswer,
  MetricFunction,
  MetricHeatmap,
  MetricHeatmapQuery,
  MetricQuery,
  MetricReader,
  MetricSummary,
} from "../../../metrics.ts";
import type { ReadContext } from "../../../window.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import { read } from "../query/read.ts";
import { select, sql, subquery } from "../sql/ast.ts";
import { readExemplars } from "./exemplars.ts";
import { readHeatCells } from "./heat-map.ts";
import { readIncreaseLines } from "./increase-lines.ts";
import { nearestQuantile, readLevelLines } from "./level-lines.ts";
import type { Lines } from "./lines.ts";
import { explainNoMetrics, type EmptyMetricQuestion } from "./metric-emptiness.ts";
import { readMetricList } from "./metric-list.ts";
import { readPercentileLines, readQuantileLines } from "./quantile-lines.ts";
import { chooseSeries, hasValue, pointsAround, pointTables, type SeriesChoice } from "./series-choice.ts";
import { stepGridOf } from "./step-grid.ts";

export interface MetricReaderOptions {
  readonly clock?: Clock;
  /** Age after which telemetry is dropped; 0 or absent: kept for ever. */
  readonly retentionMs?: number;
}

const maxLines = 100;
const quantiles: Readonly<Partial<Record<MetricFunction, number>>> = { p50: 0.5, p95: 0.95, p99: 0.99 };

/**
 * Reads metrics through `client`. Rejects with an OtelierError: "bad-parameter" for a window of no length or of more than 11,000 steps, else
 * the client's failures.
 */
export function createMetricReader(
  client: ClickHouseClient,
  options: MetricReaderOptions = {},
): MetricReader {
  const { clock = systemClock, retentionMs = 0 } = options;
  const explain = (
    question: EmptyMetricQuestion,
    context: ReadContext,
  ): ReturnType<typeof explainNoMetrics> =>
    explainNoMetrics(client, question, { retentionMs, nowMs: clock.now() }, context);
  return {
    async metrics(window, service, context) {
      const found = await readMetricList(client, window, { service }, context);
      if (found.items.length > 0) return found;
      return { ...found, empty: await explain({ window, service }, context) };
    },
    async metricSeries(query, context) {
      const answer = await readSeries(client, query, context);
      if (answer.lines.length > 0) return answer;
      const { window, metric, service } = query;
      return { ...answer, empty: await explain({ window, metric, service }, context) };
    },
    async metricHeatmap(query, context) {
      const answer = await readHeatmap(client, query, context);
      if (answer.step.length > 0) return answer;
      const { window, metric, service } = query;
      return { ...answer, empty: await explain({ window, metric, service }, context) };
    },
  };
}

async function readSeries(
  client: ClickHouseClient,
  query: MetricQuery,
  context: ReadContext,
): Promise<MetricAnswer> {
  const grid = stepGridOf(query.window, query.stepMs);
  const nothing = { timesMs: grid.timesMs, lines: [], omittedLines: 0, exemplars: [] };
  const found = await readMetricList(client, query.window, { metric: query.metric }, context);
  const metric = found.items[0];
  if (metric === undefined) return nothing;
  if (query.function === "percentiles") checkPercentiles(metric, query);
  const choice = await chooseSeries(client, query, metric.type, grid, context);
  const newestNano = choice.count === 0 ? undefined : await readNewest(client, choice);
  if (newestNano === undefined) return { metric, ...nothing };
  const limit = Math.max(1, Math.min(Math.floor(query.limit), maxLines));
  const [lines, exemplars] = await Promise.all([
    readLines(client, choice, metric, query.function, newestNano, limit),
    readExemplars(client, query, choice),
  ]);
  return { metric, timesMs: grid.timesMs, ...lines, exemplars };
}

async function readHeatmap(
  client: ClickHouseClient,
  query: MetricHeatmapQuery,
  context: ReadContext,
): Promise<MetricHeatmap> {
  const grid = stepGridOf(query.window, query.stepMs);
  const { startMs } = query.window;
  const frame = { startMs, stepMs: query.stepMs, steps: grid.count, edges: [], step: [], row: [], count: [] };
  const found = await readMetricList(client, query.window, { metric: query.metric }, context);
  const metric = found.items[0];
  if (metric === undefined) return frame;
  if (!hasBuckets(metric)) return { ...frame, metric };
  const choice = await chooseSeries(client, query, metric.type, grid, context);
  return { ...frame, metric, ...(await readHeatCells(client, choice)) };
}

function hasBuckets({ type }: Pick<MetricSummary, "type">): boolean {
  return type === "histogram" || type === "exponential_histogram";
}

function checkPercentiles(metric: MetricSummary, { groupBy }: MetricQuery): void {
  const why = !hasBuckets(metric)
    ? `it is a ${metric.type}, and only histograms tell how values spread`
    : groupBy === undefined
      ? undefined
      : `they cannot be grouped by "${groupBy}": ask for one of them, such as p95`;
  if (why === undefined) return;
  throw new OtelierError(`cannot read the percentiles of "${metric.name}": ${why}`, {
    code: "bad-parameter",
    outcome: "permanent",
  });
}

function readLines(
  client: ClickHouseClient,
  choice: SeriesChoice,
  { type }: MetricSummary,
  wanted: MetricFunction,
  newestNano: bigint,
  limit: number,
): Promise<Lines> {
  if (wanted === "percentiles") return readPercentileLines(client, choice);
  const quantile = quantiles[wanted];
  if (quantile !== undefined && type === "summary") {
    return readLevelLines(client, choice, "average", newestNano, limit, nearestQuantile(quantile));
  }
  if (quantile !== undefined && hasBuckets({ type })) {
    return readQuantileLines(client, choice, quantile, newestNano, limit);
  }
  const ofIncreases = wanted === "rate" || (type !== "gauge" && type !== "sum");
  const ofDeltas = choice.allDelta && (wanted === "sum" || wanted === "average");
  return ofIncreases || ofDeltas
    ? readIncreaseLines(client, choice, wanted, newestNano, limit)
    : readLevelLines(client, choice, wanted, newestNano, limit);
}

/** Time of the newest point of the chosen series in and shortly after the grid; undefined when they have none. */
async function readNewest(client: ClickHouseClient, choice: SeriesChoice): Promise<bigint | undefined> {
  const table = await read(
    client,
    select({ Newest: sql`toString(toUnixTimestamp64Nano(max(Timestamp)))`, Points: sql`toFloat64(count())` })
      .from(pointTables[choice.type])
      .where(
        ...pointsAround(choice),
        sql`Fingerprint IN ${subquery(select({ Key: sql`Key` }).from(choice.series))}`,
        hasValue,
      ),
    choice.context,
    "find the newest point of a metric",
  );
  return table.number("Points") === 0 ? undefined : BigInt(table.string("Newest"));
}
