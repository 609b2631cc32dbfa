import { viewOf } from "./number.ts";

/** Writes protobuf into one buffer that doubles when it is full. The written part is [0, length). */
export class Writer {
  bytes: Uint8Array;
  length = 0;

  constructor(capacity = 1024) {
    this.bytes = new Uint8Array(Math.max(capacity, 16));
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** A varint of an unsigned integer below 2^53. */
  varint(value: number): void {
    this.reserve(10);
    this.length = this.placeVarint(this.length, value);
  }

  /** Writes a varint at `at`, where there must be room; returns its end. */
  private placeVarint(at: number, value: number): number {
    let position = at;
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[position++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.bytes[position++] = rest;
    return position;
  }

  /** A varint of 64 bits; negative values as two's complement (10 bytes). */
  varint64(value: bigint): void {
    this.reserve(10);
    let rest = BigInt.asUintN(64, value);
    while (rest >= 0x80n) {
      this.bytes[this.length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.bytes[this.length++] = Number(rest);
  }

  tag(number: number, wireType: number): void {
    this.varint(number * 8 + wireType);
  }

  fixed32(value: number): void {
    this.reserve(4);
    viewOf(this.bytes).setUint32(this.length, value, true);
    this.length += 4;
  }

  fixed64(value: bigint): void {
    this.reserve(8);
    viewOf(this.bytes).setBigUint64(this.length, BigInt.asUintN(64, value), true);
    this.length += 8;
  }

  double(value: number): void {
    this.reserve(8);
    viewOf(this.bytes).setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** Copies [start, end) of `source` as it is. */
  raw(source: Uint8Array, start: number, end: number): void {
    const count = end - start;
    this.reserve(count);
    if (count < 24) {
      for (let at = start; at < end; at++) this.bytes[this.length++] = source[at]!;
      return;
    }
    this.bytes.set(source.subarray(start, end), this.length);
    this.length += count;
  }

  /** Length and bytes. */
  lengthDelimited(value: Uint8Array): void {
    this.varint(value.length);
    this.raw(value, 0, value.length);
  }

  /** Length and UTF-8; lone surrogates become U+FFFD. */
  text(value: string): void {
    const place = this.begin(value.length);
    // A UTF-16 unit is at most 3 bytes of UTF-8.
    this.reserve(value.length * 3);
    const { written } = encoder.encodeInto(value, this.bytes.subarray(this.length));
    this.length += written;
    this.end(place);
  }

  /** Starts something with a length prefix, with room for a length like `expected`; give the result to `end`. */
  begin(expected: number): number {
    const room = varintSize(expected);
    this.reserve(room);
    this.length += room;
    return this.length * 8 + room;
  }

  /** Writes the length before what was written since `begin`, moving it when the prefix needs another size. */
  end(place: number): void {
    const room = place % 8;
    const start = (place - room) / 8;
    const size = this.length - start;
    const needed = varintSize(size);
    if (needed !== room) {
      this.reserve(8);
      this.bytes.copyWithin(start - room + needed, start, this.length);
    }
    // Not by `varint`: were the buffer to grow for it, it would keep only what lies before the prefix.
    this.length = this.placeVarint(start - room, size) + size;
  }
}

const encoder = new TextEncoder();

/** Bytes that a varint of an unsigned integer takes. */
function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest /= 128) size++;
  return size;
}
