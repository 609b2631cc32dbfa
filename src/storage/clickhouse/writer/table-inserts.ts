/** Everything behind the write-ahead segments of one table: merging small ones, and inserting. */
import type { TableBlock } from "./commit/blocks.ts";
import { InsertQueue, type InsertQueueOptions } from "./insert/insert-queue.ts";
import { MergeLane, type MergeLaneOptions } from "./insert/merge-lane.ts";
import type { Segment } from "./segments/segment.ts";

export class TableInserts {
  private readonly queue: InsertQueue;
  private readonly merge: MergeLane;

  constructor(options: InsertQueueOptions & Omit<MergeLaneOptions, "queue">) {
    this.queue = new InsertQueue(options);
    this.merge = new MergeLane({ ...options, queue: this.queue });
  }

  /** Segments on disk whose rows are not in the table yet. */
  get pendingSegments(): number {
    return this.queue.pendingSegments + this.merge.pendingSegments;
  }

  /** Those of them that wait for the database. */
  get queuedSegments(): number {
    return this.queue.pendingSegments;
  }

  get pendingBytes(): number {
    return this.queue.pendingBytes + this.merge.pendingBytes;
  }

  /** Takes a segment that was just written, with its rows. */
  add(segment: Segment, rows: TableBlock): void {
    if (segment.kind === "s") this.merge.add(segment, rows);
    else this.queue.add(segment);
  }

  /** Takes a segment found on disk at the start. */
  recover(segment: Segment): void {
    this.queue.add(segment, true);
  }

  /** Inserts all that is pending; resolves when nothing is left. */
  async drain(): Promise<void> {
    await this.merge.flush();
    await this.queue.idle();
  }

  async stop(): Promise<void> {
    this.queue.stop();
    await this.merge.stop();
  }
}
