/** Finding spans in a trace by what the skeleton holds: names, services, span ids, and the words "error" and "kind". */
import { errorStatus, type SpanTree } from "./tree.ts";

const kindNames = ["Unspecified", "Internal", "Server", "Client", "Producer", "Consumer"] as const;

export interface Matches {
  /** 1 where the span matches. */
  readonly marks: Uint8Array;
  /** Indexes of the matches, rising. */
  readonly indexes: Uint32Array;
}

/** Spans that hold every word of `text` in name, service, kind or span id, ignoring case. Empty text matches nothing. */
export function findSpans(tree: SpanTree, text: string): Matches {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const marks = new Uint8Array(tree.count);
  if (words.length === 0) return { marks, indexes: new Uint32Array() };
  const { skeleton } = tree;
  marks.fill(1);
  for (const word of words) {
    // Each dictionary is searched once, not once a span.
    const names = Uint8Array.from(skeleton.names, (name) => (name.toLowerCase().includes(word) ? 1 : 0));
    const services = Uint8Array.from(skeleton.services, (name) =>
      name.toLowerCase().includes(word) ? 1 : 0,
    );
    const kinds = Uint8Array.from(kindNames, (name) => (name.toLowerCase() === word ? 1 : 0));
    const asksError = word === "error" || word === "status=error";
    const asksId = /^[0-9a-f]{4,16}$/.test(word);
    for (let i = 0; i < tree.count; i++) {
      if (marks[i] === 0) continue;
      const hit =
        names[skeleton.name[i]!] === 1 ||
        services[skeleton.service[i]!] === 1 ||
        kinds[skeleton.kind[i]!] === 1 ||
        (asksError && skeleton.status[i] === errorStatus) ||
        (asksId && skeleton.spanIds[i]!.includes(word));
      if (!hit) marks[i] = 0;
    }
  }
  return { marks, indexes: indexesOf(marks) };
}

export function errorSpans(tree: SpanTree): Uint32Array {
  const marks = new Uint8Array(tree.count);
  for (let i = 0; i < tree.count; i++) if (tree.skeleton.status[i] === errorStatus) marks[i] = 1;
  return indexesOf(marks);
}

function indexesOf(marks: Uint8Array): Uint32Array {
  const indexes = new Uint32Array(marks.length);
  let length = 0;
  for (let i = 0; i < marks.length; i++) if (marks[i] === 1) indexes[length++] = i;
  return indexes.subarray(0, length);
}

/** The entry of rising `indexes` after (1) or before (-1) `current`, going round at the ends; undefined for no entries. */
export function stepThrough(indexes: Uint32Array, current: number, direction: 1 | -1): number | undefined {
  if (indexes.length === 0) return undefined;
  if (direction === 1) {
    for (const index of indexes) if (index > current) return index;
    return indexes[0];
  }
  for (let i = indexes.length - 1; i >= 0; i--) if (indexes[i]! < current) return indexes[i];
  return indexes[indexes.length - 1];
}
