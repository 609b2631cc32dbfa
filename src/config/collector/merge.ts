import type { Diagnostic } from "../../base/diagnostic.ts";
import type { ConfigNode, MapEntry, MapNode } from "../../pipeline/settings/config-node.ts";

/**
 * Lays `later` over `earlier`: maps merge deeply, everything else is replaced, and null replaces a map, too (core confmap, Conf.Merge). That last
 * rule takes away what an earlier file says wherever a later one has a bare `processors:`, so it is warned about.
 */
export function mergeMaps(
  earlier: MapNode,
  later: MapNode,
  diagnostics: Diagnostic[],
  path: readonly string[] = [],
): MapNode {
  const entries = new Map<string, MapEntry>(earlier.entries);
  for (const [key, entry] of later.entries) {
    const known = earlier.entries.get(key);
    if (known?.value.kind === "map" && entry.value.kind === "map") {
      const value = mergeMaps(known.value, entry.value, diagnostics, [...path, key]);
      entries.set(key, { ...entry, value });
      continue;
    }
    if (known?.value.kind === "map" && entry.value.kind === "null" && known.value.entries.size > 0) {
      const name = [...path, key].join("::");
      const lost = [...known.value.entries.keys()].join(", ");
      diagnostics.push({
        severity: "warning",
        code: "null-replaces-map",
        message: `"${name}:" without a value removes what an earlier configuration has there: ${lost}`,
        hint: `remove "${key}:", or write "${key}: {}" to keep the earlier configuration`,
        ...(entry.keyRange === undefined ? {} : { range: entry.keyRange }),
      });
    }
    entries.set(key, entry);
  }
  return { ...later, entries };
}

/** `{"a::b": 1}` is `{a: {b: 1}}` at the top of a configuration (core confmap, KeyDelimiter). */
export function unflatten(node: MapNode, diagnostics: Diagnostic[]): MapNode {
  let result: MapNode = { ...node, entries: new Map() };
  for (const [key, entry] of node.entries) {
    const [first = "", ...rest] = key.split("::");
    const nested = rest.toReversed().reduce<ConfigNode>(
      (value, part): ConfigNode => ({
        kind: "map",
        entries: new Map([[part, { ...entry, value }]]),
      }),
      entry.value,
    );
    const addition: MapNode = { ...node, entries: new Map([[first, { ...entry, value: nested }]]) };
    result = mergeMaps(result, addition, diagnostics);
  }
  return result;
}
