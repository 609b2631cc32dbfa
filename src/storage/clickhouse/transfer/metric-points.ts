/** Rows of the tables of data points, their series and exemplars back to OTLP: the reverse of the metric transcoder. */
import {
  Exemplar,
  ExponentialHistogramDataPoint,
  HistogramDataPoint,
  NumberDataPoint,
  SummaryDataPoint,
  ValueAtQuantile,
} from "../../../telemetry/tree/data-points.ts";
import {
  ExponentialHistogram,
  Gauge,
  Histogram,
  Metric,
  MetricsData,
  ResourceMetrics,
  ScopeMetrics,
  Sum,
  Summary,
} from "../../../telemetry/tree/metrics.ts";
import { fillAttributes, type RawValues } from "./attributes.ts";
import { entryOf, fillResource, fillScope, resourceKey, scopeKey } from "./origins.ts";
import type { Row } from "./row.ts";

const temporalities = ["unspecified", "delta", "cumulative"];

interface Series {
  readonly row: Row;
  readonly raw: RawValues;
}

/** `points`: rows of any of the four tables. Those whose series is gone cannot be named and are left out. */
export function metricsOf(
  points: readonly Row[],
  seriesRows: readonly Row[],
  exemplarRows: readonly Row[],
): MetricsData {
  const series = new Map<bigint, Series>(
    seriesRows.map((row) => [row.bigint("Fingerprint"), { row, raw: new Map(row.pairs("RawAttributes")) }]),
  );
  const exemplars = new Map<string, Row[]>();
  for (const row of exemplarRows)
    entryOf(exemplars, pointKey(row, "PointTimestamp"), (): Row[] => []).push(row);
  const metrics = new MetricTree();
  for (const row of points) {
    const own = series.get(row.bigint("Fingerprint"));
    if (own === undefined) continue;
    const key = pointKey(row, "Timestamp");
    const point = addPoint(metrics.metricOf(own), own, row);
    if (!(point instanceof SummaryDataPoint)) {
      for (const exemplar of exemplars.get(key) ?? [])
        fillExemplar(point.exemplars.push(new Exemplar()), exemplar);
    }
    // Of two equal points the first one has them.
    exemplars.delete(key);
  }
  return metrics.tree;
}

function pointKey(row: Row, time: string): string {
  return `${row.bigint("Fingerprint")} ${row.bigint(time)}`;
}

/** Puts metrics under their resource and scope. */
class MetricTree {
  readonly tree = new MetricsData();
  private readonly resources = new Map<string, ResourceMetrics>();
  private readonly scopes = new Map<string, ScopeMetrics>();
  private readonly metrics = new Map<string, Metric>();

  metricOf({ row, raw }: Series): Metric {
    const inResource = resourceKey(row, raw, false);
    const inScope = `${inResource} ${scopeKey(row, raw, false)}`;
    const identity = ["MetricName", "MetricType", "Unit", "Temporality", "Monotonic", "Description"];
    const key = `${inScope} ${JSON.stringify(identity.map((name) => row.text(name)))}`;
    return entryOf(this.metrics, key, () => {
      const resource = entryOf(this.resources, inResource, () => {
        const made = this.tree.resourceMetrics.push(new ResourceMetrics());
        made.schemaUrl = row.text("ResourceSchemaUrl");
        fillResource(made.resource, row, raw, false);
        return made;
      });
      const scope = entryOf(this.scopes, inScope, () => {
        const made = resource.scopeMetrics.push(new ScopeMetrics());
        made.schemaUrl = row.text("ScopeSchemaUrl");
        fillScope(made.scope, row, raw, false);
        return made;
      });
      const metric = scope.metrics.push(new Metric());
      metric.name = row.text("MetricName");
      metric.unit = row.text("Unit");
      metric.description = row.text("Description");
      return metric;
    });
  }
}

type Point = NumberDataPoint | HistogramDataPoint | ExponentialHistogramDataPoint | SummaryDataPoint;

function addPoint(metric: Metric, { row: series, raw }: Series, row: Row): Point {
  const aggregationTemporality = Math.max(0, temporalities.indexOf(series.text("Temporality")));
  const point = ((): Point => {
    switch (series.text("MetricType")) {
      case "sum": {
        const sum = (metric.sum ??= new Sum());
        sum.aggregationTemporality = aggregationTemporality;
        sum.isMonotonic = series.number("Monotonic") === 1;
        return fillNumber(sum.dataPoints.push(new NumberDataPoint()), row);
      }
      case "histogram": {
        const histogram = (metric.histogram ??= new Histogram());
        histogram.aggregationTemporality = aggregationTemporality;
        return fillHistogram(histogram.dataPoints.push(new HistogramDataPoint()), row);
      }
      case "exponential_histogram": {
        const histogram = (metric.exponentialHistogram ??= new ExponentialHistogram());
        histogram.aggregationTemporality = aggregationTemporality;
        return fillExponential(histogram.dataPoints.push(new ExponentialHistogramDataPoint()), row);
      }
      case "summary":
        return fillSummary((metric.summary ??= new Summary()).dataPoints.push(new SummaryDataPoint()), row);
      default:
        return fillNumber((metric.gauge ??= new Gauge()).dataPoints.push(new NumberDataPoint()), row);
    }
  })();
  point.timeUnixNano = row.bigint("Timestamp");
  point.startTimeUnixNano = row.bigint("StartTimestamp");
  point.flags = row.number("Flags");
  fillAttributes(point.attributes, series.pairs("Attributes"), series.text("AttributeTypes"), raw, "s");
  return point;
}

/** ValueKind as schema/metrics-tables.ts says. */
function fillNumber<T extends NumberDataPoint | Exemplar>(target: T, row: Row): T {
  const kind = row.number("ValueKind");
  if (kind === 1) target.asDouble = row.number("Value");
  else if (kind === 2) target.asInt = BigInt(row.number("Value"));
  else if (kind === 3) target.asInt = row.bigint("IntValue");
  return target;
}

function fillTotals(point: HistogramDataPoint | ExponentialHistogramDataPoint, row: Row): void {
  const present = row.number("Present");
  point.count = row.bigint("Count");
  if ((present & 1) !== 0) point.sum = row.number("Sum");
  if ((present & 2) !== 0) point.min = row.number("Min");
  if ((present & 4) !== 0) point.max = row.number("Max");
}

function fillHistogram(point: HistogramDataPoint, row: Row): HistogramDataPoint {
  fillTotals(point, row);
  point.bucketCounts = row.list("BucketCounts").map((one) => one as bigint);
  point.explicitBounds = row.list("ExplicitBounds").map(Number);
  return point;
}

function fillExponential(point: ExponentialHistogramDataPoint, row: Row): ExponentialHistogramDataPoint {
  fillTotals(point, row);
  point.scale = row.number("Scale");
  point.zeroCount = row.bigint("ZeroCount");
  point.zeroThreshold = row.number("ZeroThreshold");
  point.positive.offset = row.number("PositiveOffset");
  point.positive.bucketCounts = row.list("PositiveBucketCounts").map((one) => one as bigint);
  point.negative.offset = row.number("NegativeOffset");
  point.negative.bucketCounts = row.list("NegativeBucketCounts").map((one) => one as bigint);
  return point;
}

function fillSummary(point: SummaryDataPoint, row: Row): SummaryDataPoint {
  point.count = row.bigint("Count");
  point.sum = row.number("Sum");
  const values = row.list("QuantileValues").map(Number);
  row.list("Quantiles").forEach((quantile, index) => {
    const one = point.quantileValues.push(new ValueAtQuantile());
    one.quantile = Number(quantile);
    one.value = values[index] ?? 0;
  });
  return point;
}

function fillExemplar(exemplar: Exemplar, row: Row): void {
  fillNumber(exemplar, row);
  exemplar.timeUnixNano = row.bigint("Timestamp");
  exemplar.traceId = row.id("TraceId");
  exemplar.spanId = row.id("SpanId");
  const raw: RawValues = new Map(row.pairs("RawAttributes"));
  const types = row.text("FilteredAttributeTypes");
  fillAttributes(exemplar.filteredAttributes, row.pairs("FilteredAttributes"), types, raw, "s");
}
