/**
 * Reads Native blocks back into plain values: the counterpart of block.ts, for exports, tests, and for looking into a segment.
 * Knows the types that the writer writes, and no others.
 */

/** A column's values: strings, numbers, bigints for 64-bit integers, arrays, and pairs for maps. */
export type NativeValue = string | number | bigint | readonly NativeValue[];

export interface NativeTable {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, { readonly type: string; readonly values: readonly NativeValue[] }>;
}

/** Reads the one block that `bytes` is. Throws when anything is left over or missing. */
export function readBlock(bytes: Uint8Array): NativeTable {
  const cursor = cursorOf(bytes);
  const table = readTable(cursor);
  if (cursor.at !== bytes.length) throw new Error(`${bytes.length - cursor.at} bytes are left over`);
  return table;
}

/** Reads all blocks, one behind the other, as the engine answers with. */
export function readBlocks(bytes: Uint8Array): readonly NativeTable[] {
  const cursor = cursorOf(bytes);
  const tables: NativeTable[] = [];
  while (cursor.at < bytes.length) tables.push(readTable(cursor));
  return tables;
}

function cursorOf(bytes: Uint8Array): Cursor {
  return { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), at: 0 };
}

function readTable(cursor: Cursor): NativeTable {
  const columnCount = readVaruint(cursor);
  const rows = readVaruint(cursor);
  const columns = new Map<string, { type: string; values: readonly NativeValue[] }>();
  for (let index = 0; index < columnCount; index++) {
    const name = readString(cursor);
    const type = readString(cursor);
    readPrefix(cursor, type);
    columns.set(name, { type, values: readValues(cursor, type, rows) });
  }
  return { rows, columns };
}

interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

function readVaruint(cursor: Cursor): number {
  let value = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = cursor.bytes.readUInt8(cursor.at++);
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value;
  }
}

function readString(cursor: Cursor): string {
  const size = readVaruint(cursor);
  cursor.at += size;
  return cursor.bytes.toString("utf8", cursor.at - size, cursor.at);
}

function readBinary(cursor: Cursor, count: number): readonly string[] {
  return Array.from({ length: count }, () => {
    const size = readVaruint(cursor);
    cursor.at += size;
    return cursor.bytes.toString("latin1", cursor.at - size, cursor.at);
  });
}

function readUInt64(cursor: Cursor): number {
  cursor.at += 8;
  return Number(cursor.bytes.readBigUInt64LE(cursor.at - 8));
}

/** The type inside "Outer(...)", or undefined. */
function inner(type: string, outer: string): string | undefined {
  return type.startsWith(`${outer}(`) ? type.slice(outer.length + 1, -1) : undefined;
}

function mapTypes(type: string): readonly [string, string] | undefined {
  const both = inner(type, "Map");
  if (both === undefined) return undefined;
  let depth = 0;
  for (let at = 0; at < both.length; at++) {
    if (both[at] === "(") depth++;
    if (both[at] === ")") depth--;
    if (both[at] === "," && depth === 0) return [both.slice(0, at), both.slice(at + 2)];
  }
  throw new Error(`cannot read type "${type}"`);
}

function readPrefix(cursor: Cursor, type: string): void {
  const element = inner(type, "Array");
  if (element !== undefined) return readPrefix(cursor, element);
  const pair = mapTypes(type);
  if (pair !== undefined) {
    readPrefix(cursor, pair[0]);
    return readPrefix(cursor, pair[1]);
  }
  if (inner(type, "LowCardinality") !== undefined && readUInt64(cursor) !== 1) {
    throw new Error("unknown LowCardinality version");
  }
}

function readValues(cursor: Cursor, type: string, rows: number): readonly NativeValue[] {
  const element = inner(type, "Array");
  if (element !== undefined) return readArrays(cursor, rows, (count) => readValues(cursor, element, count));
  const pair = mapTypes(type);
  if (pair !== undefined) {
    return readArrays(cursor, rows, (count) => {
      const keys = readValues(cursor, pair[0], count);
      // Only RawAttributes has this type, and its values are bytes: one character a byte.
      const values = pair[0] === "String" ? readBinary(cursor, count) : readValues(cursor, pair[1], count);
      return keys.map((key, index) => [key, values[index]!]);
    });
  }
  if (inner(type, "LowCardinality") !== undefined) return readLowCardinality(cursor, rows);
  const read = scalarReader(type);
  return Array.from({ length: rows }, () => read(cursor));
}

function readArrays(
  cursor: Cursor,
  rows: number,
  elements: (count: number) => readonly NativeValue[],
): readonly NativeValue[] {
  const ends = Array.from({ length: rows }, () => readUInt64(cursor));
  const all = elements(ends.at(-1) ?? 0);
  return ends.map((end, row) => all.slice(row === 0 ? 0 : ends[row - 1], end));
}

function readLowCardinality(cursor: Cursor, rows: number): readonly NativeValue[] {
  if (rows === 0) return [];
  const width = 1 << (readUInt64(cursor) - 0x600);
  const dictionary = Array.from({ length: readUInt64(cursor) }, () => readString(cursor));
  const count = readUInt64(cursor);
  if (count !== rows) throw new Error(`LowCardinality has ${count} rows where ${rows} are due`);
  return Array.from({ length: rows }, () => {
    cursor.at += width;
    return dictionary[cursor.bytes.readUIntLE(cursor.at - width, width)]!;
  });
}

function scalarReader(type: string): (cursor: Cursor) => NativeValue {
  const fixed = (size: number, read: (buffer: Buffer, at: number) => number | bigint) => (cursor: Cursor) => {
    cursor.at += size;
    return read(cursor.bytes, cursor.at - size);
  };
  if (type === "String") return readString;
  if (type === "UInt8" || type === "Bool") return fixed(1, (buffer, at) => buffer.readUInt8(at));
  if (type === "Int8" || type.startsWith("Enum8")) return fixed(1, (buffer, at) => buffer.readInt8(at));
  if (type === "UInt16" || type === "Date") return fixed(2, (buffer, at) => buffer.readUInt16LE(at));
  if (type === "Int32") return fixed(4, (buffer, at) => buffer.readInt32LE(at));
  if (type === "UInt32" || type === "DateTime") return fixed(4, (buffer, at) => buffer.readUInt32LE(at));
  if (type === "Float64") return fixed(8, (buffer, at) => buffer.readDoubleLE(at));
  if (type === "UInt64") return fixed(8, (buffer, at) => buffer.readBigUInt64LE(at));
  if (type === "Int64" || type.startsWith("DateTime64"))
    return fixed(8, (buffer, at) => buffer.readBigInt64LE(at));
  throw new Error(`cannot read type "${type}"`);
}
