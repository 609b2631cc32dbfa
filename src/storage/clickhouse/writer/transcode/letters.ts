import type { LowCardinalityColumn } from "../native/low-cardinality-column.ts";

/** Collects the type letters of one map, then appends them as the row of its types column. */
export class Letters {
  private bytes: Uint8Array = new Uint8Array(32);
  private words: DataView = new DataView(this.bytes.buffer);
  count = 0;

  add(letter: number): void {
    if (this.count === this.bytes.length) {
      const larger = new Uint8Array(this.count * 2);
      larger.set(this.bytes);
      this.bytes = larger;
      this.words = new DataView(larger.buffer);
    }
    this.bytes[this.count++] = letter;
  }

  /** The number of the collected word in a column's dictionary. */
  indexIn(column: LowCardinalityColumn): number {
    return column.dictionary.find(this.bytes, 0, this.count, this.words);
  }

  /** Appends the word as a row and starts the next. */
  flush(column: LowCardinalityColumn): void {
    column.append(this.bytes, 0, this.count, this.words);
    this.count = 0;
  }

  clear(): void {
    this.count = 0;
  }
}
