import { column } from "./column-groups.ts";
import type { TableSpec, ViewSpec } from "./table-spec.ts";

/** Which attribute keys exist, where, and how often: fed by views, read for completion and for "did you mean". */
export const attributeKeysTable: TableSpec = {
  name: "otel_attribute_keys",
  doc: "one row an hour, signal, scope and attribute key: how many items carried it",
  merge: { kind: "summing", columns: ["Count"] },
  columns: [
    column("Tenant", "LowCardinality(String)"),
    // traces, logs
    column("Signal", "LowCardinality(String)"),
    // resource, span, log
    column("Scope", "LowCardinality(String)"),
    column("Key", "LowCardinality(String)"),
    column("Hour", "DateTime", "Delta(4), ZSTD(1)"),
    column("Count", "UInt64"),
  ],
  indexes: [],
  partitionBy: "toDate(Hour)",
  orderBy: ["Tenant", "Signal", "Scope", "Key", "Hour"],
  shardBy: "cityHash64(Key)",
  timeColumn: "Hour",
};

/**
 * Grouping by the whole list of keys before opening it up is what makes this affordable: items of one kind carry the same keys,
 * so a block of 100k rows comes down to some hundred lists.
 */
function keysView(signal: "traces" | "logs", scope: "resource" | "span" | "log", map: string): ViewSpec {
  return {
    name: `otel_attribute_keys_${signal}_${scope}_mv`,
    from: `otel_${signal}`,
    to: "otel_attribute_keys",
    select: [
      ["Tenant", "Tenant"],
      ["Signal", `'${signal}'`],
      ["Scope", `'${scope}'`],
      ["Key", "arrayJoin(Keys)"],
      ["Hour", "Hour"],
      ["Count", "sum(Items)"],
    ],
    source: `(SELECT Tenant, mapKeys(${map}) AS Keys, toStartOfHour(toDateTime(Timestamp)) AS Hour, count() AS Items FROM $FROM GROUP BY Tenant, Keys, Hour)`,
    groupBy: ["Tenant", "Key", "Hour"],
  };
}

export const attributeKeysViews: readonly ViewSpec[] = [
  keysView("traces", "resource", "ResourceAttributes"),
  keysView("traces", "span", "SpanAttributes"),
  keysView("logs", "resource", "ResourceAttributes"),
  keysView("logs", "log", "LogAttributes"),
];
