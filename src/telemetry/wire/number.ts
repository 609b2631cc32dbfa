import { MalformedWireError } from "./malformed.ts";

// Making a DataView or Buffer per value would cost more than the read; batches are read one array at a time.
let viewedBytes: Uint8Array = new Uint8Array(0);
let view = new DataView(viewedBytes.buffer);
let buffer: Buffer = Buffer.alloc(0);

function look(bytes: Uint8Array): void {
  viewedBytes = bytes;
  view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A Buffer over the same memory. */
export function bufferOf(bytes: Uint8Array): Buffer {
  if (bytes !== viewedBytes) look(bytes);
  return buffer;
}

/** A DataView over the same memory. */
export function viewOf(bytes: Uint8Array): DataView {
  if (bytes !== viewedBytes) look(bytes);
  return view;
}

/** UTF-8 text in [start, end); invalid sequences read as U+FFFD. */
export function readText(bytes: Uint8Array, start: number, end: number): string {
  return start === end ? "" : bufferOf(bytes).toString("utf8", start, end);
}

/** The end (exclusive) of the varint at `at`. Throws when it passes `end` or has more than 10 bytes. */
export function varintEnd(bytes: Uint8Array, at: number, end: number): number {
  let position = at;
  while (position < end) {
    if (bytes[position++]! < 0x80) return position;
    if (position - at === 10) throw new MalformedWireError("varint has more than 10 bytes", at);
  }
  throw new MalformedWireError("varint is cut off", at);
}

/**
 * The varint in [at, end) as an unsigned number: exact below 2^53, larger values are only known to be larger.
 * For tags and lengths, which must be small anyway.
 */
export function readVarintNumber(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  let unit = 1;
  for (let position = at; position < end; position++) {
    value += (bytes[position]! & 0x7f) * unit;
    unit *= 128;
  }
  return value;
}

/** The low 32 bits of the varint in [at, end), signed: how int32, enum and bool are read. */
export function readVarint32(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (let position = at, shift = 0; position < end && shift < 32; position++, shift += 7) {
    value |= (bytes[position]! & 0x7f) << shift;
  }
  return value;
}

/** The varint in [at, end) as unsigned 64 bits. */
export function readVarint64(bytes: Uint8Array, at: number, end: number): bigint {
  // Two numbers of 28 bits and one of the rest: bigint arithmetic once instead of per byte.
  let low = 0;
  let middle = 0;
  let high = 0;
  for (let position = at, index = 0; position < end; position++, index++) {
    const bits = bytes[position]! & 0x7f;
    if (index < 4) low |= bits << (7 * index);
    else if (index < 8) middle |= bits << (7 * (index - 4));
    else high |= bits << (7 * (index - 8));
  }
  if (middle === 0 && high === 0) return BigInt(low);
  return BigInt.asUintN(64, (BigInt(high) << 56n) | (BigInt(middle) << 28n) | BigInt(low));
}

/** Zigzag of 32 bits, as sint32 uses it. */
export function decodeZigzag(value: number): number {
  return (value >>> 1) ^ -(value & 1);
}
