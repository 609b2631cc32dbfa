/** Attribute filters as they stand in the address and in the API's `attr` parameter: "[scope.]key=value", "key!=value", "key~text", "key". */
import type { AttributeFilter } from "../../../src/api/explore/wire.ts";

export interface FilterParts {
  /** With its scope prefix, if any. */
  readonly key: string;
  readonly operator: AttributeFilter["operator"];
  readonly value: string;
}

const scopes = ["resource", "scope", "span", "event", "link", "log", "metric"];

/** undefined for an empty text. The first operator in the text counts: values may hold any character. */
export function parseFilter(text: string): FilterParts | undefined {
  const trimmed = text.trim();
  const found = /^([^=!~]+?)\s*(!=|=|~)\s*([\s\S]*)$/.exec(trimmed);
  if (found !== null) {
    const operator = found[2] === "~" ? "contains" : found[2] === "!=" ? "!=" : "=";
    return { key: found[1]!.trim(), operator, value: unquote(found[3]!) };
  }
  return trimmed === "" || /^[=!~]/.test(trimmed)
    ? undefined
    : { key: trimmed, operator: "exists", value: "" };
}

function unquote(value: string): string {
  return value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}

export function printFilter(filter: FilterParts): string {
  switch (filter.operator) {
    case "exists":
      return filter.key;
    case "contains":
      return `${filter.key}~${filter.value}`;
    case "=":
    case "!=":
      return `${filter.key}${filter.operator}${filter.value}`;
  }
}

/** Filter text for an attribute of `scope`; with the scope written so that the same key elsewhere does not match. */
export function filterFor(
  scope: "resource" | "span" | "event" | "log" | "metric",
  key: string,
  value: string,
  operator: "=" | "!=" = "=",
): string {
  return printFilter({ key: `${scope}.${key}`, operator, value });
}

/** Adds a filter once; the opposite filter of the same key and value is taken out. */
export function addFilter(filters: readonly string[], added: string): readonly string[] {
  const parts = parseFilter(added);
  if (parts === undefined) return filters;
  const opposite =
    parts.operator === "=" || parts.operator === "!="
      ? printFilter({ ...parts, operator: parts.operator === "=" ? "!=" : "=" })
      : undefined;
  const kept = filters.filter((filter) => filter !== opposite && filter !== printFilter(parts));
  return [...kept, printFilter(parts)];
}

/** The key without its scope prefix, for display beside the scope. */
export function splitScope(key: string): { scope: string; name: string } {
  const dot = key.indexOf(".");
  const head = dot > 0 ? key.slice(0, dot) : "";
  return scopes.includes(head) ? { scope: head, name: key.slice(dot + 1) } : { scope: "", name: key };
}
