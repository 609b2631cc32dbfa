/**
 * Metrics: what names a series is stored once a day (`otel_metric_series`), its points refer to it by fingerprint.
 * A fingerprint is the 64-bit hash of everything that identifies a series: tenant, metric name, type, unit, temporality, monotonicity,
 * resource, scope and point attributes with their value types.
 *
 * `ValueKind` says how a number was sent: 0 no recorded value, 1 double, 2 int that `Value` holds exactly, 3 int beyond 2^53 whose exact
 * value is in `IntValue`.
 */
import {
  attributeColumns,
  column,
  rawAttributesColumn,
  sharedAttributeColumns,
  tickCodec,
  timeCodec,
} from "./column-groups.ts";
import type { ColumnSpec, TableSpec } from "./table-spec.ts";

const pointColumns: readonly ColumnSpec[] = [
  column("Tenant", "LowCardinality(String)"),
  column("MetricName", "LowCardinality(String)"),
  column("Fingerprint", "UInt64", "ZSTD(1)"),
  column("Timestamp", "DateTime64(9)", tickCodec),
  // 1970-01-01 when the sender gave none.
  column("StartTimestamp", "DateTime64(9)", tickCodec),
  column("Flags", "UInt32"),
];

const pointLayout = {
  merge: { kind: "plain" },
  indexes: [{ name: "idx_time", expression: "Timestamp", type: "minmax", granularity: 1 }],
  partitionBy: "toDate(Timestamp)",
  orderBy: ["Tenant", "MetricName", "Fingerprint", "Timestamp"],
  shardBy: "Fingerprint",
  timeColumn: "Timestamp",
} satisfies Partial<TableSpec>;

// Bits: 1 sum is present, 2 min, 4 max.
const presentColumn = column("Present", "UInt8");

export const metricSeriesTable: TableSpec = {
  name: "otel_metric_series",
  doc: "one row a series and day: everything that names it",
  merge: { kind: "replacing", version: "LastSeen" },
  columns: [
    column("Tenant", "LowCardinality(String)"),
    column("MetricName", "LowCardinality(String)"),
    column("Fingerprint", "UInt64"),
    column("SeenDay", "Date"),
    // gauge, sum, histogram, exponential_histogram, summary
    column("MetricType", "LowCardinality(String)"),
    column("Unit", "LowCardinality(String)"),
    column("Description", "LowCardinality(String)"),
    // unspecified, delta, cumulative
    column("Temporality", "LowCardinality(String)"),
    column("Monotonic", "UInt8"),
    column("ServiceName", "LowCardinality(String)"),
    column("ResourceSchemaUrl", "LowCardinality(String)"),
    ...sharedAttributeColumns("ResourceAttributes"),
    column("ScopeSchemaUrl", "LowCardinality(String)"),
    column("ScopeName", "LowCardinality(String)"),
    column("ScopeVersion", "LowCardinality(String)"),
    ...sharedAttributeColumns("ScopeAttributes"),
    ...attributeColumns("Attributes"),
    rawAttributesColumn,
    column("LastSeen", "DateTime64(3)", timeCodec),
  ],
  indexes: [],
  partitionBy: "SeenDay",
  orderBy: ["Tenant", "MetricName", "Fingerprint", "SeenDay"],
  shardBy: "Fingerprint",
  timeColumn: "LastSeen",
};

export const metricSamplesTable: TableSpec = {
  ...pointLayout,
  name: "otel_metric_samples",
  doc: "one row a data point of a gauge or sum",
  columns: [
    ...pointColumns,
    // Compressed otherwise since migration 2.
    column("Value", "Float64"),
    column("ValueKind", "UInt8"),
    column("IntValue", "Int64"),
  ],
};

export const metricHistogramsTable: TableSpec = {
  ...pointLayout,
  name: "otel_metric_histograms",
  doc: "one row a data point of a histogram with explicit bounds",
  columns: [
    ...pointColumns,
    column("Count", "UInt64", "T64, ZSTD(1)"),
    column("Sum", "Float64"),
    column("Min", "Float64"),
    column("Max", "Float64"),
    presentColumn,
    column("BucketCounts", "Array(UInt64)"),
    column("ExplicitBounds", "Array(Float64)"),
  ],
};

export const metricExponentialHistogramsTable: TableSpec = {
  ...pointLayout,
  name: "otel_metric_exp_histograms",
  doc: "one row a data point of an exponential histogram",
  columns: [
    ...pointColumns,
    column("Count", "UInt64", "T64, ZSTD(1)"),
    column("Sum", "Float64"),
    column("Min", "Float64"),
    column("Max", "Float64"),
    presentColumn,
    column("Scale", "Int32"),
    column("ZeroCount", "UInt64"),
    column("ZeroThreshold", "Float64"),
    column("PositiveOffset", "Int32"),
    column("PositiveBucketCounts", "Array(UInt64)"),
    column("NegativeOffset", "Int32"),
    column("NegativeBucketCounts", "Array(UInt64)"),
  ],
};

export const metricSummariesTable: TableSpec = {
  ...pointLayout,
  name: "otel_metric_summaries",
  doc: "one row a data point of a summary",
  columns: [
    ...pointColumns,
    column("Count", "UInt64", "T64, ZSTD(1)"),
    column("Sum", "Float64"),
    column("Quantiles", "Array(Float64)"),
    column("QuantileValues", "Array(Float64)"),
  ],
};

export const metricExemplarsTable: TableSpec = {
  ...pointLayout,
  name: "otel_metric_exemplars",
  doc: "one row an exemplar of any metric; PointTimestamp is its data point's",
  columns: [
    column("Tenant", "LowCardinality(String)"),
    column("MetricName", "LowCardinality(String)"),
    column("Fingerprint", "UInt64"),
    column("Timestamp", "DateTime64(9)", tickCodec),
    column("PointTimestamp", "DateTime64(9)", tickCodec),
    column("Value", "Float64"),
    column("ValueKind", "UInt8"),
    column("IntValue", "Int64"),
    column("TraceId", "String"),
    column("SpanId", "String"),
    ...attributeColumns("FilteredAttributes"),
    rawAttributesColumn,
  ],
};
