import { parse } from "yaml";
import type { ConfigNode } from "../../src/pipeline/settings/config-node.ts";
import { nullNode } from "../../src/pipeline/settings/config-node.ts";

/** A section as if it had been written so in a file, without places. */
export function yamlNode(text: string): ConfigNode {
  return nodeOf(parse(text));
}

function nodeOf(value: unknown): ConfigNode {
  if (value === null || value === undefined) return nullNode;
  if (Array.isArray(value)) return { kind: "list", items: value.map(nodeOf) };
  if (typeof value === "object") {
    return {
      kind: "map",
      entries: new Map(Object.entries(value).map(([key, item]) => [key, { value: nodeOf(item) }])),
    };
  }
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return { kind: "scalar", value, text: String(value), fromText: false };
  }
  throw new TypeError(`no configuration holds a ${typeof value}`);
}
