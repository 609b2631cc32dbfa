/** Everything behind the write-ahead segments of one table: grouping small ones, and inserting. */
import { GroupLane, type GroupLaneOptions } from "./insert/group-lane.ts";
import { InsertQueue, type InsertQueueOptions } from "./insert/insert-queue.ts";
import type { Insertion, Segment } from "./segments/segment.ts";

export class TableInserts {
  private readonly queue: InsertQueue;
  private readonly groups: GroupLane;

  constructor(options: InsertQueueOptions & Omit<GroupLaneOptions, "queue">) {
    this.queue = new InsertQueue(options);
    this.groups = new GroupLane({ ...options, queue: this.queue });
  }

  /** Segments on disk whose rows are not in the table yet. */
  get pendingSegments(): number {
    return this.queue.pendingSegments + this.groups.pendingSegments;
  }

  /** Those of them that wait for the database. */
  get queuedSegments(): number {
    return this.queue.queuedSegments;
  }

  get pendingBytes(): number {
    return this.queue.pendingBytes + this.groups.pendingBytes;
  }

  /** Takes a segment that was just written. */
  add(segment: Segment): void {
    if (segment.kind === "s") this.groups.add(segment);
    else this.queue.add({ segment, members: [segment] });
  }

  /** Takes what was found on disk at the start. */
  recover(found: Insertion): void {
    this.queue.add(found, true);
  }

  /** Inserts all that is pending; resolves when nothing is left. */
  async drain(): Promise<void> {
    await this.groups.flush();
    await this.queue.idle();
  }

  async stop(): Promise<void> {
    this.queue.stop();
    await this.groups.stop();
  }
}
