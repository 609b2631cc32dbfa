import { copyBytes } from "./byte-words.ts";
import { nextCapacity } from "./growing.ts";

/**
 * Bytes that grow: what every column writes into. The written part is `bytes` [0, length); `bytes` is replaced when it grows, so nobody
 * keeps it across a write. Hot (benchmark: bench/ingest.ts): callers in this folder write to `bytes` directly after `reserve`.
 */
export class ByteSink {
  bytes: Uint8Array;
  /** Over the same memory as `bytes`, and replaced with it. */
  words: DataView;
  length = 0;
  private readonly initialCapacity: number;

  constructor(capacity = 256) {
    this.initialCapacity = capacity;
    this.bytes = new Uint8Array(capacity);
    this.words = new DataView(this.bytes.buffer);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed > this.bytes.length) this.grow(needed);
  }

  private grow(needed: number): void {
    const larger = new Uint8Array(nextCapacity(this.bytes.length, needed));
    larger.set(this.bytes.subarray(0, this.length));
    this.replace(larger);
  }

  private replace(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.words = new DataView(bytes.buffer);
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** A varuint of an integer below 2^53. */
  varuint(value: number): void {
    this.reserve(8);
    this.length = putVaruint(this.bytes, this.length, value);
  }

  /** A little-endian UInt64 of an integer below 2^53. */
  uint64(value: number): void {
    this.reserve(8);
    let rest = value;
    for (let index = 0; index < 8; index++) {
      this.bytes[this.length++] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }

  /** Copies [start, end) of `source`; `words`: a DataView over the same bytes, which makes it faster. */
  raw(source: Uint8Array, start: number, end: number, words?: DataView): void {
    this.reserve(end - start);
    this.length = copyBytes(source, words, start, end, this.bytes, this.words, this.length);
  }

  /** Varuint length and bytes: ClickHouse's String. `words` as for `raw`. */
  string(source: Uint8Array, start: number, end: number, words?: DataView): void {
    const size = end - start;
    this.reserve(size + 8);
    const at = putVaruint(this.bytes, this.length, size);
    this.length = copyBytes(source, words, start, end, this.bytes, this.words, at);
  }

  /** Varuint length and UTF-8 of a JavaScript string; lone surrogates become U+FFFD. */
  text(value: string): void {
    const units = value.length;
    if (units <= shortText && this.shortAscii(value)) return;
    // A UTF-16 unit is at most 3 bytes of UTF-8.
    this.reserve(units * 3 + 8);
    const lengthAt = this.length;
    const room = varuintSize(units);
    const { written } = encoder.encodeInto(value, this.bytes.subarray(lengthAt + room));
    const needed = varuintSize(written);
    if (needed !== room) {
      this.bytes.copyWithin(lengthAt + needed, lengthAt + room, lengthAt + room + written);
    }
    putVaruint(this.bytes, lengthAt, written);
    this.length = lengthAt + needed + written;
  }

  /** Numbers and such: writing the characters beats the call of the encoder. False, and nothing written, for others. */
  private shortAscii(value: string): boolean {
    const units = value.length;
    this.reserve(units + 1);
    const { bytes, length } = this;
    for (let index = 0; index < units; index++) {
      const unit = value.charCodeAt(index);
      if (unit >= 0x80) return false;
      bytes[length + 1 + index] = unit;
    }
    bytes[length] = units;
    this.length = length + 1 + units;
    return true;
  }

  /** Forgets what was written; gives memory back when the last use needed only a small part of it. */
  reset(): void {
    if (this.bytes.length > 65_536 && this.length < this.bytes.length / 8) {
      this.replace(new Uint8Array(this.initialCapacity));
    }
    this.length = 0;
  }

  /** The written part, sharing the memory. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

const encoder = new TextEncoder();
const shortText = 32;

/** Writes a varuint at `at` (room of 8 bytes assumed) and returns the offset behind it. */
export function putVaruint(bytes: Uint8Array, at: number, value: number): number {
  let position = at;
  let rest = value;
  while (rest >= 0x80) {
    bytes[position++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  bytes[position++] = rest;
  return position;
}

function varuintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest /= 128) size++;
  return size;
}
