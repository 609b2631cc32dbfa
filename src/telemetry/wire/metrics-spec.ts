import { keyValueSpec, resourceSpec, scopeSpec } from "./common-spec.ts";
import { FieldType, type MessageSpec } from "./field.ts";
import { messageSpec, ofSpan, ofTrace, ofMessage, oneof, optional, repeated } from "./message-spec.ts";

const { string, id, bool, uint32, sint32, uint64, fixed64, sfixed64, double, message } = FieldType;
const attributes = ofMessage(keyValueSpec, repeated);
const temporalities = ["UNSPECIFIED", "DELTA", "CUMULATIVE"].map((name) => `AGGREGATION_TEMPORALITY_${name}`);
const temporality = { enumNames: temporalities };

/** opentelemetry/proto/metrics/v1/metrics.proto (opentelemetry-proto 1.9). */
export const exemplarSpec: MessageSpec = messageSpec("Exemplar", () => [
  [7, "filteredAttributes", message, attributes],
  [2, "timeUnixNano", fixed64],
  [3, "asDouble", double, oneof],
  [6, "asInt", sfixed64, oneof],
  [4, "spanId", id, ofSpan],
  [5, "traceId", id, ofTrace],
]);
const exemplars = ofMessage(exemplarSpec, repeated);

export const numberDataPointSpec: MessageSpec = messageSpec("NumberDataPoint", () => [
  [7, "attributes", message, attributes],
  [2, "startTimeUnixNano", fixed64],
  [3, "timeUnixNano", fixed64],
  [4, "asDouble", double, oneof],
  [6, "asInt", sfixed64, oneof],
  [5, "exemplars", message, exemplars],
  [8, "flags", uint32],
]);

export const histogramDataPointSpec: MessageSpec = messageSpec("HistogramDataPoint", () => [
  [9, "attributes", message, attributes],
  [2, "startTimeUnixNano", fixed64],
  [3, "timeUnixNano", fixed64],
  [4, "count", fixed64],
  [5, "sum", double, optional],
  [6, "bucketCounts", fixed64, repeated],
  [7, "explicitBounds", double, repeated],
  [8, "exemplars", message, exemplars],
  [10, "flags", uint32],
  [11, "min", double, optional],
  [12, "max", double, optional],
]);

export const bucketsSpec: MessageSpec = messageSpec("ExponentialHistogramDataPoint.Buckets", () => [
  [1, "offset", sint32],
  [2, "bucketCounts", uint64, repeated],
]);

export const exponentialHistogramDataPointSpec: MessageSpec = messageSpec(
  "ExponentialHistogramDataPoint",
  () => [
    [1, "attributes", message, attributes],
    [2, "startTimeUnixNano", fixed64],
    [3, "timeUnixNano", fixed64],
    [4, "count", fixed64],
    [5, "sum", double, optional],
    [6, "scale", sint32],
    [7, "zeroCount", fixed64],
    [8, "positive", message, ofMessage(bucketsSpec)],
    [9, "negative", message, ofMessage(bucketsSpec)],
    [10, "flags", uint32],
    [11, "exemplars", message, exemplars],
    [12, "min", double, optional],
    [13, "max", double, optional],
    [14, "zeroThreshold", double],
  ],
);

export const valueAtQuantileSpec: MessageSpec = messageSpec("SummaryDataPoint.ValueAtQuantile", () => [
  [1, "quantile", double],
  [2, "value", double],
]);

export const summaryDataPointSpec: MessageSpec = messageSpec("SummaryDataPoint", () => [
  [7, "attributes", message, attributes],
  [2, "startTimeUnixNano", fixed64],
  [3, "timeUnixNano", fixed64],
  [4, "count", fixed64],
  [5, "sum", double],
  [6, "quantileValues", message, ofMessage(valueAtQuantileSpec, repeated)],
  [8, "flags", uint32],
]);

export const gaugeSpec: MessageSpec = messageSpec("Gauge", () => [
  [1, "dataPoints", message, ofMessage(numberDataPointSpec, repeated)],
]);

export const sumSpec: MessageSpec = messageSpec("Sum", () => [
  [1, "dataPoints", message, ofMessage(numberDataPointSpec, repeated)],
  [2, "aggregationTemporality", FieldType.enum, temporality],
  [3, "isMonotonic", bool],
]);

export const histogramSpec: MessageSpec = messageSpec("Histogram", () => [
  [1, "dataPoints", message, ofMessage(histogramDataPointSpec, repeated)],
  [2, "aggregationTemporality", FieldType.enum, temporality],
]);

export const exponentialHistogramSpec: MessageSpec = messageSpec("ExponentialHistogram", () => [
  [1, "dataPoints", message, ofMessage(exponentialHistogramDataPointSpec, repeated)],
  [2, "aggregationTemporality", FieldType.enum, temporality],
]);

export const summarySpec: MessageSpec = messageSpec("Summary", () => [
  [1, "dataPoints", message, ofMessage(summaryDataPointSpec, repeated)],
]);

export const metricSpec: MessageSpec = messageSpec("Metric", () => [
  [1, "name", string],
  [2, "description", string],
  [3, "unit", string],
  [5, "gauge", message, ofMessage(gaugeSpec, oneof)],
  [7, "sum", message, ofMessage(sumSpec, oneof)],
  [9, "histogram", message, ofMessage(histogramSpec, oneof)],
  [10, "exponentialHistogram", message, ofMessage(exponentialHistogramSpec, oneof)],
  [11, "summary", message, ofMessage(summarySpec, oneof)],
  [12, "metadata", message, attributes],
]);

export const scopeMetricsSpec: MessageSpec = messageSpec("ScopeMetrics", () => [
  [1, "scope", message, ofMessage(scopeSpec)],
  [2, "metrics", message, ofMessage(metricSpec, repeated)],
  [3, "schemaUrl", string],
]);

export const resourceMetricsSpec: MessageSpec = messageSpec("ResourceMetrics", () => [
  [1, "resource", message, ofMessage(resourceSpec)],
  [2, "scopeMetrics", message, ofMessage(scopeMetricsSpec, repeated)],
  [3, "schemaUrl", string],
]);

export const metricsSpec: MessageSpec = messageSpec("MetricsData", () => [
  [1, "resourceMetrics", message, ofMessage(resourceMetricsSpec, repeated)],
]);
