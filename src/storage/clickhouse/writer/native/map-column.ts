import type { ByteSink } from "./byte-sink.ts";
import type { ChunkList, Column } from "./column.ts";
import { WideColumn } from "./fixed-columns.ts";
import { LowCardinalityColumn } from "./low-cardinality-column.ts";
import { StringColumn } from "./string-column.ts";

/**
 * Map(K, V): pairs are appended to `keys` and `values`, then `endRow` closes the row. Order and repeated keys are kept.
 * On the wire it is Array((K, V)).
 */
export class MapColumn<K extends Column, V extends Column> implements Column {
  readonly type: string;
  readonly keys: K;
  readonly values: V;
  private readonly ends: WideColumn = new WideColumn("UInt64");

  constructor(keys: K, values: V) {
    this.type = `Map(${keys.type}, ${values.type})`;
    this.keys = keys;
    this.values = values;
  }

  get rows(): number {
    return this.ends.rows;
  }

  get sizeBytes(): number {
    return this.keys.sizeBytes + this.values.sizeBytes + this.ends.sizeBytes;
  }

  /** Closes a row: its pairs are those appended since the last one. */
  endRow(): void {
    this.ends.append(this.keys.rows, 0);
  }

  /** Closes `count` rows of `size` pairs each, which are all that were appended since the last one. */
  endRowsOf(size: number, count: number): void {
    let end = this.keys.rows - size * count;
    for (let row = 0; row < count; row++) this.ends.append((end += size), 0);
  }

  /** Number of the first pair of a row, or behind the last pair of the last row. */
  firstPair(row: number): number {
    return row === 0 ? 0 : this.ends.lowAt(row - 1);
  }

  appendDefault(): void {
    this.endRow();
  }

  truncate(rows: number): void {
    this.ends.truncate(rows);
    const pairs = this.firstPair(rows);
    this.keys.truncate(pairs);
    this.values.truncate(pairs);
  }

  reset(): void {
    this.ends.reset();
    this.keys.reset();
    this.values.reset();
  }

  writePrefix(sink: ByteSink): void {
    this.keys.writePrefix(sink);
    this.values.writePrefix(sink);
  }

  writeData(out: ChunkList): void {
    this.ends.writeData(out);
    this.keys.writeData(out);
    this.values.writeData(out);
  }
}

/** Attributes of an item: keys repeat, values may be anything. */
export type AttributesColumn = MapColumn<LowCardinalityColumn, StringColumn>;

export function attributesColumn(): AttributesColumn {
  return new MapColumn(new LowCardinalityColumn(), new StringColumn());
}

/** Attributes of what many items share (resource, scope): values repeat as keys do. */
export type SharedAttributesColumn = MapColumn<LowCardinalityColumn, LowCardinalityColumn>;

export function sharedAttributesColumn(): SharedAttributesColumn {
  return new MapColumn(new LowCardinalityColumn(), new LowCardinalityColumn());
}

/** Map(String, String): keys that hardly repeat. */
export type TextMapColumn = MapColumn<StringColumn, StringColumn>;

export function textMapColumn(): TextMapColumn {
  return new MapColumn(new StringColumn(), new StringColumn());
}
