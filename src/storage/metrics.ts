/** Read interface for metrics as the explorer needs it; the query languages declare their own. */
import type { AttributeFilter } from "./attributes.ts";
import type { EmptyReason, Page, ReadContext, TimeWindow } from "./window.ts";

export type MetricType = "gauge" | "sum" | "histogram" | "exponential_histogram" | "summary";
export type Temporality = "unspecified" | "delta" | "cumulative";

export interface MetricSummary {
  readonly name: string;
  readonly type: MetricType;
  readonly unit: string;
  readonly description: string;
  readonly temporality: Temporality;
  readonly monotonic: boolean;
  readonly seriesCount: number;
  readonly services: readonly string[];
  /** Attribute keys of its series, most common first: what one may group by. */
  readonly attributeKeys: readonly string[];
  readonly lastSeenMs: number;
}

/**
 * What is drawn of a metric: "rate" a second for monotonic sums and counts, "average"/"last"/"sum" of values, percentiles of histograms;
 * "percentiles" are three of them from one reading, as lines that are named "p99", "p95" and "p50", and cannot be grouped.
 */
export type MetricFunction = OneValue | "percentiles";

/** Functions that make one value of a line and step. */
export type OneValue = "rate" | "average" | "last" | "sum" | "p50" | "p95" | "p99";

export interface MetricQuery {
  readonly metric: string;
  readonly window: TimeWindow;
  readonly stepMs: number;
  readonly function: MetricFunction;
  readonly service?: string;
  readonly attributes?: readonly AttributeFilter[];
  /** One line for each value of this attribute (metric attribute first, else resource attribute); one line in all when absent. */
  readonly groupBy?: string;
  /** Most lines; the largest are kept. At most 100. */
  readonly limit: number;
}

export interface MetricLine {
  /** Value of the grouping attribute, or name of the percentile; '' without grouping or where it is missing. */
  readonly group: string;
  /** As long as `timesMs` of the answer; null where there is no value. */
  readonly values: readonly (number | null)[];
}

export interface MetricExemplar {
  readonly timeMs: number;
  readonly value: number;
  readonly traceId: string;
  readonly spanId: string;
}

export interface MetricAnswer {
  readonly metric?: MetricSummary;
  readonly timesMs: readonly number[];
  readonly lines: readonly MetricLine[];
  /** Lines that exist beyond the limit. */
  readonly omittedLines: number;
  readonly exemplars: readonly MetricExemplar[];
  readonly empty?: EmptyReason;
}

export type MetricHeatmapQuery = Pick<MetricQuery, "metric" | "window" | "stepMs" | "service" | "attributes">;

/** What a histogram observed, by time and value; of a metric of another type there are no cells. */
export interface MetricHeatmap {
  readonly metric?: MetricSummary;
  readonly startMs: number;
  readonly stepMs: number;
  readonly steps: number;
  /** Rising edges of at most 81 rows, in the metric's unit; row r holds (edges[r], edges[r + 1]]. null at either end: no bound. */
  readonly edges: readonly (number | null)[];
  /** Cells with observations; equal lengths. Counts need not be whole: an interval that several steps touch is shared by time. */
  readonly step: readonly number[];
  readonly row: readonly number[];
  readonly count: readonly number[];
  readonly empty?: EmptyReason;
}

export interface MetricReader {
  /** Metrics seen in the window (of one service when given), sorted by name. */
  metrics(
    window: TimeWindow,
    service: string | undefined,
    context: ReadContext,
  ): Promise<Page<MetricSummary>>;
  /** Rejects with "bad-parameter" for windows of too many steps, and for "percentiles" of what is no histogram or is grouped. */
  metricSeries(query: MetricQuery, context: ReadContext): Promise<MetricAnswer>;
  /** Rejects as metricSeries does for windows of too many steps. */
  metricHeatmap(query: MetricHeatmapQuery, context: ReadContext): Promise<MetricHeatmap>;
}
