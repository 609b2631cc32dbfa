/** Conditions that all readers share: tenant, time, attributes, words. */
import type { AttributeFilter, AttributeScope } from "../../../attributes.ts";
import type { ReadContext, TimeWindow } from "../../../window.ts";
import { and, or, sql, type Expression } from "../sql/ast.ts";

/** Bounds of DateTime64(9), so that any window can be written. */
const earliestNano = -2_208_988_800_000_000_000n;
const latestNano = 9_223_372_036_000_000_000n;

export function toNano(ms: number): bigint {
  const bounded = Math.min(Math.max(ms, -2.2e12), 9.2e12);
  const nano = BigInt(Math.round(bounded * 1000)) * 1000n;
  return nano < earliestNano ? earliestNano : nano > latestNano ? latestNano : nano;
}

export function time(nano: bigint): Expression {
  return sql`fromUnixTimestamp64Nano(${nano})`;
}

/** Every read of a telemetry table begins with this one. */
export function ofTenant(context: ReadContext): Expression {
  return sql`Tenant = ${context.tenant}`;
}

export function inWindow(window: TimeWindow): Expression {
  return sql`Timestamp >= ${time(toNano(window.startMs))} AND Timestamp < ${time(toNano(window.endMs))}`;
}

/** Attribute maps of one table by scope; event and link maps are arrays of maps. */
export interface AttributeMaps {
  readonly maps: Readonly<Partial<Record<AttributeScope, Expression>>>;
  readonly mapLists: Readonly<Partial<Record<AttributeScope, Expression>>>;
}

export const spanMaps: AttributeMaps = {
  maps: { span: sql`SpanAttributes`, resource: sql`ResourceAttributes`, scope: sql`ScopeAttributes` },
  mapLists: { event: sql`\`Events.Attributes\``, link: sql`\`Links.Attributes\`` },
};

export const logMaps: AttributeMaps = {
  maps: { log: sql`LogAttributes`, resource: sql`ResourceAttributes`, scope: sql`ScopeAttributes` },
  mapLists: {},
};

export const seriesMaps: AttributeMaps = {
  maps: { metric: sql`Attributes`, resource: sql`ResourceAttributes`, scope: sql`ScopeAttributes` },
  mapLists: {},
};

/** A filter without scope holds when any map of the table fulfils it; one with a scope that the table lacks never holds. */
export function attributeCondition(filter: AttributeFilter, { maps, mapLists }: AttributeMaps): Expression {
  if (filter.scope === undefined) {
    return or(...Object.values(maps).map((map) => mapCondition(map, filter)));
  }
  const map = maps[filter.scope];
  if (map !== undefined) return and(...valueIndexed(filter, map), mapCondition(map, filter));
  const list = mapLists[filter.scope];
  return list === undefined ? or() : sql`arrayExists(one -> ${mapCondition(sql`one`, filter)}, ${list})`;
}

/**
 * What follows from the condition and can be looked up in the bloom filter of a resource's values. The engine does not see that by itself: it
 * reads the key's values as a column of their own, cast from a dictionary, of which it knows no index.
 */
function valueIndexed({ scope, operator, value }: AttributeFilter, map: Expression): readonly Expression[] {
  if (scope !== "resource" || operator !== "=" || value === "") return [];
  return [sql`has(mapValues(${map}), ${value})`];
}

function mapCondition(map: Expression, { key, operator, value }: AttributeFilter): Expression {
  const has = sql`mapContains(${map}, ${key})`;
  switch (operator) {
    case "exists":
      return has;
    case "=":
      // Without the extra condition the bloom filters on keys and values serve; a missing key reads as '', hence the second form.
      return value === "" ? and(has, sql`${map}[${key}] = ''`) : sql`${map}[${key}] = ${value}`;
    case "!=":
      return and(has, sql`${map}[${key}] != ${value}`);
    case "contains":
      return and(has, sql`positionCaseInsensitiveUTF8(${map}[${key}], ${value}) > 0`);
  }
}

/** Words of a free text search; at most 20 are looked at. */
function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter(Boolean).slice(0, 20);
}

/** Each word somewhere in the span: name, status message, an attribute's value, or its ids as a whole. */
export function spanTextCondition(text: string): Expression {
  return and(
    ...wordsOf(text).map((word) =>
      or(
        sql`positionCaseInsensitiveUTF8(toString(SpanName), ${word}) > 0`,
        sql`positionCaseInsensitiveUTF8(StatusMessage, ${word}) > 0`,
        sql`TraceId = ${word.toLowerCase()}`,
        sql`SpanId = ${word.toLowerCase()}`,
        sql`arrayExists(one -> positionCaseInsensitiveUTF8(one, ${word}) > 0, mapValues(SpanAttributes))`,
      ),
    ),
  );
}

/**
 * Each word as a whole word of the body, which the text index answers; words outside ASCII are looked for as parts, since the index
 * knows the case of ASCII only.
 */
export function bodyTextCondition(text: string): Expression {
  return and(
    ...wordsOf(text).map((word) =>
      /^[\0-\x7f]*[a-z0-9][\0-\x7f]*$/i.test(word)
        ? sql`hasAllTokens(lower(Body), ${word.toLowerCase()})`
        : sql`positionCaseInsensitiveUTF8(Body, ${word}) > 0`,
    ),
  );
}
