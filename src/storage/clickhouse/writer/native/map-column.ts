import type { ByteSink } from "./byte-sink.ts";
import type { ChunkList, Column } from "./column.ts";
import { WideColumn } from "./fixed-columns.ts";
import { LowCardinalityColumn } from "./low-cardinality-column.ts";
import { StringColumn } from "./string-column.ts";

/**
 * Map(K, String): pairs are appended to `keys` and `values`, then `endRow` closes the row. Order and repeated keys are kept.
 * On the wire it is Array((K, String)).
 */
export class MapColumn<K extends Column> implements Column {
  readonly type: string;
  readonly keys: K;
  readonly values: StringColumn = new StringColumn();
  private readonly ends: WideColumn = new WideColumn("UInt64");

  constructor(keys: K) {
    this.type = `Map(${keys.type}, String)`;
    this.keys = keys;
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

  appendDefault(): void {
    this.endRow();
  }

  mark(): void {
    this.ends.mark();
    this.keys.mark();
    this.values.mark();
  }

  rollback(): void {
    this.ends.rollback();
    this.keys.rollback();
    this.values.rollback();
  }

  reset(): void {
    this.ends.reset();
    this.keys.reset();
    this.values.reset();
  }

  appendColumn(other: Column): void {
    const from = other as MapColumn<K>;
    from.ends.appendTo(this.ends, this.keys.rows);
    this.keys.appendColumn(from.keys);
    this.values.appendColumn(from.values);
  }

  writePrefix(sink: ByteSink): void {
    this.keys.writePrefix(sink);
  }

  writeData(out: ChunkList): void {
    this.ends.writeData(out);
    this.keys.writeData(out);
    this.values.writeData(out);
  }
}

/** The type of all attribute columns. */
export type AttributesColumn = MapColumn<LowCardinalityColumn>;

export function attributesColumn(): AttributesColumn {
  return new MapColumn(new LowCardinalityColumn());
}

/** Map(String, String): keys that hardly repeat. */
export type TextMapColumn = MapColumn<StringColumn>;

export function textMapColumn(): TextMapColumn {
  return new MapColumn(new StringColumn());
}
