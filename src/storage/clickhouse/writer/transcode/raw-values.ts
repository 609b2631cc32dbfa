/** Keeps values that their text cannot give back (arrays, maps, bytes) as protobuf, under a key that says whose they are. */
import { copyBytes } from "../native/byte-words.ts";
import type { TextMapColumn } from "../native/map-column.ts";
import { typeLetters } from "./type-letters.ts";

/** True for the letters of values that need their bytes kept. */
export function needsRaw(letter: number): boolean {
  return letter === typeLetters.array || letter === typeLetters.map || letter === typeLetters.bytes;
}

/** "r:" resource, "c:" scope, "s:" the item itself, "e3:" its event 3, "l0:" its link 0. */
export function rawPrefix(owner: string): Uint8Array {
  return new TextEncoder().encode(`${owner}:`);
}

let scratch = new Uint8Array(256);
let scratchWords = new DataView(scratch.buffer);

/** Where a key and a value lie; an AttributeWriter after it located them. */
export interface LocatedPair {
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueBytes: Uint8Array;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** Appends a pair under prefix and key, which lies in `bytes`; `words`: a DataView over these. The caller closes the row. */
export function appendRaw(
  column: TextMapColumn,
  prefix: Uint8Array,
  bytes: Uint8Array,
  words: DataView,
  pair: LocatedPair,
): void {
  const size = prefix.length + pair.keyEnd - pair.keyStart;
  if (size > scratch.length) {
    scratch = new Uint8Array(size * 2);
    scratchWords = new DataView(scratch.buffer);
  }
  scratch.set(prefix);
  copyBytes(bytes, words, pair.keyStart, pair.keyEnd, scratch, scratchWords, prefix.length);
  column.keys.append(scratch, 0, size, scratchWords);
  column.values.append(pair.valueBytes, pair.valueStart, pair.valueEnd);
}
