import { Attributes, type AnyValue } from "../../telemetry/tree/attributes.ts";
import type { ConfigNode } from "../settings/config-node.ts";

/** The attribute value that a written option stands for: whole numbers are ints, lists and maps become arrays and kvlists. */
export function anyValueOf(node: ConfigNode): AnyValue {
  switch (node.kind) {
    case "null":
      return null;
    case "scalar":
      if (typeof node.value === "number")
        return Number.isInteger(node.value) ? BigInt(node.value) : node.value;
      return node.value;
    case "list":
      return node.items.map(anyValueOf);
    case "map":
      return Attributes.of([...node.entries].map(([key, entry]) => [key, anyValueOf(entry.value)] as const));
  }
}
