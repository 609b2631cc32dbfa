import type { ByteSink } from "./byte-sink.ts";
import { ByteDictionary } from "./byte-dictionary.ts";
import { bytesOf, isOversized, nextCapacity } from "./growing.ts";
import type { ChunkList, Column } from "./column.ts";

const encoder = new TextEncoder();

/** LowCardinality(String) with a dictionary of its own for each block. */
export class LowCardinalityColumn implements Column {
  readonly type = "LowCardinality(String)";
  rows = 0;
  readonly dictionary: ByteDictionary = new ByteDictionary();
  private indexes: Uint32Array = new Uint32Array(64);
  private narrow: Uint8Array = new Uint8Array(0);

  get sizeBytes(): number {
    return this.dictionary.entries.length + this.rows * 2;
  }

  /** Appends the value [start, end) of `source`; `words`: a DataView over the same bytes, which makes it faster. */
  append(source: Uint8Array, start: number, end: number, words?: DataView): void {
    this.appendIndex(this.dictionary.find(source, start, end, words));
  }

  /** Appends a value that the dictionary of this block already has; see `indexOf`. */
  appendIndex(index: number): void {
    if (this.rows === this.indexes.length) this.grow(this.rows + 1);
    this.indexes[this.rows++] = index;
  }

  /** Appends one value that the dictionary of this block already has as `count` rows. */
  appendIndexTimes(index: number, count: number): void {
    const end = this.rows + count;
    if (end > this.indexes.length) this.grow(end);
    this.indexes.fill(index, this.rows, end);
    this.rows = end;
  }

  /** Appends the value [start, end) of `source` as `count` rows; `words` as for `append`. */
  appendTimes(
    source: Uint8Array,
    start: number,
    end: number,
    words: DataView | undefined,
    count: number,
  ): void {
    this.appendIndexTimes(this.dictionary.find(source, start, end, words), count);
  }

  /** The number of a text in this block's dictionary, valid until `reset`. */
  indexOf(value: string): number {
    const bytes = encoder.encode(value);
    return this.dictionary.find(bytes, 0, bytes.length);
  }

  /** The numbers of values in ClickHouse's String encoding, one after another: the view of a String column. */
  indexesOfEncoded(encoded: Uint8Array, count: number): Uint32Array {
    const numbers = new Uint32Array(count);
    for (let row = 0, at = 0; row < count; row++) {
      let size = 0;
      let unit = 1;
      for (; encoded[at]! >= 0x80; unit *= 128) size += (encoded[at++]! & 0x7f) * unit;
      size += encoded[at++]! * unit;
      numbers[row] = this.dictionary.find(encoded, at, at + size);
      at += size;
    }
    return numbers;
  }

  /** This column's rows as numbers of another column's dictionary. */
  indexesIn(other: LowCardinalityColumn): Uint32Array {
    const numbers = other.dictionary.merge(this.dictionary);
    return this.indexes.subarray(0, this.rows).map((index) => numbers[index]!);
  }

  /** The number of a row's value. */
  indexAt(row: number): number {
    return this.indexes[row]!;
  }

  /**
   * Counts the rows [from, to) by value: adds to `counts`, which has an element for each number of the dictionary, and puts numbers whose count was 0
   * into `seen`.
   */
  countRows(from: number, to: number, counts: Uint32Array, seen: number[]): void {
    const { indexes } = this;
    for (let row = from; row < to; row++) {
      const index = indexes[row]!;
      if (counts[index]!++ === 0) seen.push(index);
    }
  }

  appendText(value: string): void {
    this.appendIndex(this.indexOf(value));
  }

  /** Appends values that the dictionary of this block already has. */
  appendIndexes(indexes: Uint32Array): void {
    const needed = this.rows + indexes.length;
    if (needed > this.indexes.length) this.grow(needed);
    // They are few, for which a loop beats the call of `set`.
    for (let from = 0, at = this.rows; at < needed;) this.indexes[at++] = indexes[from++]!;
    this.rows = needed;
  }

  /** Appends `indexes` `count` times, one after the other. */
  appendIndexesTimes(indexes: Uint32Array, count: number): void {
    const start = this.rows;
    const end = start + indexes.length * count;
    if (end > this.indexes.length) this.grow(end);
    if (start === end) return;
    this.indexes.set(indexes, start);
    // What is there already is copied behind itself, twice as much each time.
    for (let at = start + indexes.length; at < end; at += at - start) {
      this.indexes.copyWithin(at, start, Math.min(at, start + end - at));
    }
    this.rows = end;
  }

  private grow(needed: number): void {
    const larger = new Uint32Array(nextCapacity(this.indexes.length, needed));
    larger.set(this.indexes.subarray(0, this.rows));
    this.indexes = larger;
  }

  appendDefault(): void {
    this.appendIndex(0);
  }

  /** Entries of the dictionary that only the dropped rows used stay; they are harmless. */
  truncate(rows: number): void {
    this.rows = rows;
  }

  reset(): void {
    if (isOversized(this.indexes.byteLength, this.rows * 4)) this.indexes = new Uint32Array(64);
    if (isOversized(this.narrow.length, this.rows * 2)) this.narrow = new Uint8Array(0);
    this.rows = 0;
    this.dictionary.reset();
  }

  /** Version 1: "shared dictionaries with additional keys". */
  writePrefix(sink: ByteSink): void {
    sink.uint64(1);
  }

  /** Flags (0x600: own keys, new dictionary; plus the width of an index), dictionary, indexes. Nothing for zero rows. */
  writeData(out: ChunkList): void {
    if (this.rows === 0) return;
    const size = this.dictionary.size;
    const width = size <= 256 ? 1 : size <= 65_536 ? 2 : 4;
    out.sink().uint64(0x600 + (width === 4 ? 2 : width - 1));
    out.sink().uint64(size);
    out.add(this.dictionary.entries.view());
    out.sink().uint64(this.rows);
    out.add(this.indexBytes(width));
  }

  private indexBytes(width: 1 | 2 | 4): Uint8Array {
    if (width === 4) return bytesOf(this.indexes, this.rows);
    const size = this.rows * width;
    if (this.narrow.length < size) this.narrow = new Uint8Array(nextCapacity(this.narrow.length, size + 1));
    const target =
      width === 1 ? this.narrow : new Uint16Array(this.narrow.buffer, 0, this.narrow.length >> 1);
    target.set(this.indexes.subarray(0, this.rows));
    return this.narrow.subarray(0, size);
  }
}
