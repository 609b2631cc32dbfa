/**
 * Configuration as written, before any component reads it: what Collector YAML and Alloy both become. Every node knows its place, so that
 * each problem can be shown there. Values from the environment keep their original text beside the parsed value.
 */
import type { SourceRange } from "../../base/source-range.ts";

export type ConfigNode = NullNode | ScalarNode | ListNode | MapNode;

interface NodeBase {
  /** Absent for values that no file holds (defaults, command line). */
  readonly range?: SourceRange;
}

/** `key:` with nothing behind it, or an environment variable that is set but empty. Differs from an empty map. */
export interface NullNode extends NodeBase {
  readonly kind: "null";
}

export interface ScalarNode extends NodeBase {
  readonly kind: "scalar";
  readonly value: string | number | bigint | boolean;
  /** The text as written; string options take this when `fromText` is set, so that `0123` from the environment stays `0123`. */
  readonly text: string;
  /** The value was expanded from `${...}`: a string field takes `text`. */
  readonly fromText: boolean;
}

interface ListNode extends NodeBase {
  readonly kind: "list";
  readonly items: readonly ConfigNode[];
  /** Set when the whole list was expanded from `${...}`. */
  readonly text?: string;
}

export interface MapNode extends NodeBase {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, MapEntry>;
  /** Set when the whole map was expanded from `${...}`. */
  readonly text?: string;
}

export interface MapEntry {
  readonly value: ConfigNode;
  /** Place of the key. */
  readonly keyRange?: SourceRange;
}

export const nullNode: NullNode = { kind: "null" };

/** The node at a path of map keys, or undefined. */
export function nodeAt(node: ConfigNode, ...path: readonly string[]): ConfigNode | undefined {
  let current: ConfigNode | undefined = node;
  for (const key of path) {
    if (current?.kind !== "map") return undefined;
    current = current.entries.get(key)?.value;
  }
  return current;
}
