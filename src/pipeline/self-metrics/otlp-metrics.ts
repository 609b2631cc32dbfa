/** Own metrics as OTLP: what `collect()` gives at one time, with the names, units and labels that the Prometheus text has. */
import { HistogramDataPoint, NumberDataPoint } from "../../telemetry/tree/data-points.ts";
import type { Attributes } from "../../telemetry/tree/attributes.ts";
import {
  Gauge,
  Histogram,
  Metric,
  MetricsData,
  ResourceMetrics,
  ScopeMetrics,
  Sum,
} from "../../telemetry/tree/metrics.ts";
import type { MetricFamily } from "./registry.ts";

export interface OtlpMetricsOptions {
  readonly resource: Readonly<Record<string, string>>;
  /** Name and version of the scope. */
  readonly scopeName: string;
  readonly scopeVersion: string;
  /** Since when totals count, and now; Unix milliseconds. */
  readonly startMs: number;
  readonly nowMs: number;
}

const cumulative = 2;

export function metricsToOtlp(families: readonly MetricFamily[], options: OtlpMetricsOptions): MetricsData {
  const tree = new MetricsData();
  const resource = tree.resourceMetrics.push(new ResourceMetrics());
  fill(resource.resource.attributes, options.resource);
  const scope = resource.scopeMetrics.push(new ScopeMetrics());
  scope.scope.name = options.scopeName;
  scope.scope.version = options.scopeVersion;
  const startTimeUnixNano = nano(options.startMs);
  const timeUnixNano = nano(options.nowMs);
  for (const { name, doc, unit, kind, series } of families) {
    if (series.length === 0) continue;
    const metric = scope.metrics.push(new Metric());
    metric.name = name;
    metric.description = doc;
    metric.unit = unit;
    if (kind === "counter") {
      metric.sum = new Sum();
      metric.sum.aggregationTemporality = cumulative;
      metric.sum.isMonotonic = true;
    } else if (kind === "gauge") metric.gauge = new Gauge();
    else {
      metric.histogram = new Histogram();
      metric.histogram.aggregationTemporality = cumulative;
    }
    for (const one of series) {
      if ("histogram" in one) {
        const point = metric.histogram?.dataPoints.push(new HistogramDataPoint());
        if (point === undefined) continue;
        const { bounds, counts, count, sum } = one.histogram;
        point.count = BigInt(count);
        point.sum = sum;
        point.bucketCounts = counts.map(BigInt);
        point.explicitBounds = bounds;
        stamp(point, one.labels);
      } else {
        const point = (metric.sum ?? metric.gauge)?.dataPoints.push(new NumberDataPoint());
        if (point === undefined || !Number.isFinite(one.value)) continue;
        if (Number.isSafeInteger(one.value)) point.asInt = BigInt(one.value);
        else point.asDouble = one.value;
        stamp(point, one.labels);
      }
    }
  }
  return tree;

  function stamp(
    point: NumberDataPoint | HistogramDataPoint,
    labels: Readonly<Record<string, string>>,
  ): void {
    point.startTimeUnixNano = startTimeUnixNano;
    point.timeUnixNano = timeUnixNano;
    fill(point.attributes, labels);
  }
}

function fill(attributes: Attributes, values: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(values)) attributes.set(key, value);
}

function nano(ms: number): bigint {
  return BigInt(Math.round(ms)) * 1_000_000n;
}
