/** What the metrics page asks and shows. Pure. */
import type {
  MetricAnswer,
  MetricFunction,
  MetricLine,
  MetricSummary,
} from "../../../../src/api/explore/wire.ts";

/** What is drawn of a metric when nothing was chosen: what its type is made for. */
export function defaultFunction(metric: MetricSummary): MetricFunction {
  switch (metric.type) {
    case "gauge":
      return "average";
    case "sum":
      return metric.monotonic ? "rate" : "sum";
    case "histogram":
    case "exponential_histogram":
      return "p95";
    case "summary":
      return "rate";
  }
}

/** The functions that make sense for a metric, the default first. */
export function functionsOf(metric: MetricSummary): readonly MetricFunction[] {
  switch (metric.type) {
    case "gauge":
      return ["average", "last", "sum"];
    case "sum":
      return metric.monotonic ? ["rate", "sum", "last"] : ["sum", "average", "last"];
    case "histogram":
    case "exponential_histogram":
      return ["p95", "p50", "p99", "average", "rate"];
    case "summary":
      return ["rate", "average"];
  }
}

export const functionNames: Readonly<Record<MetricFunction, string>> = {
  rate: "Rate",
  average: "Average",
  last: "Last",
  sum: "Sum",
  p50: "p50",
  p95: "p95",
  p99: "p99",
};

/** Unit of the drawn values: a rate is a second of the metric's unit; of a histogram it counts observations. */
export function drawnUnit(metric: MetricSummary, shown: MetricFunction): string {
  if (shown !== "rate") return metric.unit;
  return metric.type === "sum" ? `${metric.unit}/s` : "1/s";
}

export function matchMetrics(metrics: readonly MetricSummary[], text: string): readonly MetricSummary[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return metrics.filter((metric) => {
    const hay = `${metric.name} ${metric.description} ${metric.type} ${metric.unit}`.toLowerCase();
    return words.every((word) => hay.includes(word));
  });
}

export interface MetricFamily {
  /** First part of the names, up to the first dot: "http", "process". */
  readonly prefix: string;
  readonly metrics: readonly MetricSummary[];
}

/** Metrics by the first part of their names, both in order of name. */
export function familiesOf(metrics: readonly MetricSummary[]): readonly MetricFamily[] {
  const families = new Map<string, MetricSummary[]>();
  for (const metric of metrics.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const prefix = /^[^._]+/.exec(metric.name)?.[0] ?? metric.name;
    const family = families.get(prefix);
    if (family === undefined) families.set(prefix, [metric]);
    else family.push(metric);
  }
  return [...families].map(([prefix, members]) => ({ prefix, metrics: members }));
}

export interface LineFigures {
  readonly last: number | undefined;
  readonly average: number | undefined;
  readonly max: number | undefined;
}

/** Figures of one line over its values that are there. */
export function lineFigures(line: MetricLine): LineFigures {
  let last: number | undefined;
  let max: number | undefined;
  let sum = 0;
  let count = 0;
  for (const value of line.values) {
    if (value === null) continue;
    last = value;
    sum += value;
    count++;
    if (max === undefined || value > max) max = value;
  }
  return { last, max, average: count === 0 ? undefined : sum / count };
}

/** Name of a line in legends. */
export function lineName(line: MetricLine, groupBy: string, metric: string): string {
  if (groupBy === "") return metric;
  return line.group === "" ? `without ${groupBy}` : line.group;
}

/** The values of all lines of an answer at the last time that has one; for the big figure of a card. */
export function latestValue(answer: MetricAnswer): number | undefined {
  const line = answer.lines[0];
  return line === undefined ? undefined : lineFigures(line).last;
}

/** Steps of charts: about one a few pixels, never under 5 s, as exporters rarely send more often. */
export function metricStep(windowMs: number, steps: number): number {
  const least = Math.max(5000, windowMs / steps);
  const round = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];
  return (round.find((seconds) => seconds * 1000 >= least) ?? 86_400) * 1000;
}
