-- 1: traces, logs, metrics, attribute keys;

CREATE TABLE IF NOT EXISTS otelier.otel_traces
(
  Timestamp DateTime64(9) CODEC(Delta(8), ZSTD(1)),
  TraceId String CODEC(ZSTD(1)),
  SpanId String CODEC(ZSTD(1)),
  ParentSpanId String CODEC(ZSTD(1)),
  TraceState String CODEC(ZSTD(1)),
  SpanName LowCardinality(String) CODEC(ZSTD(1)),
  SpanKind LowCardinality(String) CODEC(ZSTD(1)),
  ServiceName LowCardinality(String) CODEC(ZSTD(1)),
  ResourceSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
  ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ResourceAttributeTypes LowCardinality(String) CODEC(ZSTD(1)),
  ResourceDroppedAttributesCount UInt32 CODEC(ZSTD(1)),
  ScopeSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
  ScopeName LowCardinality(String) CODEC(ZSTD(1)),
  ScopeVersion LowCardinality(String) CODEC(ZSTD(1)),
  ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ScopeAttributeTypes LowCardinality(String) CODEC(ZSTD(1)),
  ScopeDroppedAttributesCount UInt32 CODEC(ZSTD(1)),
  SpanAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  SpanAttributeTypes LowCardinality(String) CODEC(ZSTD(1)),
  Duration UInt64 CODEC(T64, ZSTD(1)),
  StatusCode LowCardinality(String) CODEC(ZSTD(1)),
  StatusMessage String CODEC(ZSTD(1)),
  `Events.Timestamp` Array(DateTime64(9)) CODEC(ZSTD(1)),
  `Events.Name` Array(LowCardinality(String)) CODEC(ZSTD(1)),
  `Events.Attributes` Array(Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
  `Events.AttributeTypes` Array(LowCardinality(String)) CODEC(ZSTD(1)),
  `Events.DroppedAttributesCount` Array(UInt32) CODEC(ZSTD(1)),
  `Links.TraceId` Array(String) CODEC(ZSTD(1)),
  `Links.SpanId` Array(String) CODEC(ZSTD(1)),
  `Links.TraceState` Array(String) CODEC(ZSTD(1)),
  `Links.Flags` Array(UInt32) CODEC(ZSTD(1)),
  `Links.Attributes` Array(Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
  `Links.AttributeTypes` Array(LowCardinality(String)) CODEC(ZSTD(1)),
  `Links.DroppedAttributesCount` Array(UInt32) CODEC(ZSTD(1)),
  Flags UInt32 CODEC(ZSTD(1)),
  SamplingThreshold UInt64 CODEC(ZSTD(1)),
  DroppedAttributesCount UInt32 CODEC(ZSTD(1)),
  DroppedEventsCount UInt32 CODEC(ZSTD(1)),
  DroppedLinksCount UInt32 CODEC(ZSTD(1)),
  RawAttributes Map(String, String) CODEC(ZSTD(1)),
  Tenant LowCardinality(String) CODEC(ZSTD(1)),
  IngestTime DateTime64(3) DEFAULT now64(3) CODEC(Delta(8), ZSTD(1)),
  INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1,
  INDEX idx_span_attr_key mapKeys(SpanAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_span_attr_value mapValues(SpanAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_res_attr_value mapValues(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_duration Duration TYPE minmax GRANULARITY 1,
  INDEX idx_time Timestamp TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree()
PARTITION BY toDate(Timestamp)
PRIMARY KEY (Tenant, ServiceName, SpanName, toDateTime(Timestamp))
ORDER BY (Tenant, ServiceName, SpanName, toDateTime(Timestamp), Timestamp)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 67108864;

CREATE TABLE IF NOT EXISTS otelier.otel_traces_trace_id_ts
(
  Tenant LowCardinality(String) CODEC(ZSTD(1)),
  TraceId String CODEC(ZSTD(1)),
  Start SimpleAggregateFunction(min, DateTime64(9)) CODEC(Delta(8), ZSTD(1)),
  End SimpleAggregateFunction(max, DateTime64(9)) CODEC(Delta(8), ZSTD(1))
)
ENGINE = AggregatingMergeTree()
PARTITION BY toDate(Start)
ORDER BY (Tenant, TraceId)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 67108864;

CREATE TABLE IF NOT EXISTS otelier.otel_logs
(
  Timestamp DateTime64(9) CODEC(Delta(8), ZSTD(1)),
  TraceId String CODEC(ZSTD(1)),
  SpanId String CODEC(ZSTD(1)),
  TraceFlags UInt8 CODEC(ZSTD(1)),
  SeverityText LowCardinality(String) CODEC(ZSTD(1)),
  SeverityNumber UInt8 CODEC(ZSTD(1)),
  ServiceName LowCardinality(String) CODEC(ZSTD(1)),
  Body String CODEC(ZSTD(1)),
  BodyType LowCardinality(String) CODEC(ZSTD(1)),
  ResourceSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
  ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ResourceAttributeTypes LowCardinality(String) CODEC(ZSTD(1)),
  ResourceDroppedAttributesCount UInt32 CODEC(ZSTD(1)),
  ScopeSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
  ScopeName LowCardinality(String) CODEC(ZSTD(1)),
  ScopeVersion LowCardinality(String) CODEC(ZSTD(1)),
  ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ScopeAttributeTypes LowCardinality(String) CODEC(ZSTD(1)),
  ScopeDroppedAttributesCount UInt32 CODEC(ZSTD(1)),
  LogAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  LogAttributeTypes LowCardinality(String) CODEC(ZSTD(1)),
  EventName LowCardinality(String) CODEC(ZSTD(1)),
  ObservedTimestamp DateTime64(9) CODEC(Delta(8), ZSTD(1)),
  TimeMissing UInt8 CODEC(ZSTD(1)),
  Flags UInt32 CODEC(ZSTD(1)),
  DroppedAttributesCount UInt32 CODEC(ZSTD(1)),
  RawAttributes Map(String, String) CODEC(ZSTD(1)),
  Tenant LowCardinality(String) CODEC(ZSTD(1)),
  IngestTime DateTime64(3) DEFAULT now64(3) CODEC(Delta(8), ZSTD(1)),
  INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1,
  INDEX idx_log_attr_value mapValues(LogAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_res_attr_value mapValues(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_lower_body lower(Body) TYPE text(tokenizer = 'splitByNonAlpha') GRANULARITY 1,
  INDEX idx_time Timestamp TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree()
PARTITION BY toDate(Timestamp)
PRIMARY KEY (Tenant, toStartOfFiveMinutes(Timestamp), ServiceName, Timestamp)
ORDER BY (Tenant, toStartOfFiveMinutes(Timestamp), ServiceName, Timestamp)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 67108864;

CREATE TABLE IF NOT EXISTS otelier.otel_metric_series
(
  Tenant LowCardinality(String) CODEC(ZSTD(1)),
  MetricName LowCardinality(String) CODEC(ZSTD(1)),
  Fingerprint UInt64 CODEC(ZSTD(1)),
  SeenDay Date CODEC(ZSTD(1)),
  MetricType LowCardinality(String) CODEC(ZSTD(1)),
  Unit LowCardinality(String) CODEC(ZSTD(1)),
  Description LowCardinality(String) CODEC(ZSTD(1)),
  Temporality LowCardinality(String) CODEC(ZSTD(1)),
  Monotonic UInt8 CODEC(ZSTD(1)),
  ServiceName LowCardinality(String) CODEC(ZSTD(1)),
  ResourceSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
  ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ResourceAttributeTypes LowCardinality(String) CODEC(ZSTD(1)),
  ScopeSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
  ScopeName LowCardinality(String) CODEC(ZSTD(1)),
  ScopeVersion LowCardinality(String) CODEC(ZSTD(1)),
  ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ScopeAttributeTypes LowCardinality(String) CODEC(ZSTD(1)),
  Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  AttributeTypes LowCardinality(String) CODEC(ZSTD(1)),
  RawAttributes Map(String, String) CODEC(ZSTD(1)),
  LastSeen DateTime64(3) CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree(LastSeen)
PARTITION BY SeenDay
ORDER BY (Tenant, MetricName, Fingerprint, SeenDay)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 67108864;

CREATE TABLE IF NOT EXISTS otelier.otel_metric_samples
(
  Tenant LowCardinality(String) CODEC(ZSTD(1)),
  MetricName LowCardinality(String) CODEC(ZSTD(1)),
  Fingerprint UInt64 CODEC(ZSTD(1)),
  Timestamp DateTime64(9) CODEC(DoubleDelta, ZSTD(1)),
  StartTimestamp DateTime64(9) CODEC(DoubleDelta, ZSTD(1)),
  Flags UInt32 CODEC(ZSTD(1)),
  Value Float64 CODEC(ZSTD(1)),
  ValueKind UInt8 CODEC(ZSTD(1)),
  IntValue Int64 CODEC(ZSTD(1)),
  INDEX idx_time Timestamp TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree()
PARTITION BY toDate(Timestamp)
ORDER BY (Tenant, MetricName, Fingerprint, Timestamp)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 67108864;

CREATE TABLE IF NOT EXISTS otelier.otel_metric_histograms
(
  Tenant LowCardinality(String) CODEC(ZSTD(1)),
  MetricName LowCardinality(String) CODEC(ZSTD(1)),
  Fingerprint UInt64 CODEC(ZSTD(1)),
  Timestamp DateTime64(9) CODEC(DoubleDelta, ZSTD(1)),
  StartTimestamp DateTime64(9) CODEC(DoubleDelta, ZSTD(1)),
  Flags UInt32 CODEC(ZSTD(1)),
  Count UInt64 CODEC(T64, ZSTD(1)),
  Sum Float64 CODEC(ZSTD(1)),
  Min Float64 CODEC(ZSTD(1)),
  Max Float64 CODEC(ZSTD(1)),
  Present UInt8 CODEC(ZSTD(1)),
  BucketCounts Array(UInt64) CODEC(ZSTD(1)),
  ExplicitBounds Array(Float64) CODEC(ZSTD(1)),
  INDEX idx_time Timestamp TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree()
PARTITION BY toDate(Timestamp)
ORDER BY (Tenant, MetricName, Fingerprint, Timestamp)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 67108864;

CREATE TABLE IF NOT EXISTS otelier.otel_metric_exp_histograms
(
  Tenant LowCardinality(String) CODEC(ZSTD(1)),
  MetricName LowCardinality(String) CODEC(ZSTD(1)),
  Fingerprint UInt64 CODEC(ZSTD(1)),
  Timestamp DateTime64(9) CODEC(DoubleDelta, ZSTD(1)),
  StartTimestamp DateTime64(9) CODEC(DoubleDelta, ZSTD(1)),
  Flags UInt32 CODEC(ZSTD(1)),
  Count UInt64 CODEC(T64, ZSTD(1)),
  Sum Float64 CODEC(ZSTD(1)),
  Min Float64 CODEC(ZSTD(1)),
  Max Float64 CODEC(ZSTD(1)),
  Present UInt8 CODEC(ZSTD(1)),
  Scale Int32 CODEC(ZSTD(1)),
  ZeroCount UInt64 CODEC(ZSTD(1)),
  ZeroThreshold Float64 CODEC(ZSTD(1)),
  PositiveOffset Int32 CODEC(ZSTD(1)),
  PositiveBucketCounts Array(UInt64) CODEC(ZSTD(1)),
  NegativeOffset Int32 CODEC(ZSTD(1)),
  NegativeBucketCounts Array(UInt64) CODEC(ZSTD(1)),
  INDEX idx_time Timestamp TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree()
PARTITION BY toDate(Timestamp)
ORDER BY (Tenant, MetricName, Fingerprint, Timestamp)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 67108864;

CREATE TABLE IF NOT EXISTS otelier.otel_metric_summaries
(
  Tenant LowCardinality(String) CODEC(ZSTD(1)),
  MetricName LowCardinality(String) CODEC(ZSTD(1)),
  Fingerprint UInt64 CODEC(ZSTD(1)),
  Timestamp DateTime64(9) CODEC(DoubleDelta, ZSTD(1)),
  StartTimestamp DateTime64(9) CODEC(DoubleDelta, ZSTD(1)),
  Flags UInt32 CODEC(ZSTD(1)),
  Count UInt64 CODEC(T64, ZSTD(1)),
  Sum Float64 CODEC(ZSTD(1)),
  Quantiles Array(Float64) CODEC(ZSTD(1)),
  QuantileValues Array(Float64) CODEC(ZSTD(1)),
  INDEX idx_time Timestamp TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree()
PARTITION BY toDate(Timestamp)
ORDER BY (Tenant, MetricName, Fingerprint, Timestamp)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 67108864;

CREATE TABLE IF NOT EXISTS otelier.otel_metric_exemplars
(
  Tenant LowCardinality(String) CODEC(ZSTD(1)),
  MetricName LowCardinality(String) CODEC(ZSTD(1)),
  Fingerprint UInt64 CODEC(ZSTD(1)),
  Timestamp DateTime64(9) CODEC(DoubleDelta, ZSTD(1)),
  PointTimestamp DateTime64(9) CODEC(DoubleDelta, ZSTD(1)),
  Value Float64 CODEC(ZSTD(1)),
  ValueKind UInt8 CODEC(ZSTD(1)),
  IntValue Int64 CODEC(ZSTD(1)),
  TraceId String CODEC(ZSTD(1)),
  SpanId String CODEC(ZSTD(1)),
  FilteredAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  FilteredAttributeTypes LowCardinality(String) CODEC(ZSTD(1)),
  RawAttributes Map(String, String) CODEC(ZSTD(1)),
  INDEX idx_time Timestamp TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree()
PARTITION BY toDate(Timestamp)
ORDER BY (Tenant, MetricName, Fingerprint, Timestamp)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 67108864;

CREATE TABLE IF NOT EXISTS otelier.otel_attribute_keys
(
  Tenant LowCardinality(String) CODEC(ZSTD(1)),
  Signal LowCardinality(String) CODEC(ZSTD(1)),
  Scope LowCardinality(String) CODEC(ZSTD(1)),
  Key LowCardinality(String) CODEC(ZSTD(1)),
  Hour DateTime CODEC(Delta(4), ZSTD(1)),
  Count UInt64 CODEC(ZSTD(1))
)
ENGINE = SummingMergeTree((Count))
PARTITION BY toDate(Hour)
ORDER BY (Tenant, Signal, Scope, Key, Hour)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 67108864;

CREATE MATERIALIZED VIEW IF NOT EXISTS otelier.otel_traces_trace_id_ts_mv
TO otelier.otel_traces_trace_id_ts
AS SELECT Tenant AS Tenant, TraceId AS TraceId, min(Timestamp) AS Start, max(addNanoseconds(Timestamp, Duration)) AS End
FROM otelier.otel_traces
GROUP BY Tenant, TraceId;

CREATE MATERIALIZED VIEW IF NOT EXISTS otelier.otel_attribute_keys_traces_resource_mv
TO otelier.otel_attribute_keys
AS SELECT Tenant AS Tenant, 'traces' AS Signal, 'resource' AS Scope, arrayJoin(Keys) AS Key, Hour AS Hour, sum(Items) AS Count
FROM (SELECT Tenant, mapKeys(ResourceAttributes) AS Keys, toStartOfHour(toDateTime(Timestamp)) AS Hour, count() AS Items FROM otelier.otel_traces GROUP BY Tenant, Keys, Hour)
GROUP BY Tenant, Key, Hour;

CREATE MATERIALIZED VIEW IF NOT EXISTS otelier.otel_attribute_keys_traces_span_mv
TO otelier.otel_attribute_keys
AS SELECT Tenant AS Tenant, 'traces' AS Signal, 'span' AS Scope, arrayJoin(Keys) AS Key, Hour AS Hour, sum(Items) AS Count
FROM (SELECT Tenant, mapKeys(SpanAttributes) AS Keys, toStartOfHour(toDateTime(Timestamp)) AS Hour, count() AS Items FROM otelier.otel_traces GROUP BY Tenant, Keys, Hour)
GROUP BY Tenant, Key, Hour;

CREATE MATERIALIZED VIEW IF NOT EXISTS otelier.otel_attribute_keys_logs_resource_mv
TO otelier.otel_attribute_keys
AS SELECT Tenant AS Tenant, 'logs' AS Signal, 'resource' AS Scope, arrayJoin(Keys) AS Key, Hour AS Hour, sum(Items) AS Count
FROM (SELECT Tenant, mapKeys(ResourceAttributes) AS Keys, toStartOfHour(toDateTime(Timestamp)) AS Hour, count() AS Items FROM otelier.otel_logs GROUP BY Tenant, Keys, Hour)
GROUP BY Tenant, Key, Hour;

CREATE MATERIALIZED VIEW IF NOT EXISTS otelier.otel_attribute_keys_logs_log_mv
TO otelier.otel_attribute_keys
AS SELECT Tenant AS Tenant, 'logs' AS Signal, 'log' AS Scope, arrayJoin(Keys) AS Key, Hour AS Hour, sum(Items) AS Count
FROM (SELECT Tenant, mapKeys(LogAttributes) AS Keys, toStartOfHour(toDateTime(Timestamp)) AS Hour, count() AS Items FROM otelier.otel_logs GROUP BY Tenant, Keys, Hour)
GROUP BY Tenant, Key, Hour;

-- 2: differences of sample values;

ALTER TABLE otelier.otel_metric_samples MODIFY COLUMN Value Float64 CODEC(Delta(8), ZSTD(1));

-- 3: totals of spans;

ALTER TABLE otelier.otel_traces ADD PROJECTION IF NOT EXISTS span_totals (
  SELECT Tenant, intDiv(toUnixTimestamp64Nano(Timestamp), 10000000000) AS Bucket, ServiceName, SpanName, SpanKind, StatusCode, ParentSpanId IN ('') AS Root, toUInt16(floor(8 * log2(greatest(Duration, 1)))) AS DurationRow, count(), max(Timestamp)
  GROUP BY Tenant, Bucket, ServiceName, SpanName, SpanKind, StatusCode, Root, DurationRow
);

ALTER TABLE otelier.otel_traces MATERIALIZE PROJECTION span_totals SETTINGS mutations_sync = 0;

-- 4: dictionaries of shared attribute values;

ALTER TABLE otelier.otel_traces
  MODIFY COLUMN ResourceAttributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1)),
  MODIFY COLUMN ScopeAttributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1))
  SETTINGS alter_sync = 0, mutations_sync = 0;

ALTER TABLE otelier.otel_logs
  MODIFY COLUMN ResourceAttributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1)),
  MODIFY COLUMN ScopeAttributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1))
  SETTINGS alter_sync = 0, mutations_sync = 0;

ALTER TABLE otelier.otel_metric_series
  MODIFY COLUMN ResourceAttributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1)),
  MODIFY COLUMN ScopeAttributes Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1))
  SETTINGS alter_sync = 0, mutations_sync = 0;

-- 5: resources of spans;

CREATE TABLE IF NOT EXISTS otelier.otel_traces_resources
(
  Tenant LowCardinality(String) CODEC(ZSTD(1)),
  ServiceName LowCardinality(String) CODEC(ZSTD(1)),
  ServiceNamespace LowCardinality(String) CODEC(ZSTD(1)),
  ServiceVersion LowCardinality(String) CODEC(ZSTD(1)),
  ServiceInstanceId String CODEC(ZSTD(1)),
  HostName LowCardinality(String) CODEC(ZSTD(1)),
  ProcessPid String CODEC(ZSTD(1)),
  SdkLanguage LowCardinality(String) CODEC(ZSTD(1)),
  DistroName LowCardinality(String) CODEC(ZSTD(1)),
  SeenAt DateTime64(9) CODEC(Delta(8), ZSTD(1))
)
ENGINE = MergeTree()
PARTITION BY toDate(SeenAt)
ORDER BY (Tenant, ServiceName, SeenAt)
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 67108864;

-- 6: attribute keys without views;

DROP VIEW IF EXISTS otelier.otel_attribute_keys_traces_resource_mv;

DROP VIEW IF EXISTS otelier.otel_attribute_keys_traces_span_mv;

DROP VIEW IF EXISTS otelier.otel_attribute_keys_logs_resource_mv;

DROP VIEW IF EXISTS otelier.otel_attribute_keys_logs_log_mv;
