/**
 * HPACK (RFC 7541), writing side. Remembers nothing between blocks: a field of the static table is one byte, all others stand as text. Some
 * bytes more a request than with a table; OTLP requests are large, and a table would be state to keep for every connection.
 */
import { staticTable } from "./static-table.ts";

/** "This side keeps no table" (section 6.3); must stand once in front of a connection's first block, and may stand in every one. */
const noTable = 0x20;
const literal = 0x00;
/** Whoever hands a block on must not put these into a table (section 7.1.3). */
const neverIndexed = 0x10;
const secrets: ReadonlySet<string> = new Set([
  "authorization",
  "cookie",
  "set-cookie",
  "proxy-authorization",
]);

const indexOfName = new Map<string, number>();
const indexOfField = new Map<string, number>();
staticTable.forEach(({ name, value }, place) => {
  if (!indexOfName.has(name)) indexOfName.set(name, place + 1);
  if (value !== "") indexOfField.set(`${name}=${value}`, place + 1);
});

export type Fields = Readonly<Record<string, string | number | readonly string[]>>;

/** Blocks of fields that cannot change. */
const encoded = new WeakMap<Fields, Buffer>();

/** A header block. Names must be lower case; text is sent as Latin-1. Of frozen fields it is made once, and must not be written to. */
export function encodeFields(fields: Fields): Buffer {
  const known = encoded.get(fields);
  if (known !== undefined) return known;
  const block = encode(fields);
  if (Object.isFrozen(fields)) encoded.set(fields, block);
  return block;
}

function encode(fields: Fields): Buffer {
  let size = 1;
  const list: [name: string, value: string][] = [];
  for (const [name, values] of Object.entries(fields)) {
    for (const value of Array.isArray(values) ? (values as readonly string[]) : [String(values)]) {
      list.push([name, value]);
      size += name.length + value.length + 12;
    }
  }
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  bytes[at++] = noTable;
  for (const [name, value] of list) {
    const whole = indexOfField.get(`${name}=${value}`);
    if (whole !== undefined) {
      bytes[at++] = 0x80 | whole;
      continue;
    }
    const index = indexOfName.get(name) ?? 0;
    at = writeInteger(bytes, at, secrets.has(name) ? neverIndexed : literal, 4, index);
    if (index === 0) at = writeText(bytes, at, name);
    at = writeText(bytes, at, value);
  }
  return bytes.subarray(0, at);
}

function writeText(bytes: Buffer, at: number, text: string): number {
  const start = writeInteger(bytes, at, 0, 7, text.length);
  return start + bytes.write(text, start, "latin1");
}

/** An integer with a prefix of so many bits, below what stands in the bits in front of it. */
function writeInteger(bytes: Buffer, start: number, front: number, prefix: number, value: number): number {
  const mask = 2 ** prefix - 1;
  let at = start;
  if (value < mask) {
    bytes[at++] = front | value;
    return at;
  }
  bytes[at++] = front | mask;
  let rest = value - mask;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest % 0x80) | 0x80;
  bytes[at++] = rest;
  return at;
}
