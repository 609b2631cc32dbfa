import type { ByteSink } from "./byte-sink.ts";

/**
 * One column of a block being built. Values are appended row by row by methods of the concrete class; `rows` counts them.
 * A column is reused for block after block through `reset`.
 */
export interface Column {
  /** ClickHouse's name of the type: "LowCardinality(String)". */
  readonly type: string;
  readonly rows: number;
  /** About how many bytes `write` will produce. */
  readonly sizeBytes: number;
  /** Appends the type's default value: '', 0, an empty array. */
  appendDefault(): void;
  /** Drops all rows but the first `rows`, which are there and complete. */
  truncate(rows: number): void;
  reset(): void;
  /**
   * What the type writes once before any data of the whole column, nested types included (LowCardinality's version). Called also for zero rows.
   */
  writePrefix(sink: ByteSink): void;
  /**
   * The data. Small parts go through `out.sink()`, large ones are handed over as views: those stay valid until the column changes.
   */
  writeData(out: ChunkList): void;
}

/** Collects the bytes of a block without joining them: views of the columns' own memory, ready for one gathering write. */
export interface ChunkList {
  /** A place for small parts, flushed in order with the views. */
  sink(): ByteSink;
  /** Adds a view. Nothing is copied; empty views are ignored. */
  add(view: Uint8Array): void;
}
