import type { ByteSink } from "./byte-sink.ts";
import type { ChunkList, Column } from "./column.ts";
import { WideColumn } from "./fixed-columns.ts";
import { LowCardinalityColumn } from "./low-cardinality-column.ts";
import { StringColumn } from "./string-column.ts";

/**
 * Map(LowCardinality(String), String), the type of all attributes: pairs are appended to `keys` and `values`, then `endRow` closes the row.
 * Order and repeated keys are kept.
 */
export class AttributesColumn implements Column {
  readonly type = "Map(LowCardinality(String), String)";
  readonly keys: LowCardinalityColumn = new LowCardinalityColumn();
  readonly values: StringColumn = new StringColumn();
  private readonly ends: WideColumn = new WideColumn("UInt64");

  get rows(): number {
    return this.ends.rows;
  }

  get sizeBytes(): number {
    return this.keys.sizeBytes + this.values.sizeBytes + this.ends.sizeBytes;
  }

  endRow(): void {
    this.ends.append(this.keys.rows, 0);
  }

  appendDefault(): void {
    this.endRow();
  }

  /**
   * Appends a copy of pairs appended before: pairs [fromPair, fromPair + count), whose values' bytes are [fromByte, toByte) of `values.sink`;
   * and closes the row.
   */
  repeatRow(fromPair: number, count: number, fromByte: number, toByte: number): void {
    this.keys.repeat(fromPair, count);
    this.values.repeat(fromByte, toByte, count);
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
    const from = other as AttributesColumn;
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
