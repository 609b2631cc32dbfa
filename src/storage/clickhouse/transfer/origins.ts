import type { InstrumentationScope, Resource } from "../../../telemetry/tree/common.ts";
import { fillAttributes, type RawValues } from "./attributes.ts";
import type { Row } from "./row.ts";

const resourceColumns = ["ResourceSchemaUrl", "ResourceAttributeTypes"] as const;
const scopeColumns = ["ScopeSchemaUrl", "ScopeName", "ScopeVersion", "ScopeAttributeTypes"] as const;

/** Text that is equal for rows of one resource. Dropped counts are left out where the table has none. */
export function resourceKey(row: Row, raw: RawValues, hasCounts: boolean): string {
  return JSON.stringify([
    resourceColumns.map((name) => row.text(name)),
    hasCounts ? row.number("ResourceDroppedAttributesCount") : 0,
    row.pairs("ResourceAttributes"),
    [...raw].filter(([key]) => key.startsWith("r:")),
  ]);
}

/** Text that is equal for rows of one scope of one resource. */
export function scopeKey(row: Row, raw: RawValues, hasCounts: boolean): string {
  return JSON.stringify([
    scopeColumns.map((name) => row.text(name)),
    hasCounts ? row.number("ScopeDroppedAttributesCount") : 0,
    row.pairs("ScopeAttributes"),
    [...raw].filter(([key]) => key.startsWith("c:")),
  ]);
}

export function fillResource(resource: Resource, row: Row, raw: RawValues, hasCounts: boolean): void {
  const types = row.text("ResourceAttributeTypes");
  fillAttributes(resource.attributes, row.pairs("ResourceAttributes"), types, raw, "r");
  if (hasCounts) resource.droppedAttributesCount = row.number("ResourceDroppedAttributesCount");
}

export function fillScope(scope: InstrumentationScope, row: Row, raw: RawValues, hasCounts: boolean): void {
  scope.name = row.text("ScopeName");
  scope.version = row.text("ScopeVersion");
  fillAttributes(scope.attributes, row.pairs("ScopeAttributes"), row.text("ScopeAttributeTypes"), raw, "c");
  if (hasCounts) scope.droppedAttributesCount = row.number("ScopeDroppedAttributesCount");
}

/** Finds the entry of a key, or makes it. */
export function entryOf<T>(entries: Map<string, T>, key: string, make: () => T): T {
  const known = entries.get(key);
  if (known !== undefined) return known;
  const made = make();
  entries.set(key, made);
  return made;
}
