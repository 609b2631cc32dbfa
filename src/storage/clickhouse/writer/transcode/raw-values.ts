/** Keeps values that their text cannot give back (arrays, maps, bytes) as protobuf, under a key that says whose they are. */
import { copyBytes } from "../native/byte-sink.ts";
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

/** Appends a pair: prefix and key [keyStart, keyEnd), value [valueStart, valueEnd). The caller closes the row. */
export function appendRaw(
  column: TextMapColumn,
  prefix: Uint8Array,
  bytes: Uint8Array,
  keyStart: number,
  keyEnd: number,
  valueStart: number,
  valueEnd: number,
): void {
  const size = prefix.length + keyEnd - keyStart;
  if (size > scratch.length) scratch = new Uint8Array(size * 2);
  scratch.set(prefix);
  copyBytes(bytes, keyStart, keyEnd, scratch, prefix.length);
  column.keys.append(scratch, 0, size);
  column.values.append(bytes, valueStart, valueEnd);
}
