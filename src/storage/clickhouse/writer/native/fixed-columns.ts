/** Columns of fixed width. Values lie in typed arrays, which are little-endian on every platform that Node supports for us. */
import { bytesOf, isOversized, nextCapacity } from "./growing.ts";
import type { ChunkList, Column } from "./column.ts";

type NumberArray = Uint8Array | Uint16Array | Uint32Array;

/** UInt8, UInt16, Date, UInt32, DateTime and Int32. */
export class NumberColumn implements Column {
  readonly type: string;
  rows = 0;
  private values: NumberArray;
  private readonly create: (length: number) => NumberArray;

  constructor(type: "UInt8" | "UInt16" | "Date" | "UInt32" | "DateTime" | "Int32") {
    this.type = type;
    if (type === "UInt8") this.create = (length) => new Uint8Array(length);
    else if (type === "UInt16" || type === "Date") this.create = (length) => new Uint16Array(length);
    else this.create = (length) => new Uint32Array(length);
    this.values = this.create(64);
  }

  get sizeBytes(): number {
    return this.rows * this.values.BYTES_PER_ELEMENT;
  }

  /** Appends the low bits of an integer; a negative one as two's complement. */
  append(value: number): void {
    if (this.rows === this.values.length) this.grow(this.rows + 1);
    this.values[this.rows++] = value;
  }

  /** Appends a value as `count` rows. */
  appendTimes(value: number, count: number): void {
    const end = this.rows + count;
    if (end > this.values.length) this.grow(end);
    this.values.fill(value, this.rows, end);
    this.rows = end;
  }

  private grow(needed: number): void {
    const larger = this.create(nextCapacity(this.values.length, needed));
    larger.set(this.values.subarray(0, this.rows));
    this.values = larger;
  }

  appendDefault(): void {
    this.append(0);
  }

  truncate(rows: number): void {
    this.rows = rows;
  }

  reset(): void {
    if (isOversized(this.values.byteLength, this.sizeBytes)) this.values = this.create(64);
    this.rows = 0;
  }

  writePrefix(): void {}

  writeData(out: ChunkList): void {
    out.add(bytesOf(this.values, this.rows));
  }
}

/** UInt64, Int64, DateTime64, Float64: 64 bits as two words, so that no bigint is made per value. */
export class WideColumn implements Column {
  readonly type: string;
  rows = 0;
  private words: Uint32Array = new Uint32Array(128);
  private floats: Float64Array = new Float64Array(this.words.buffer);

  constructor(type: string) {
    this.type = type;
  }

  get sizeBytes(): number {
    return this.rows * 8;
  }

  /** Appends 64 bits given as two unsigned (or two's complement) words. */
  append(low: number, high: number): void {
    if (this.rows === this.floats.length) this.grow(this.rows + 1);
    const at = this.rows++ * 2;
    this.words[at] = low;
    this.words[at + 1] = high;
  }

  /** Appends the 64-bit values, little-endian, in [start, end) of `source`. */
  appendWords(source: DataView, start: number, end: number): void {
    const rows = this.rows + (end - start) / 8;
    if (rows > this.floats.length) this.grow(rows);
    const { words } = this;
    for (let from = start, to = this.rows * 2; from < end; from += 4) {
      words[to++] = source.getUint32(from, true);
    }
    this.rows = rows;
  }

  /** Appends the same as `count` rows. */
  appendTimes(low: number, high: number, count: number): void {
    const end = this.rows + count;
    if (end > this.floats.length) this.grow(end);
    for (let at = this.rows * 2; at < end * 2;) {
      this.words[at++] = low;
      this.words[at++] = high;
    }
    this.rows = end;
  }

  /** Appends an integer below 2^53, as UInt64. */
  appendInteger(value: number): void {
    this.append(value % 4294967296, Math.floor(value / 4294967296));
  }

  appendBigint(value: bigint): void {
    this.append(Number(value & 0xffffffffn), Number((value >> 32n) & 0xffffffffn));
  }

  /** Appends a Float64. */
  appendFloat(value: number): void {
    if (this.rows === this.floats.length) this.grow(this.rows + 1);
    this.floats[this.rows++] = value;
  }

  lowAt(row: number): number {
    return this.words[row * 2]!;
  }

  highAt(row: number): number {
    return this.words[row * 2 + 1]!;
  }

  private grow(needed: number): void {
    const larger = new Uint32Array(nextCapacity(this.floats.length, needed) * 2);
    larger.set(this.words.subarray(0, this.rows * 2));
    this.words = larger;
    this.floats = new Float64Array(larger.buffer);
  }

  appendDefault(): void {
    this.append(0, 0);
  }

  truncate(rows: number): void {
    this.rows = rows;
  }

  reset(): void {
    if (isOversized(this.words.byteLength, this.rows * 8)) {
      this.words = new Uint32Array(128);
      this.floats = new Float64Array(this.words.buffer);
    }
    this.rows = 0;
  }

  writePrefix(): void {}

  writeData(out: ChunkList): void {
    out.add(bytesOf(this.words, this.rows * 2));
  }
}
