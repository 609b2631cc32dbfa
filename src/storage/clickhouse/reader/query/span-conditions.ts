/** A set of spans as conditions on their table, and what may be asked of each span as an expression. */
import type { SpanField, SpanFilter, SpanPart } from "../../../traces.ts";
import { attributeCondition, inWindow, spanMaps, spanTextCondition } from "./conditions.ts";
import { entrySpan } from "./entry-span.ts";
import { sql, type Expression } from "../sql/ast.ts";

const parts: Readonly<Record<SpanPart, Expression>> = {
  all: sql`1`,
  entry: entrySpan,
  root: sql`ParentSpanId = ''`,
  server: sql`SpanKind = 'Server'`,
  client: sql`SpanKind = 'Client'`,
  consumer: sql`SpanKind = 'Consumer'`,
  database: sql`SpanAttributes['db.system.name'] != '' OR SpanAttributes['db.system'] != ''`,
};

/** All that the filter asks for, the window included; the tenant is the caller's to add. */
export function spanConditions(filter: SpanFilter): Expression[] {
  const conditions: Expression[] = [inWindow(filter.window)];
  if (filter.spans !== undefined && filter.spans !== "all") conditions.push(parts[filter.spans]);
  if (filter.service !== undefined) conditions.push(sql`ServiceName = ${filter.service}`);
  if (filter.operation !== undefined) conditions.push(sql`SpanName = ${filter.operation}`);
  conditions.push(...durationConditions(filter.minDurationNano, filter.maxDurationNano));
  if (filter.status !== undefined) conditions.push(sql`StatusCode = ${filter.status}`);
  for (const one of filter.attributes ?? []) conditions.push(attributeCondition(one, spanMaps));
  if (filter.text !== undefined) conditions.push(spanTextCondition(filter.text));
  return conditions;
}

export function durationConditions(minNano: number | undefined, maxNano: number | undefined): Expression[] {
  const conditions: Expression[] = [];
  if (minNano !== undefined) conditions.push(sql`Duration >= ${BigInt(Math.max(0, Math.ceil(minNano)))}`);
  if (maxNano !== undefined) conditions.push(sql`Duration <= ${BigInt(Math.max(0, Math.floor(maxNano)))}`);
  return conditions;
}

/** True when anything but the window and the service was asked for. */
export function isFiltered(filter: SpanFilter): boolean {
  const { spans = "all", operation, minDurationNano, maxDurationNano, status, attributes, text } = filter;
  const single = [operation, minDurationNano, maxDurationNano, status, text];
  return spans !== "all" || single.some((one) => one !== undefined) || (attributes ?? []).length > 0;
}

const ownFields = {
  service: sql`toString(ServiceName)`,
  name: sql`toString(SpanName)`,
  kind: sql`toString(SpanKind)`,
  status: sql`toString(StatusCode)`,
} as const;

/** The field's value as text; '' where the span lacks it. */
export function fieldValue(field: SpanField): Expression {
  if ("field" in field) return ownFields[field.field];
  const { scope, key } = field;
  if (scope === "span") return sql`SpanAttributes[${key}]`;
  if (scope === "resource") return sql`ResourceAttributes[${key}]`;
  if (scope === "scope") return sql`ScopeAttributes[${key}]`;
  return sql`multiIf(mapContains(SpanAttributes, ${key}), SpanAttributes[${key}], mapContains(ResourceAttributes, ${key}), ResourceAttributes[${key}], ScopeAttributes[${key}])`;
}
