import type { Block } from "../native/block.ts";

/** The open block of one table. */
export interface TableBlock {
  readonly table: string;
  readonly block: Block;
}

/** The open blocks of the tables that one signal fills; a transcoder knows the columns behind them. */
export interface BlockSet {
  readonly tables: readonly TableBlock[];
  /**
   * Called once before the blocks are written: fills those that are made of the others. Returns how many attribute keys had no room in the
   * catalogue.
   */
  complete?(): number;
}

/** Bounds of one block: a segment is never larger, save by what one row adds. */
export const maxBlockRows = 200_000;
export const maxBlockBytes: number = 64 * 1024 * 1024;

export function rowsOf(blocks: BlockSet): number {
  let rows = 0;
  for (const { block } of blocks.tables) rows += block.rows;
  return rows;
}

export function sizeOf(blocks: BlockSet): number {
  let size = 0;
  for (const { block } of blocks.tables) if (block.rows > 0) size += block.sizeBytes;
  return size;
}

export function resetBlocks(blocks: BlockSet): void {
  for (const { block } of blocks.tables) block.reset();
}
