import { keyStreams, tracesTable } from "../../schema/tables.ts";
import type { BlockSet, TableBlock } from "../commit/blocks.ts";
import type { ArrayColumn } from "../native/array-column.ts";
import { NumberColumn, WideColumn } from "../native/fixed-columns.ts";
import { LowCardinalityColumn } from "../native/low-cardinality-column.ts";
import {
  attributesColumn,
  type AttributesColumn,
  type SharedAttributesColumn,
  type TextMapColumn,
} from "../native/map-column.ts";
import { StringColumn } from "../native/string-column.ts";
import { TableColumns } from "../native/table-columns.ts";
import { AttributeKeyColumns } from "./attribute-keys.ts";
import type { OriginColumns } from "./origin-state.ts";
import { ResourceColumns } from "./resource-sightings.ts";

/** The columns of `otel_traces`, and those of resources and attribute keys beside; names and types are the schema's. */
export class TraceColumns implements BlockSet, OriginColumns {
  private readonly of: TableColumns = new TableColumns(tracesTable);
  readonly timestamp: WideColumn = this.of.wide("Timestamp", "DateTime64(9)");
  readonly traceId: StringColumn = this.of.string("TraceId");
  readonly spanId: StringColumn = this.of.string("SpanId");
  readonly parentSpanId: StringColumn = this.of.string("ParentSpanId");
  readonly traceState: StringColumn = this.of.string("TraceState");
  readonly spanName: LowCardinalityColumn = this.of.lowCardinality("SpanName");
  readonly spanKind: LowCardinalityColumn = this.of.lowCardinality("SpanKind");
  readonly serviceName: LowCardinalityColumn = this.of.lowCardinality("ServiceName");
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
  readonly attributes: AttributesColumn = this.of.attributes("SpanAttributes");
  readonly attributeTypes: LowCardinalityColumn = this.of.lowCardinality("SpanAttributeTypes");
  readonly duration: WideColumn = this.of.wide("Duration", "UInt64");
  readonly statusCode: LowCardinalityColumn = this.of.lowCardinality("StatusCode");
  readonly statusMessage: StringColumn = this.of.string("StatusMessage");
  readonly eventTimes: ArrayColumn<WideColumn> = this.of.array(
    "Events.Timestamp",
    new WideColumn("DateTime64(9)"),
  );
  readonly eventNames: ArrayColumn<LowCardinalityColumn> = this.of.array(
    "Events.Name",
    new LowCardinalityColumn(),
  );
  readonly eventAttributes: ArrayColumn<AttributesColumn> = this.of.array(
    "Events.Attributes",
    attributesColumn(),
  );
  readonly eventAttributeTypes: ArrayColumn<LowCardinalityColumn> = this.of.array(
    "Events.AttributeTypes",
    new LowCardinalityColumn(),
  );
  readonly eventDropped: ArrayColumn<NumberColumn> = this.of.array(
    "Events.DroppedAttributesCount",
    new NumberColumn("UInt32"),
  );
  readonly linkTraceIds: ArrayColumn<StringColumn> = this.of.array("Links.TraceId", new StringColumn());
  readonly linkSpanIds: ArrayColumn<StringColumn> = this.of.array("Links.SpanId", new StringColumn());
  readonly linkTraceStates: ArrayColumn<StringColumn> = this.of.array("Links.TraceState", new StringColumn());
  readonly linkFlags: ArrayColumn<NumberColumn> = this.of.array("Links.Flags", new NumberColumn("UInt32"));
  readonly linkAttributes: ArrayColumn<AttributesColumn> = this.of.array(
    "Links.Attributes",
    attributesColumn(),
  );
  readonly linkAttributeTypes: ArrayColumn<LowCardinalityColumn> = this.of.array(
    "Links.AttributeTypes",
    new LowCardinalityColumn(),
  );
  readonly linkDropped: ArrayColumn<NumberColumn> = this.of.array(
    "Links.DroppedAttributesCount",
    new NumberColumn("UInt32"),
  );
  readonly flags: NumberColumn = this.of.number("Flags", "UInt32");
  readonly samplingThreshold: WideColumn = this.of.wide("SamplingThreshold", "UInt64");
  readonly dropped: NumberColumn = this.of.number("DroppedAttributesCount", "UInt32");
  readonly droppedEvents: NumberColumn = this.of.number("DroppedEventsCount", "UInt32");
  readonly droppedLinks: NumberColumn = this.of.number("DroppedLinksCount", "UInt32");
  readonly rawAttributes: TextMapColumn = this.of.textMap("RawAttributes");
  readonly tenant: LowCardinalityColumn = this.of.lowCardinality("Tenant");
  readonly ingestTime: WideColumn = this.of.wide("IngestTime", "DateTime64(3)");
  readonly resources: ResourceColumns = new ResourceColumns();
  private readonly keys: AttributeKeyColumns = new AttributeKeyColumns("traces", keyStreams.traces);
  readonly tables: readonly TableBlock[] = [
    { table: tracesTable.name, block: this.of.finish() },
    this.resources.table,
    this.keys.table,
  ];

  complete(): number {
    const { timestamp, tenant } = this;
    const maps = [
      ["resource", this.resourceAttributes],
      ["span", this.attributes],
    ] as const;
    return this.keys.append({ timestamp, tenant, maps });
  }
}
