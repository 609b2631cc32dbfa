import {
  attributeColumns,
  column,
  originColumns,
  rawAttributesColumn,
  tenantColumns,
  timeCodec,
} from "./column-groups.ts";
import type { TableSpec } from "./table-spec.ts";

/**
 * Log records, with the column names of the Collector's ClickHouse exporter (contrib clickhouseexporter, logs_table.sql).
 * `Timestamp` is the record's time, or its observed time when it has none; `ObservedTimestamp` and `TimeMissing` keep what was sent.
 */
export const logsTable: TableSpec = {
  name: "otel_logs",
  doc: "one row a log record",
  merge: { kind: "plain" },
  columns: [
    column("Timestamp", "DateTime64(9)", timeCodec),
    column("TraceId", "String"),
    column("SpanId", "String"),
    column("TraceFlags", "UInt8"),
    column("SeverityText", "LowCardinality(String)"),
    column("SeverityNumber", "UInt8"),
    column("ServiceName", "LowCardinality(String)"),
    column("Body", "String"),
    // One character, as in the words of attribute types.
    column("BodyType", "LowCardinality(String)"),
    ...originColumns,
    ...attributeColumns("LogAttributes"),
    column("EventName", "LowCardinality(String)"),
    column("ObservedTimestamp", "DateTime64(9)", timeCodec),
    // 1 when the sender gave no time_unix_nano, so that `Timestamp` is the observed (else the arrival) time.
    column("TimeMissing", "UInt8"),
    // All 32 bits of the OTLP flags; TraceFlags are their low 8.
    column("Flags", "UInt32"),
    column("DroppedAttributesCount", "UInt32"),
    rawAttributesColumn,
    ...tenantColumns,
  ],
  indexes: [
    { name: "idx_trace_id", expression: "TraceId", type: "bloom_filter(0.001)", granularity: 1 },
    {
      name: "idx_log_attr_value",
      expression: "mapValues(LogAttributes)",
      type: "bloom_filter(0.01)",
      granularity: 1,
    },
    {
      name: "idx_res_attr_value",
      expression: "mapValues(ResourceAttributes)",
      type: "bloom_filter(0.01)",
      granularity: 1,
    },
    {
      name: "idx_lower_body",
      expression: "lower(Body)",
      type: "text(tokenizer = 'splitByNonAlpha')",
      granularity: 1,
    },
    { name: "idx_time", expression: "Timestamp", type: "minmax", granularity: 1 },
  ],
  partitionBy: "toDate(Timestamp)",
  primaryKey: ["Tenant", "toStartOfFiveMinutes(Timestamp)", "ServiceName", "Timestamp"],
  orderBy: ["Tenant", "toStartOfFiveMinutes(Timestamp)", "ServiceName", "Timestamp"],
  shardBy: "if(TraceId = '', rand(), cityHash64(TraceId))",
  timeColumn: "Timestamp",
};
