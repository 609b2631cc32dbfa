import {
  attributeColumns,
  column,
  originColumns,
  rawAttributesColumn,
  tenantColumns,
  timeCodec,
} from "./column-groups.ts";
import type { TableSpec, ViewSpec } from "./table-spec.ts";

/**
 * Spans. Names, types and values of the columns that the Collector's ClickHouse exporter also has are its own (contrib
 * clickhouseexporter, traces_table.sql): SpanKind "Server", StatusCode "Unset|Ok|Error", ids lower-case hex, '' for none.
 */
export const tracesTable: TableSpec = {
  name: "otel_traces",
  doc: "one row a span",
  merge: { kind: "plain" },
  columns: [
    column("Timestamp", "DateTime64(9)", timeCodec),
    column("TraceId", "String"),
    column("SpanId", "String"),
    column("ParentSpanId", "String"),
    column("TraceState", "String"),
    column("SpanName", "LowCardinality(String)"),
    column("SpanKind", "LowCardinality(String)"),
    column("ServiceName", "LowCardinality(String)"),
    ...originColumns,
    ...attributeColumns("SpanAttributes"),
    column("Duration", "UInt64", "T64, ZSTD(1)"),
    column("StatusCode", "LowCardinality(String)"),
    column("StatusMessage", "String"),
    column("Events.Timestamp", "Array(DateTime64(9))"),
    column("Events.Name", "Array(LowCardinality(String))"),
    column("Events.Attributes", "Array(Map(LowCardinality(String), String))"),
    column("Events.AttributeTypes", "Array(LowCardinality(String))"),
    column("Events.DroppedAttributesCount", "Array(UInt32)"),
    column("Links.TraceId", "Array(String)"),
    column("Links.SpanId", "Array(String)"),
    column("Links.TraceState", "Array(String)"),
    column("Links.Flags", "Array(UInt32)"),
    column("Links.Attributes", "Array(Map(LowCardinality(String), String))"),
    column("Links.AttributeTypes", "Array(LowCardinality(String))"),
    column("Links.DroppedAttributesCount", "Array(UInt32)"),
    column("Flags", "UInt32"),
    // 56-bit rejection threshold of tracestate "ot=th:..." (0: everything was kept).
    column("SamplingThreshold", "UInt64"),
    column("DroppedAttributesCount", "UInt32"),
    column("DroppedEventsCount", "UInt32"),
    column("DroppedLinksCount", "UInt32"),
    rawAttributesColumn,
    ...tenantColumns,
  ],
  indexes: [
    { name: "idx_trace_id", expression: "TraceId", type: "bloom_filter(0.001)", granularity: 1 },
    // mapKeys/mapValues are what `SpanAttributes['k'] = 'v'` can use; ours and every contrib reader's queries profit.
    {
      name: "idx_span_attr_key",
      expression: "mapKeys(SpanAttributes)",
      type: "bloom_filter(0.01)",
      granularity: 1,
    },
    {
      name: "idx_span_attr_value",
      expression: "mapValues(SpanAttributes)",
      type: "bloom_filter(0.01)",
      granularity: 1,
    },
    {
      name: "idx_res_attr_value",
      expression: "mapValues(ResourceAttributes)",
      type: "bloom_filter(0.01)",
      granularity: 1,
    },
    { name: "idx_duration", expression: "Duration", type: "minmax", granularity: 1 },
    { name: "idx_time", expression: "Timestamp", type: "minmax", granularity: 1 },
  ],
  partitionBy: "toDate(Timestamp)",
  primaryKey: ["Tenant", "ServiceName", "SpanName", "toDateTime(Timestamp)"],
  orderBy: ["Tenant", "ServiceName", "SpanName", "toDateTime(Timestamp)", "Timestamp"],
  shardBy: "cityHash64(TraceId)",
  timeColumn: "Timestamp",
};

/** Where in time a trace lies, so that a look-up by id reads one day's granules and not all. */
export const traceTimesTable: TableSpec = {
  name: "otel_traces_trace_id_ts",
  doc: "one row a trace: its time range",
  merge: { kind: "aggregating" },
  columns: [
    column("Tenant", "LowCardinality(String)"),
    column("TraceId", "String"),
    column("Start", "SimpleAggregateFunction(min, DateTime64(9))", timeCodec),
    column("End", "SimpleAggregateFunction(max, DateTime64(9))", timeCodec),
  ],
  indexes: [],
  partitionBy: "toDate(Start)",
  orderBy: ["Tenant", "TraceId"],
  shardBy: "cityHash64(TraceId)",
  timeColumn: "Start",
};

export const traceTimesView: ViewSpec = {
  name: "otel_traces_trace_id_ts_mv",
  from: "otel_traces",
  to: "otel_traces_trace_id_ts",
  select: [
    ["Tenant", "Tenant"],
    ["TraceId", "TraceId"],
    ["Start", "min(Timestamp)"],
    ["End", "max(addNanoseconds(Timestamp, Duration))"],
  ],
  groupBy: ["Tenant", "TraceId"],
};
