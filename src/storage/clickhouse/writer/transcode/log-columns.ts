import { keyStreams, logsTable } from "../../schema/tables.ts";
import type { BlockSet, TableBlock } from "../commit/blocks.ts";
import type { NumberColumn, WideColumn } from "../native/fixed-columns.ts";
import type { LowCardinalityColumn } from "../native/low-cardinality-column.ts";
import type { AttributesColumn, SharedAttributesColumn, TextMapColumn } from "../native/map-column.ts";
import type { StringColumn } from "../native/string-column.ts";
import { TableColumns } from "../native/table-columns.ts";
import { AttributeKeyColumns } from "./attribute-keys.ts";
import type { OriginColumns } from "./origin-state.ts";

/** The columns of `otel_logs`, and those of attribute keys beside; names and types are the schema's. */
export class LogColumns implements BlockSet, OriginColumns {
  private readonly of: TableColumns = new TableColumns(logsTable);
  readonly timestamp: WideColumn = this.of.wide("Timestamp", "DateTime64(9)");
  readonly traceId: StringColumn = this.of.string("TraceId");
  readonly spanId: StringColumn = this.of.string("SpanId");
  readonly traceFlags: NumberColumn = this.of.number("TraceFlags", "UInt8");
  readonly severityText: LowCardinalityColumn = this.of.lowCardinality("SeverityText");
  readonly severityNumber: NumberColumn = this.of.number("SeverityNumber", "UInt8");
  readonly serviceName: LowCardinalityColumn = this.of.lowCardinality("ServiceName");
  readonly body: StringColumn = this.of.string("Body");
  readonly bodyType: LowCardinalityColumn = this.of.lowCardinality("BodyType");
  readonly resourceSchemaUrl: LowCardinalityColumn = this.of.lowCardinality("ResourceSchemaUrl");
  readonly resourceAttributes: SharedAttributesColumn = this.of.sharedAttributes("ResourceAttributes");
  readonly resourceAttributeTypes: LowCardinalityColumn = this.of.lowCardinality("ResourceAttributeTypes");
  readonly resourceDropped: NumberColumn = this.of.number("ResourceDroppedAttributesCount", "UInt32");
  readonly scopeSchemaUrl: LowCardinalityColumn = this.of.lowCardinality("ScopeSchemaUrl");
  readonly scopeName: LowCardinalityColumn = this.of.lowCardinality("ScopeName");
  readonly scopeVersion: LowCardinalityColumn = this.of.lowCardinality("ScopeVersion");
  readonly scopeAttributes: SharedAttributesColumn = this.of.sharedAttributes("ScopeAttributes");
  readonly scopeAttributeTypes: LowCardinalityColumn = this.of.lowCardinality("ScopeAttributeTypes");
  readonly scopeDropped: NumberColumn = this.of.number("ScopeDroppedAttributesCount", "UInt32");
  readonly attributes: AttributesColumn = this.of.attributes("LogAttributes");
  readonly attributeTypes: LowCardinalityColumn = this.of.lowCardinality("LogAttributeTypes");
  readonly eventName: LowCardinalityColumn = this.of.lowCardinality("EventName");
  readonly observed: WideColumn = this.of.wide("ObservedTimestamp", "DateTime64(9)");
  readonly timeMissing: NumberColumn = this.of.number("TimeMissing", "UInt8");
  readonly flags: NumberColumn = this.of.number("Flags", "UInt32");
  readonly dropped: NumberColumn = this.of.number("DroppedAttributesCount", "UInt32");
  readonly rawAttributes: TextMapColumn = this.of.textMap("RawAttributes");
  readonly tenant: LowCardinalityColumn = this.of.lowCardinality("Tenant");
  readonly ingestTime: WideColumn = this.of.wide("IngestTime", "DateTime64(3)");
  private readonly keys: AttributeKeyColumns = new AttributeKeyColumns("logs", keyStreams.logs);
  readonly tables: readonly TableBlock[] = [
    { table: logsTable.name, block: this.of.finish() },
    this.keys.table,
  ];

  complete(): number {
    const { timestamp, tenant } = this;
    const maps = [
      ["resource", this.resourceAttributes],
      ["log", this.attributes],
    ] as const;
    return this.keys.append({ timestamp, tenant, maps });
  }
}
