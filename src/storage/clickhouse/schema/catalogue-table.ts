import { column } from "./column-groups.ts";
import type { TableSpec, ViewSpec } from "./table-spec.ts";

/** Which attribute keys exist, where, and how often. The transcoders count them (writer/transcode/attribute-keys.ts); until step 6 views did. */
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
 * Under which name in place of the table's the segments of each signal go: a group of segments is a range of their numbers in one table, so
 * two signals must not share one.
 */
export const keyStreams = { traces: "otel_attribute_keys_traces", logs: "otel_attribute_keys_logs" } as const;

export type KeyStream = (typeof keyStreams)[keyof typeof keyStreams];

export function isKeyStream(segmentTable: string): segmentTable is KeyStream {
  return Object.values<string>(keyStreams).includes(segmentTable);
}

/** Step of the schema since which keys come beside the rows: what was written before is counted in the engine, by `keysOfRows`. */
export const keysBesideRowsSince = 6;

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

/** SELECT of the rows of the catalogue that rows of `table` in `source` (SQL) make, in the order of its columns; undefined for tables without. */
export function keysOfRows(table: string, source: string): string | undefined {
  const views = attributeKeysViews.filter(({ from }) => from === table);
  if (views.length === 0) return undefined;
  return views
    .map((view) => {
      const select = view.select.map(([name, expression]) => `${expression} AS ${name}`).join(", ");
      const from = view.source?.replace("$FROM", () => source) ?? source;
      return `SELECT ${select} FROM ${from} GROUP BY ${view.groupBy.join(", ")}`;
    })
    .join(" UNION ALL ");
}
