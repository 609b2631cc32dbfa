import { createHash } from "node:crypto";
import {
  renderCodec,
  renderDropView,
  renderProjection,
  renderTable,
  renderTypes,
  renderView,
  type Target,
} from "./render.ts";
import { attributeKeysViews, firstTables, resourcesTable, views } from "./tables.ts";
import { spanTotals } from "./span-totals.ts";

/**
 * One step of the schema. Applied once per database and recorded with its checksum; a released one is never edited, a change is a new one
 * with the next number. Statements must be safe to run again (IF NOT EXISTS ...): a crash may come between them and the record.
 */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly statements: (target: Target) => readonly string[];
}

export const migrations: readonly Migration[] = [
  {
    number: 1,
    name: "traces, logs, metrics, attribute keys",
    statements: (target) => [
      ...firstTables.flatMap((table) => renderTable(table, target)),
      ...views.map((view) => renderView(view, target)),
    ],
  },
  {
    number: 2,
    name: "differences of sample values",
    // A series' values differ little: 1.2 bytes a sample instead of 1.5, where Gorilla takes 1.8 (docs/benchmarks.md).
    statements: (target) => [
      renderCodec(
        "otel_metric_samples",
        { name: "Value", type: "Float64", codec: "Delta(8), ZSTD(1)" },
        target,
      ),
    ],
  },
  {
    number: 3,
    name: "totals of spans",
    statements: (target) => renderProjection(spanTotals, target),
  },
  {
    number: 4,
    name: "dictionaries of shared attribute values",
    // Values of resources and scopes repeat: 57 bytes a span on disk instead of 63, and a sixth less to write, read and merge (docs/benchmarks.md).
    statements: (target) => firstTables.flatMap((table) => renderTypes(table, target)),
  },
  {
    number: 5,
    name: "resources of spans",
    // Empty at first: services of older spans are looked up in the spans themselves (reader/services).
    statements: (target) => renderTable(resourcesTable, target),
  },
  {
    number: 6,
    name: "attribute keys without views",
    // The transcoders count keys beside the rows (ADR 0020); keys of segments that were written before are counted at their insert.
    statements: (target) => attributeKeysViews.map((view) => renderDropView(view, target)),
  },
];

/** Independent of database and cluster names, so that one schema has one checksum everywhere. */
export function checksumOf(migration: Migration): string {
  const text = migration.statements({ kind: "single", database: "otelier" }).join(";\n");
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
