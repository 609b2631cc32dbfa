import type { Attributes } from "../../../telemetry/tree/attributes.ts";
import { HistogramDataPoint, NumberDataPoint } from "../../../telemetry/tree/data-points.ts";
import { Histogram, Metric, Sum, type ScopeMetrics } from "../../../telemetry/tree/metrics.ts";
import type { AttributeValue } from "../spans/span.ts";

/** What a metric is called, by the semantic conventions. */
export interface MetricName {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
}

/** The time that cumulative values count, nanoseconds since the Unix epoch. */
export interface Period {
  readonly startNs: bigint;
  readonly endNs: bigint;
}

export const noAttributes: ReadonlyMap<string, AttributeValue> = new Map();
const cumulative = 2;

/** A sum's value: a whole number as bigint. */
export interface SumValue {
  readonly attributes: ReadonlyMap<string, AttributeValue>;
  readonly value: number | bigint;
}

export function pushSum(
  scope: ScopeMetrics,
  metric: MetricName,
  kind: "counter" | "up-down-counter",
  values: readonly SumValue[],
  period: Period,
): void {
  const sum = new Sum();
  sum.aggregationTemporality = cumulative;
  sum.isMonotonic = kind === "counter";
  pushMetric(scope, metric).sum = sum;
  for (const { attributes, value } of values) {
    const point = sum.dataPoints.push(new NumberDataPoint());
    stamp(point, attributes, period);
    if (typeof value === "bigint") point.asInt = value;
    else point.asDouble = value;
  }
}

/** A histogram's values: one count more than bounds. */
export interface HistogramValue {
  readonly attributes: ReadonlyMap<string, AttributeValue>;
  readonly counts: readonly bigint[];
  readonly count: bigint;
  readonly sum: number;
}

export function pushHistogram(
  scope: ScopeMetrics,
  metric: MetricName & { readonly bounds: readonly number[] },
  values: Iterable<HistogramValue>,
  period: Period,
): void {
  const histogram = new Histogram();
  histogram.aggregationTemporality = cumulative;
  pushMetric(scope, metric).histogram = histogram;
  for (const { attributes, counts, count, sum } of values) {
    const point = histogram.dataPoints.push(new HistogramDataPoint());
    stamp(point, attributes, period);
    point.count = count;
    point.sum = sum;
    point.bucketCounts = counts;
    point.explicitBounds = metric.bounds;
  }
}

function pushMetric(scope: ScopeMetrics, { name, unit, description }: MetricName): Metric {
  const metric = scope.metrics.push(new Metric());
  metric.name = name;
  metric.unit = unit;
  metric.description = description;
  return metric;
}

function stamp(
  point: NumberDataPoint | HistogramDataPoint,
  attributes: ReadonlyMap<string, AttributeValue>,
  { startNs, endNs }: Period,
): void {
  point.startTimeUnixNano = startNs;
  point.timeUnixNano = endNs;
  fill(point.attributes, attributes);
}

/** Numbers are whole ones. */
export function fill(attributes: Attributes, values: ReadonlyMap<string, AttributeValue>): void {
  for (const [key, value] of values) attributes.set(key, typeof value === "number" ? BigInt(value) : value);
}
