import type { ByteSink } from "./byte-sink.ts";
import type { ChunkList, Column } from "./column.ts";
import { WideColumn } from "./fixed-columns.ts";

/** Array(T): elements are appended to `element`, then `endRow` closes the row. */
export class ArrayColumn<E extends Column> implements Column {
  readonly type: string;
  readonly element: E;
  private readonly ends: WideColumn = new WideColumn("UInt64");

  constructor(element: E) {
    this.type = `Array(${element.type})`;
    this.element = element;
  }

  get rows(): number {
    return this.ends.rows;
  }

  get sizeBytes(): number {
    return this.element.sizeBytes + this.ends.sizeBytes;
  }

  /** Closes a row: its elements are those appended since the last one. */
  endRow(): void {
    this.ends.append(this.element.rows, 0);
  }

  /** Closes `count` rows, the first with the elements appended since the last one, the others empty. */
  endRows(count: number): void {
    this.ends.appendTimes(this.element.rows, 0, count);
  }

  appendDefault(): void {
    this.endRow();
  }

  truncate(rows: number): void {
    this.ends.truncate(rows);
    this.element.truncate(rows === 0 ? 0 : this.ends.lowAt(rows - 1));
  }

  reset(): void {
    this.ends.reset();
    this.element.reset();
  }

  writePrefix(sink: ByteSink): void {
    this.element.writePrefix(sink);
  }

  writeData(out: ChunkList): void {
    this.ends.writeData(out);
    this.element.writeData(out);
  }
}
