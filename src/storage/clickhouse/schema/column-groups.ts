/**
 * Columns that several tables share.
 *
 * Attributes are a Map of text (the Collector's AsString of each value) plus a word of value types: one character per attribute in
 * the order of the map: s string, b bool, i int, d double, y bytes, a array, m map, n empty ("ssib"). Words repeat, so
 * LowCardinality makes them nearly free. Values that text cannot give back (arrays, maps, bytes) stand in `RawAttributes`
 * as protobuf AnyValue bytes under "r:key" (resource), "c:key" (scope), "s:key" (span, log record or data point), "e<index>:key" (event),
 * "l<index>:key" (link), "body" (log body); it is empty for nearly all rows.
 */
import type { ColumnSpec } from "./table-spec.ts";

const attributeMap = "Map(LowCardinality(String), String)";
const sharedAttributeMap = "Map(LowCardinality(String), LowCardinality(String))";
const types = "LowCardinality(String)";

export function column(name: string, type: string, codec?: string): ColumnSpec {
  return codec === undefined ? { name, type } : { name, type, codec };
}

/** "SpanAttributes" gives SpanAttributes and SpanAttributeTypes. */
export function attributeColumns(name: string): readonly ColumnSpec[] {
  return [column(name, attributeMap), column(typesColumn(name), types)];
}

/**
 * The same for attributes that many rows share, those of a resource or scope: their values repeat as keys do, so that a row holds numbers
 * instead of some 250 bytes of text. Tables were created with text.
 */
export function sharedAttributeColumns(name: string): readonly ColumnSpec[] {
  return [{ name, type: sharedAttributeMap, createdAs: attributeMap }, column(typesColumn(name), types)];
}

/** Name of the column of value types beside an attribute map: "SpanAttributes" -> "SpanAttributeTypes". */
function typesColumn(map: string): string {
  return `${map.replace(/s$/, "")}Types`;
}

export const tenantColumns: readonly ColumnSpec[] = [
  column("Tenant", "LowCardinality(String)"),
  { name: "IngestTime", type: "DateTime64(3)", codec: "Delta(8), ZSTD(1)", default: "now64(3)" },
];

/** Resource and scope of a span or log record. */
export const originColumns: readonly ColumnSpec[] = [
  column("ResourceSchemaUrl", "LowCardinality(String)"),
  ...sharedAttributeColumns("ResourceAttributes"),
  column("ResourceDroppedAttributesCount", "UInt32"),
  column("ScopeSchemaUrl", "LowCardinality(String)"),
  column("ScopeName", "LowCardinality(String)"),
  column("ScopeVersion", "LowCardinality(String)"),
  ...sharedAttributeColumns("ScopeAttributes"),
  column("ScopeDroppedAttributesCount", "UInt32"),
];

export const rawAttributesColumn: ColumnSpec = column("RawAttributes", "Map(String, String)");

export const timeCodec = "Delta(8), ZSTD(1)";
export const tickCodec = "DoubleDelta, ZSTD(1)";
