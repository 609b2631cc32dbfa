/** What the metrics page asks and shows. Pure. */
import type {
  MetricAnswer,
  MetricExemplar,
  MetricFunction,
  MetricLine,
  MetricSummary,
} from "../../../../src/api/explore/wire.ts";

/** What is drawn of a metric when nothing was chosen: what its type is made for. */
export function defaultFunction(metric: MetricSummary, groupBy = ""): MetricFunction {
  switch (metric.type) {
    case "gauge":
      return "average";
    case "sum":
      return metric.monotonic ? "rate" : "sum";
    case "histogram":
    case "exponential_histogram":
      return groupBy === "" ? "percentiles" : "p95";
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
  percentiles: "p50, p95, p99",
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

export function sortMetrics(metrics: readonly MetricSummary[]): readonly MetricSummary[] {
  return metrics.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

export interface MetricFamily {
  /** First part of the names with its dot or underscore: "http.", "process_". */
  readonly prefix: string;
  readonly count: number;
}

/** How many metrics begin alike, in order of name; names of one part are left out. */
export function familiesOf(metrics: readonly MetricSummary[]): readonly MetricFamily[] {
  const counts = new Map<string, number>();
  for (const metric of sortMetrics(metrics)) {
    const prefix = splitName(metric.name).prefix;
    if (prefix !== "") counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
  }
  return [...counts].map(([prefix, count]) => ({ prefix, count }));
}

/** "http.server.duration" to "http." and "server.duration". */
function splitName(name: string): { readonly prefix: string; readonly rest: string } {
  const prefix = /^[^._]+[._]/.exec(name)?.[0] ?? "";
  return { prefix, rest: name.slice(prefix.length) };
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

/** The last value of the line of that group; for the figures of a card. */
export function latestValue(answer: MetricAnswer, group: string): number | undefined {
  const line = answer.lines.find((one) => one.group === group);
  return line === undefined ? undefined : lineFigures(line).last;
}

/** The highest exemplar of each of `buckets` equal parts of the window, in order of time: enough to reach every peak, few enough to hit. */
export function pickExemplars(
  exemplars: readonly MetricExemplar[],
  window: { readonly startMs: number; readonly endMs: number },
  buckets: number,
): readonly MetricExemplar[] {
  const best = new Map<number, MetricExemplar>();
  for (const exemplar of exemplars) {
    if (exemplar.timeMs < window.startMs || exemplar.timeMs >= window.endMs) continue;
    const bucket = Math.floor(
      ((exemplar.timeMs - window.startMs) / (window.endMs - window.startMs)) * buckets,
    );
    const before = best.get(bucket);
    if (before === undefined || exemplar.value > before.value) best.set(bucket, exemplar);
  }
  return [...best.values()].toSorted((a, b) => a.timeMs - b.timeMs);
}

/** Steps of charts: about one a few pixels, never under 5 s, as exporters rarely send more often. */
export function metricStep(windowMs: number, steps: number): number {
  const least = Math.max(5000, windowMs / steps);
  const round = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];
  return (round.find((seconds) => seconds * 1000 >= least) ?? 86_400) * 1000;
}

/** What a page draws: one function, or all buckets of a histogram. */
export type Shown = MetricFunction | "heatmap";

/** Percentiles together say most of a histogram, but by an attribute there would be three lines a value, and no heat map can be drawn. */
export function shownOf(
  metric: MetricSummary,
  chosen: MetricFunction | "heatmap" | "",
  groupBy: string,
): Shown {
  const ofAll = isHistogram(metric) && groupBy === "";
  if (chosen === "" || (chosen === "heatmap" && !ofAll)) return defaultFunction(metric, groupBy);
  return chosen;
}

/** The function that one line for each value of an attribute can be drawn by. */
export function functionOf(shown: Shown): MetricFunction {
  return shown === "percentiles" || shown === "heatmap" ? "p95" : shown;
}

export function choicesOf(
  metric: MetricSummary,
  groupBy: string,
): readonly { readonly id: Shown; readonly name: string }[] {
  const single = functionsOf(metric).map((id) => ({ id, name: functionNames[id] }));
  return isHistogram(metric) && groupBy === ""
    ? [{ id: "percentiles", name: functionNames.percentiles }, { id: "heatmap", name: "Heat map" }, ...single]
    : single;
}

export function isHistogram(metric: MetricSummary): boolean {
  return metric.type === "histogram" || metric.type === "exponential_histogram";
}
