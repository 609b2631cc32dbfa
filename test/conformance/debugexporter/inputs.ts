/** The telemetry behind the Collector's expected debug output, rebuilt from what that output says (core pdata/testdata). */
import { Attributes, type AnyValue } from "../../../src/telemetry/tree/attributes.ts";
import { EntityRef } from "../../../src/telemetry/tree/common.ts";
import {
  Exemplar,
  ExponentialHistogramDataPoint,
  HistogramDataPoint,
  NumberDataPoint,
  SummaryDataPoint,
  ValueAtQuantile,
} from "../../../src/telemetry/tree/data-points.ts";
import { LogRecord, LogsData, ResourceLogs, ScopeLogs } from "../../../src/telemetry/tree/logs.ts";
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
  ResourceSpans,
  ScopeSpans,
  Span,
  SpanEvent,
  SpanLink,
  TracesData,
} from "../../../src/telemetry/tree/traces.ts";

const startTime = 1_581_452_772_000_000_321n;
const time = 1_581_452_773_000_000_789n;
const eventTime = 1_581_452_773_000_000_123n;
const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
const traceId = hex("0102030405060708090a0b0c0d0e0f10");
const spanId = hex("1112131415161718");

function fill(attributes: Attributes, entries: Readonly<Record<string, AnyValue>>): void {
  for (const [key, value] of Object.entries(entries)) attributes.set(key, value);
}

const resourceAttributes = { "resource-attr": "resource-attr-val-1" };
const entityAttributes = {
  "service.name": "my-service",
  "service.version": "1.0.0",
  "host.name": "server-01",
};

function addEntities(list: { push(entity: EntityRef): unknown }): void {
  const service = new EntityRef();
  service.type = "service";
  service.schemaUrl = "https://opentelemetry.io/schemas/1.21.0";
  service.idKeys = ["service.name"];
  service.descriptionKeys = ["service.version"];
  const host = new EntityRef();
  host.type = "host";
  host.idKeys = ["host.name"];
  list.push(service);
  list.push(host);
}

interface LogSpec {
  readonly body: AnyValue;
  readonly severityText: string;
  readonly attributes: Readonly<Record<string, AnyValue>>;
  readonly ids?: boolean;
  readonly eventName?: string;
}

function logs(
  records: readonly LogSpec[],
  resource: Readonly<Record<string, AnyValue>>,
  entities = false,
): LogsData {
  const data = new LogsData();
  const resourceLogs = new ResourceLogs();
  fill(resourceLogs.resource.attributes, resource);
  const scopeLogs = new ScopeLogs();
  if (entities) {
    addEntities(resourceLogs.resource.entityRefs);
    scopeLogs.scope.name = "test-scope";
  }
  for (const spec of records) {
    const record = new LogRecord();
    record.timeUnixNano = time;
    record.severityNumber = 9;
    record.severityText = spec.severityText;
    record.body = spec.body;
    fill(record.attributes, spec.attributes);
    if (spec.ids === true) {
      record.traceId = hex("08040201000000000000000000000000");
      record.spanId = hex("0102040800000000");
    }
    if (spec.eventName !== undefined) record.eventName = spec.eventName;
    scopeLogs.logRecords.push(record);
  }
  resourceLogs.scopeLogs.push(scopeLogs);
  data.resourceLogs.push(resourceLogs);
  return data;
}

const firstRecord: LogSpec = {
  body: "This is a log message",
  severityText: "Info",
  attributes: { app: "server", instance_num: 1n },
  ids: true,
};
const kv = (entries: Readonly<Record<string, AnyValue>>): Attributes =>
  Attributes.of(Object.entries(entries));

export const logInputs: Readonly<Record<string, LogsData>> = {
  empty: new LogsData(),
  one_record: logs([firstRecord], resourceAttributes),
  two_records: logs(
    [
      firstRecord,
      { body: "something happened", severityText: "Info", attributes: { customer: "acme", env: "dev" } },
    ],
    resourceAttributes,
  ),
  log_with_event_name: logs([{ ...firstRecord, eventName: "event_name" }], {}),
  embedded_maps: logs(
    [
      {
        body: kv({ key1: "val1", key2: kv({ key21: "val21", key22: "val22" }) }),
        severityText: "INFO",
        attributes: {
          key1: kv({ key11: "val11", key12: "val12", key13: kv({ key131: "val131" }) }),
          key2: "val2",
        },
      },
    ],
    {},
  ),
  logs_with_entity_refs: logs(
    [
      {
        body: "This is a test log message",
        severityText: "Info",
        attributes: { "test.attribute": "test-value" },
      },
    ],
    entityAttributes,
    true,
  ),
};

function traces(
  spans: readonly Span[],
  resource: Readonly<Record<string, AnyValue>>,
  entities = false,
): TracesData {
  const data = new TracesData();
  const resourceSpans = new ResourceSpans();
  fill(resourceSpans.resource.attributes, resource);
  const scopeSpans = new ScopeSpans();
  if (entities) {
    addEntities(resourceSpans.resource.entityRefs);
    scopeSpans.scope.name = "test-scope";
  }
  for (const span of spans) scopeSpans.spans.push(span);
  resourceSpans.scopeSpans.push(scopeSpans);
  data.resourceSpans.push(resourceSpans);
  return data;
}

function operationA(): Span {
  const span = new Span();
  span.traceId = traceId;
  span.spanId = spanId;
  span.name = "operationA";
  span.traceState = "ot=th:0";
  span.startTimeUnixNano = startTime;
  span.endTimeUnixNano = time;
  span.droppedAttributesCount = 1;
  span.droppedEventsCount = 1;
  span.status.code = 2;
  span.status.message = "status-cancelled";
  for (const name of ["event-with-attr", "event"]) {
    const event = new SpanEvent();
    event.name = name;
    event.timeUnixNano = eventTime;
    event.droppedAttributesCount = 2;
    if (name === "event-with-attr") event.attributes.set("span-event-attr", "span-event-attr-val");
    span.events.push(event);
  }
  return span;
}

function operationB(): Span {
  const span = new Span();
  span.name = "operationB";
  span.startTimeUnixNano = startTime;
  span.endTimeUnixNano = time;
  span.droppedLinksCount = 3;
  for (const attributes of [{ "span-link-attr": "span-link-attr-val" }, {}]) {
    const link = new SpanLink();
    link.droppedAttributesCount = 4;
    fill(link.attributes, attributes);
    span.links.push(link);
  }
  return span;
}

function testSpan(): Span {
  const span = new Span();
  span.traceId = traceId;
  span.spanId = hex("0102030405060708");
  span.name = "test-span";
  return span;
}

export const traceInputs: Readonly<Record<string, TracesData>> = {
  empty: new TracesData(),
  two_spans: traces([operationA(), operationB()], resourceAttributes),
  traces_with_entity_refs: traces([testSpan()], entityAttributes, true),
};

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
