/**
 * One Native block for one table: columns by name, written as ClickHouse's `FORMAT Native` (column count, row count, then name, type and
 * data of each column). Layout checked against chDB in native.test.ts; where it is described: ClickHouse docs, "Native format".
 */
import { ByteSink } from "./byte-sink.ts";
import type { ChunkList, Column } from "./column.ts";

export interface NamedColumn {
  readonly name: string;
  readonly column: Column;
}

/** The columns of a block; all have equal `rows` whenever the block is written. */
export class Block {
  private readonly columns: readonly NamedColumn[];

  constructor(columns: readonly NamedColumn[]) {
    this.columns = columns;
  }

  get names(): readonly string[] {
    return this.columns.map((named) => named.name);
  }

  get rows(): number {
    return this.columns[0]?.column.rows ?? 0;
  }

  /** About the size of `chunks`. */
  get sizeBytes(): number {
    let size = 0;
    for (const { column } of this.columns) size += column.sizeBytes;
    return size;
  }

  /** Drops all rows but the first `rows`, also those of which some columns lack theirs. */
  truncate(rows: number): void {
    for (const { column } of this.columns) column.truncate(rows);
  }

  reset(): void {
    for (const { column } of this.columns) column.reset();
  }

  /**
   * The block's bytes as pieces, in order, without joining them. They share the columns' memory: valid until the block changes.
   * Throws when columns differ in length, which is a mistake of the transcoder.
   */
  chunks(): readonly Uint8Array[] {
    const out = new Chunks();
    out.sink().varuint(this.columns.length);
    out.sink().varuint(this.rows);
    for (const { name, column } of this.columns) {
      if (column.rows !== this.rows) {
        throw new Error(`column "${name}" has ${column.rows} rows where the block has ${this.rows}`);
      }
      out.sink().text(name);
      out.sink().text(column.type);
      column.writePrefix(out.sink());
      column.writeData(out);
    }
    return out.finish();
  }
}

class Chunks implements ChunkList {
  private readonly small: ByteSink = new ByteSink(4096);
  private readonly pieces: (Uint8Array | { readonly start: number; readonly end: number })[] = [];
  private taken = 0;

  sink(): ByteSink {
    return this.small;
  }

  add(view: Uint8Array): void {
    if (view.length === 0) return;
    // A small view costs more as a piece of a gathering write than its copy.
    if (view.length < 512) {
      this.small.raw(view, 0, view.length);
      return;
    }
    this.cut();
    this.pieces.push(view);
  }

  private cut(): void {
    if (this.small.length > this.taken) this.pieces.push({ start: this.taken, end: this.small.length });
    this.taken = this.small.length;
  }

  finish(): readonly Uint8Array[] {
    this.cut();
    return this.pieces.map((piece) =>
      piece instanceof Uint8Array ? piece : this.small.bytes.subarray(piece.start, piece.end),
    );
  }
}
