import {
  metricExemplarsTable,
  metricExponentialHistogramsTable,
  metricHistogramsTable,
  metricSamplesTable,
  metricSeriesTable,
  metricSummariesTable,
} from "../../schema/tables.ts";
import type { TableSpec } from "../../schema/table-spec.ts";
import type { BlockSet, TableBlock } from "../commit/blocks.ts";
import type { ArrayColumn } from "../native/array-column.ts";
import { WideColumn, type NumberColumn } from "../native/fixed-columns.ts";
import type { LowCardinalityColumn } from "../native/low-cardinality-column.ts";
import type { AttributesColumn, SharedAttributesColumn, TextMapColumn } from "../native/map-column.ts";
import type { StringColumn } from "../native/string-column.ts";
import { TableColumns } from "../native/table-columns.ts";
import type { OriginColumns } from "./origin-state.ts";

/** What every table of points begins with. */
export class PointColumns {
  protected readonly of: TableColumns;
  readonly tenant: LowCardinalityColumn;
  readonly metricName: LowCardinalityColumn;
  readonly fingerprint: WideColumn;
  readonly timestamp: WideColumn;
  readonly startTimestamp: WideColumn;
  readonly flags: NumberColumn;

  constructor(table: TableSpec) {
    this.of = new TableColumns(table);
    this.tenant = this.of.lowCardinality("Tenant");
    this.metricName = this.of.lowCardinality("MetricName");
    this.fingerprint = this.of.wide("Fingerprint", "UInt64");
    this.timestamp = this.of.wide("Timestamp", "DateTime64(9)");
    this.startTimestamp = this.of.wide("StartTimestamp", "DateTime64(9)");
    this.flags = this.of.number("Flags", "UInt32");
  }
}

export class SampleColumns extends PointColumns {
  readonly value: WideColumn = this.of.wide("Value", "Float64");
  readonly valueKind: NumberColumn = this.of.number("ValueKind", "UInt8");
  readonly intValue: WideColumn = this.of.wide("IntValue", "Int64");
  readonly table: TableBlock = { table: metricSamplesTable.name, block: this.of.finish() };

  constructor() {
    super(metricSamplesTable);
  }
}

export class HistogramColumns extends PointColumns {
  readonly count: WideColumn = this.of.wide("Count", "UInt64");
  readonly sum: WideColumn = this.of.wide("Sum", "Float64");
  readonly min: WideColumn = this.of.wide("Min", "Float64");
  readonly max: WideColumn = this.of.wide("Max", "Float64");
  readonly present: NumberColumn = this.of.number("Present", "UInt8");
  readonly bucketCounts: ArrayColumn<WideColumn> = this.of.array("BucketCounts", new WideColumn("UInt64"));
  readonly explicitBounds: ArrayColumn<WideColumn> = this.of.array(
    "ExplicitBounds",
    new WideColumn("Float64"),
  );
  readonly table: TableBlock = { table: metricHistogramsTable.name, block: this.of.finish() };

  constructor() {
    super(metricHistogramsTable);
  }
}

export class ExponentialHistogramColumns extends PointColumns {
  readonly count: WideColumn = this.of.wide("Count", "UInt64");
  readonly sum: WideColumn = this.of.wide("Sum", "Float64");
  readonly min: WideColumn = this.of.wide("Min", "Float64");
  readonly max: WideColumn = this.of.wide("Max", "Float64");
  readonly present: NumberColumn = this.of.number("Present", "UInt8");
  readonly scale: NumberColumn = this.of.number("Scale", "Int32");
  readonly zeroCount: WideColumn = this.of.wide("ZeroCount", "UInt64");
  readonly zeroThreshold: WideColumn = this.of.wide("ZeroThreshold", "Float64");
  readonly positiveOffset: NumberColumn = this.of.number("PositiveOffset", "Int32");
  readonly positiveCounts: ArrayColumn<WideColumn> = this.of.array(
    "PositiveBucketCounts",
    new WideColumn("UInt64"),
  );
  readonly negativeOffset: NumberColumn = this.of.number("NegativeOffset", "Int32");
  readonly negativeCounts: ArrayColumn<WideColumn> = this.of.array(
    "NegativeBucketCounts",
    new WideColumn("UInt64"),
  );
  readonly table: TableBlock = { table: metricExponentialHistogramsTable.name, block: this.of.finish() };

  constructor() {
    super(metricExponentialHistogramsTable);
  }
}

export class SummaryColumns extends PointColumns {
  readonly count: WideColumn = this.of.wide("Count", "UInt64");
  readonly sum: WideColumn = this.of.wide("Sum", "Float64");
  readonly quantiles: ArrayColumn<WideColumn> = this.of.array("Quantiles", new WideColumn("Float64"));
  readonly quantileValues: ArrayColumn<WideColumn> = this.of.array(
    "QuantileValues",
    new WideColumn("Float64"),
  );
  readonly table: TableBlock = { table: metricSummariesTable.name, block: this.of.finish() };

  constructor() {
    super(metricSummariesTable);
  }
}

export class SeriesColumns implements OriginColumns {
  private readonly of: TableColumns = new TableColumns(metricSeriesTable);
  readonly tenant: LowCardinalityColumn = this.of.lowCardinality("Tenant");
  readonly metricName: LowCardinalityColumn = this.of.lowCardinality("MetricName");
  readonly fingerprint: WideColumn = this.of.wide("Fingerprint", "UInt64");
  readonly seenDay: NumberColumn = this.of.number("SeenDay", "Date");
  readonly metricType: LowCardinalityColumn = this.of.lowCardinality("MetricType");
  readonly unit: LowCardinalityColumn = this.of.lowCardinality("Unit");
  readonly description: LowCardinalityColumn = this.of.lowCardinality("Description");
  readonly temporality: LowCardinalityColumn = this.of.lowCardinality("Temporality");
  readonly monotonic: NumberColumn = this.of.number("Monotonic", "UInt8");
  readonly serviceName: LowCardinalityColumn = this.of.lowCardinality("ServiceName");
  readonly resourceSchemaUrl: LowCardinalityColumn = this.of.lowCardinality("ResourceSchemaUrl");
  readonly resourceAttributes: SharedAttributesColumn = this.of.sharedAttributes("ResourceAttributes");
  readonly resourceAttributeTypes: LowCardinalityColumn = this.of.lowCardinality("ResourceAttributeTypes");
  readonly scopeSchemaUrl: LowCardinalityColumn = this.of.lowCardinality("ScopeSchemaUrl");
  readonly scopeName: LowCardinalityColumn = this.of.lowCardinality("ScopeName");
  readonly scopeVersion: LowCardinalityColumn = this.of.lowCardinality("ScopeVersion");
  readonly scopeAttributes: SharedAttributesColumn = this.of.sharedAttributes("ScopeAttributes");
  readonly scopeAttributeTypes: LowCardinalityColumn = this.of.lowCardinality("ScopeAttributeTypes");
  readonly attributes: AttributesColumn = this.of.attributes("Attributes");
  readonly attributeTypes: LowCardinalityColumn = this.of.lowCardinality("AttributeTypes");
  readonly rawAttributes: TextMapColumn = this.of.textMap("RawAttributes");
  readonly lastSeen: WideColumn = this.of.wide("LastSeen", "DateTime64(3)");
  readonly table: TableBlock = { table: metricSeriesTable.name, block: this.of.finish() };
}

export class ExemplarColumns {
  private readonly of: TableColumns = new TableColumns(metricExemplarsTable);
  readonly tenant: LowCardinalityColumn = this.of.lowCardinality("Tenant");
  readonly metricName: LowCardinalityColumn = this.of.lowCardinality("MetricName");
  readonly fingerprint: WideColumn = this.of.wide("Fingerprint", "UInt64");
  readonly timestamp: WideColumn = this.of.wide("Timestamp", "DateTime64(9)");
  readonly pointTimestamp: WideColumn = this.of.wide("PointTimestamp", "DateTime64(9)");
  readonly value: WideColumn = this.of.wide("Value", "Float64");
  readonly valueKind: NumberColumn = this.of.number("ValueKind", "UInt8");
  readonly intValue: WideColumn = this.of.wide("IntValue", "Int64");
  readonly traceId: StringColumn = this.of.string("TraceId");
  readonly spanId: StringColumn = this.of.string("SpanId");
  readonly attributes: AttributesColumn = this.of.attributes("FilteredAttributes");
  readonly attributeTypes: LowCardinalityColumn = this.of.lowCardinality("FilteredAttributeTypes");
  readonly rawAttributes: TextMapColumn = this.of.textMap("RawAttributes");
  readonly table: TableBlock = { table: metricExemplarsTable.name, block: this.of.finish() };
}

/** The open blocks of all metric tables. */
export class MetricColumns implements BlockSet {
  readonly series: SeriesColumns = new SeriesColumns();
  readonly samples: SampleColumns = new SampleColumns();
  readonly histograms: HistogramColumns = new HistogramColumns();
  readonly exponentialHistograms: ExponentialHistogramColumns = new ExponentialHistogramColumns();
  readonly summaries: SummaryColumns = new SummaryColumns();
  readonly exemplars: ExemplarColumns = new ExemplarColumns();
  readonly tables: readonly TableBlock[] = [
    this.series.table,
    this.samples.table,
    this.histograms.table,
    this.exponentialHistograms.table,
    this.summaries.table,
    this.exemplars.table,
  ];
}
