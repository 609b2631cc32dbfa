/**
 * Distinct byte strings, numbered from 0 in order of first sight; 0 is always ''. Open addressing over a table of numbers, no object per
 * entry. Layout: `entries` holds the strings in ClickHouse's String encoding one after another; `starts[n]` and `ends[n]` are the bounds
 * of string n's bytes (behind its length) in it; `table` holds n + 1 at the string's hash, 0 where free.
 */
import { ByteSink } from "./byte-sink.ts";
import { equalBytes } from "./byte-words.ts";
import { isOversized } from "./growing.ts";

export class ByteDictionary {
  readonly entries: ByteSink = new ByteSink();
  size = 0;
  private starts: Uint32Array = new Uint32Array(16);
  private ends: Uint32Array = new Uint32Array(16);
  private hashes: Uint32Array = new Uint32Array(16);
  /** The entry that followed this one last time: attribute keys come in the same order again and again, and comparing beats hashing. */
  private successors: Uint32Array = new Uint32Array(16);
  private table: Uint32Array = new Uint32Array(64);
  private previous = 0;

  constructor() {
    this.find(this.entries.bytes, 0, 0);
  }

  /** The number of [start, end) of `source`, added when new; `words`: a DataView over the same bytes, which makes it faster. */
  find(source: Uint8Array, start: number, end: number, words?: DataView): number {
    const expected = this.successors[this.previous]!;
    if (this.matches(expected, source, words, start, end)) {
      this.previous = expected;
      return expected;
    }
    const found = this.lookUp(source, words, start, end);
    this.successors[this.previous] = found;
    this.previous = found;
    return found;
  }

  private matches(
    entry: number,
    source: Uint8Array,
    words: DataView | undefined,
    start: number,
    end: number,
  ): boolean {
    if (entry >= this.size) return false;
    const at = this.starts[entry]!;
    if (this.ends[entry]! - at !== end - start) return false;
    const { entries } = this;
    return equalBytes(source, words, start, end, entries.bytes, entries.words, at);
  }

  private lookUp(source: Uint8Array, words: DataView | undefined, start: number, end: number): number {
    let hash = 0x811c9dc5;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ source[at]!, 0x01000193);
    // FNV's low bits are weak for short strings.
    hash = (hash ^ (hash >>> 15)) >>> 0;
    const mask = this.table.length - 1;
    let place = hash & mask;
    for (;;) {
      const entry = this.table[place]! - 1;
      if (entry === -1) break;
      if (this.hashes[entry] === hash && this.matches(entry, source, words, start, end)) return entry;
      place = (place + 1) & mask;
    }
    return this.add(source, start, end, hash, place);
  }

  private add(source: Uint8Array, start: number, end: number, hash: number, place: number): number {
    if (this.size === this.starts.length) this.growEntries();
    const entry = this.size++;
    this.entries.string(source, start, end);
    this.ends[entry] = this.entries.length;
    this.starts[entry] = this.entries.length - (end - start);
    this.hashes[entry] = hash;
    this.successors[entry] = 0;
    this.table[place] = entry + 1;
    if (this.size * 2 > this.table.length) this.rebuildTable();
    return entry;
  }

  private growEntries(): void {
    const grown = (old: Uint32Array): Uint32Array => {
      const larger = new Uint32Array(old.length * 2);
      larger.set(old);
      return larger;
    };
    this.starts = grown(this.starts);
    this.ends = grown(this.ends);
    this.hashes = grown(this.hashes);
    this.successors = grown(this.successors);
  }

  private rebuildTable(): void {
    this.table = new Uint32Array(this.table.length * 2);
    const mask = this.table.length - 1;
    for (let entry = 0; entry < this.size; entry++) {
      let place = this.hashes[entry]! & mask;
      while (this.table[place] !== 0) place = (place + 1) & mask;
      this.table[place] = entry + 1;
    }
  }

  /** The number in this dictionary of one entry of another. */
  findEntry(other: ByteDictionary, entry: number): number {
    return this.find(other.entries.bytes, other.starts[entry]!, other.ends[entry]!, other.entries.words);
  }

  /** Numbers in this dictionary of all entries of another, by its numbers. */
  merge(other: ByteDictionary): Uint32Array {
    const numbers = new Uint32Array(other.size);
    for (let entry = 0; entry < other.size; entry++) {
      numbers[entry] = this.findEntry(other, entry);
    }
    return numbers;
  }

  reset(): void {
    if (isOversized(this.table.byteLength, this.size * 8)) {
      this.starts = new Uint32Array(16);
      this.ends = new Uint32Array(16);
      this.hashes = new Uint32Array(16);
      this.successors = new Uint32Array(16);
      this.table = new Uint32Array(64);
    } else {
      this.table.fill(0);
    }
    this.entries.reset();
    this.size = 0;
    this.previous = 0;
    this.find(this.entries.bytes, 0, 0);
  }
}
