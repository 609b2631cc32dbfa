/**
 * Arrays of simple values as the JSON that the Collector prints, straight from the wire: what nearly all arrays in telemetry are (arguments of a command,
 * values of a header). Anything else is left to the typed tree, which prints the same; without this an array costs
 * as much as ten other attributes (bench/ingest.ts).
 */
import type { ByteSink } from "../native/byte-sink.ts";
import type { WireCursor } from "./wire-cursor.ts";

const quote = 34;
const comma = 44;
const open = 91;
const close = 93;

/** 1 for ASCII characters that Go's encoding/json writes as they are. */
const isPlain: Uint8Array = new Uint8Array(256);
for (let code = 0x20; code < 0x7f; code++) isPlain[code] = 1;
for (const character of '"\\<>&') isPlain[character.charCodeAt(0)] = 0;

/** Writes the ArrayValue message [start, end) into an emptied `out`; false when it is not simple. */
export function writePlainArray(cursor: WireCursor, start: number, end: number, out: ByteSink): boolean {
  out.length = 0;
  out.byte(open);
  for (let at = start; at < end;) {
    if (cursor.next(at, end) !== 0x0a) return false;
    at = cursor.end;
    if (out.length > 1) out.byte(comma);
    if (!writeElement(cursor, cursor.start, at, out)) return false;
  }
  out.byte(close);
  return true;
}

/** Strings without special characters, and integers below 2^28. */
function writeElement(cursor: WireCursor, start: number, end: number, out: ByteSink): boolean {
  if (start === end) return false;
  const tag = cursor.next(start, end);
  const from = cursor.start;
  const to = cursor.end;
  if (to !== end) return false;
  if (tag === 0x0a) {
    for (let at = from; at < to; at++) if (isPlain[cursor.bytes[at]!] === 0) return false;
    out.byte(quote);
    out.raw(cursor.bytes, from, to, cursor.view);
    out.byte(quote);
    return true;
  }
  if (tag !== 0x18 || to - from > 4) return false;
  const digits = String(cursor.uint32(from, to));
  for (let index = 0; index < digits.length; index++) out.byte(digits.charCodeAt(index));
  return true;
}
