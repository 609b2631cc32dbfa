/** The metrics behind the Collector's expected debug output, rebuilt from what that output says (core pdata/testdata). */
import type { AnyValue, Attributes } from "../../../src/telemetry/tree/attributes.ts";
import {
  Exemplar,
  ExponentialHistogramDataPoint,
  HistogramDataPoint,
  NumberDataPoint,
  SummaryDataPoint,
  ValueAtQuantile,
} from "../../../src/telemetry/tree/data-points.ts";
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
} from "../../../src/telemetry/tree/metrics.ts";
import {
  addEntities,
  entityAttributes,
  eventTime,
  fill,
  resourceAttributes,
  spanId,
  startTime,
  time,
  traceId,
} from "./shared-inputs.ts";

function metrics(
  list: readonly Metric[],
  resource: Readonly<Record<string, AnyValue>>,
  scope = "",
  entities = false,
): MetricsData {
  const data = new MetricsData();
  const resourceMetrics = new ResourceMetrics();
  fill(resourceMetrics.resource.attributes, resource);
  if (entities) addEntities(resourceMetrics.resource.entityRefs);
  const scopeMetrics = new ScopeMetrics();
  if (scope !== "") scopeMetrics.scope.name = scope;
  for (const metric of list) scopeMetrics.metrics.push(metric);
  resourceMetrics.scopeMetrics.push(scopeMetrics);
  data.resourceMetrics.push(resourceMetrics);
  return data;
}

function metric(name: string, description = ""): Metric {
  const made = new Metric();
  made.name = name;
  if (description !== "") made.description = description;
  made.unit = "1";
  return made;
}

const label = (...numbers: readonly number[]): Readonly<Record<string, AnyValue>> =>
  Object.fromEntries(numbers.map((number) => [`label-${number}`, `label-value-${number}`]));

interface Timed {
  readonly attributes: Attributes;
  startTimeUnixNano: bigint;
  timeUnixNano: bigint;
}

function timed<P extends Timed>(point: P, attributes: Readonly<Record<string, AnyValue>>): P {
  fill(point.attributes, attributes);
  point.startTimeUnixNano = startTime;
  point.timeUnixNano = time;
  return point;
}

function numberPoints(
  values: readonly (number | bigint)[],
  labels: readonly Readonly<Record<string, AnyValue>>[],
): NumberDataPoint[] {
  return values.map((value, at) => {
    const point = timed(new NumberDataPoint(), labels[at] ?? {});
    if (typeof value === "bigint") point.asInt = value;
    else point.asDouble = value;
    return point;
  });
}

function gauge(name: string, points: readonly NumberDataPoint[]): Metric {
  const made = metric(name);
  made.gauge = new Gauge();
  for (const point of points) made.gauge.dataPoints.push(point);
  return made;
}

function sum(name: string, points: readonly NumberDataPoint[]): Metric {
  const made = metric(name);
  made.sum = new Sum();
  made.sum.isMonotonic = true;
  made.sum.aggregationTemporality = 2;
  for (const point of points) made.sum.dataPoints.push(point);
  return made;
}

function exemplar(value: number | bigint): Exemplar {
  const made = new Exemplar();
  made.traceId = traceId;
  made.spanId = spanId;
  made.timeUnixNano = eventTime;
  if (typeof value === "bigint") made.asInt = value;
  else made.asDouble = value;
  made.filteredAttributes.set("exemplar-attachment", "exemplar-attachment-value");
  return made;
}

function histogram(): Metric {
  const made = metric("histogram");
  made.histogram = new Histogram();
  made.histogram.aggregationTemporality = 2;
  const first = timed(new HistogramDataPoint(), label(1, 3));
  const second = timed(new HistogramDataPoint(), label(2));
  for (const point of [first, second]) {
    point.count = 1n;
    point.sum = 15;
    made.histogram.dataPoints.push(point);
  }
  second.min = 15;
  second.max = 15;
  second.explicitBounds = [1];
  second.bucketCounts = [0n, 1n];
  second.exemplars.push(exemplar(15));
  return made;
}

function exponential(): Metric {
  const made = metric("exponential-histogram");
  made.exponentialHistogram = new ExponentialHistogram();
  made.exponentialHistogram.aggregationTemporality = 1;
  const first = timed(new ExponentialHistogramDataPoint(), label(1, 3));
  first.count = 5n;
  first.sum = 0.15;
  first.zeroCount = 1n;
  first.scale = 1;
  first.positive.offset = 1;
  first.positive.bucketCounts = [1n, 1n];
  first.negative.offset = -1;
  first.negative.bucketCounts = [1n, 1n];
  const second = timed(new ExponentialHistogramDataPoint(), label(2));
  second.count = 3n;
  second.sum = 1.25;
  second.min = 0;
  second.max = 1;
  second.zeroCount = 1n;
  second.scale = -1;
  second.positive.offset = -1;
  second.positive.bucketCounts = [1n, 1n];
  second.exemplars.push(exemplar(15n));
  for (const point of [first, second]) made.exponentialHistogram.dataPoints.push(point);
  return made;
}

function summary(): Metric {
  const made = metric("summary");
  made.summary = new Summary();
  const first = timed(new SummaryDataPoint(), label(1, 3));
  const second = timed(new SummaryDataPoint(), label(2));
  const quantile = new ValueAtQuantile();
  quantile.quantile = 0.01;
  quantile.value = 15;
  second.quantileValues.push(quantile);
  for (const point of [first, second]) {
    point.count = 1n;
    point.sum = 15;
    made.summary.dataPoints.push(point);
  }
  return made;
}

function bareGauge(
  name: string,
  description: string,
  value: number | bigint,
  attributes: Readonly<Record<string, AnyValue>>,
): Metric {
  const made = metric(name, description);
  made.gauge = new Gauge();
  const point = new NumberDataPoint();
  if (typeof value === "bigint") point.asInt = value;
  else point.asDouble = value;
  fill(point.attributes, attributes);
  made.gauge.dataPoints.push(point);
  return made;
}

const ints = (): NumberDataPoint[] => numberPoints([123n, 456n], [label(1), label(2)]);
const doubles = (): NumberDataPoint[] => numberPoints([1.23, 4.56], [label(1, 2), label(1, 3)]);
const withMetadata = bareGauge("test-metric-metadata", "A test metric with metadata", 1n, {});
fill(withMetadata.metadata, { "meta.key": "meta-value", "meta.id": 101n });

export const metricInputs: Readonly<Record<string, MetricsData>> = {
  empty: new MetricsData(),
  two_metrics: metrics([gauge("gauge-int", ints()), gauge("gauge-double", doubles())], resourceAttributes),
  metrics_with_all_types: metrics(
    [
      gauge("gauge-int", ints()),
      gauge("gauge-double", doubles()),
      sum("sum-int", ints()),
      sum("sum-double", doubles()),
      histogram(),
      exponential(),
      summary(),
    ],
    resourceAttributes,
  ),
  invalid_metric_type: metrics([metric("sum-int")], resourceAttributes),
  metrics_with_metadata: metrics([withMetadata], { "service.name": "test-service" }, "test-scope"),
  metrics_with_entity_refs: metrics(
    [bareGauge("test-metric", "A test metric", 123.45, { "test.attribute": "test-value" })],
    entityAttributes,
    "test-scope",
    true,
  ),
};
