/**
 * Collects the rows of small segments of one table and makes one larger insert of them, so that many small requests cost few inserts.
 * The rows are safe all the time: the merged segment is on disk before the small ones go, and while both exist the merged one counts.
 */
import type { Clock } from "../../../../base/clock.ts";
import type { Random } from "../../../../base/random.ts";
import { maxBlockBytes, maxBlockRows, type TableBlock } from "../commit/blocks.ts";
import { newToken } from "../commit/commit-lane.ts";
import { wholeBlockRows } from "../commit/commit-timing.ts";
import type { SegmentDirectory } from "../segments/segment-directory.ts";
import type { Segment } from "../segments/segment.ts";
import type { InsertQueue } from "./insert-queue.ts";

export interface MergeLaneOptions {
  readonly table: string;
  readonly createBlock: () => TableBlock;
  readonly directory: SegmentDirectory;
  readonly schemaVersion: number;
  readonly nextSequence: () => number;
  readonly clock: Clock;
  readonly random: Random;
  readonly queue: InsertQueue;
  /** Longest time that rows wait here while the queue is idle. */
  readonly longestWaitMs: number;
}

const removeRetryMs = 1_000;
const lookAgainMs = 30;

export class MergeLane {
  private readonly options: MergeLaneOptions;
  private rows: TableBlock;
  private spare: TableBlock | undefined;
  private segments: Segment[] = [];
  /** Segments that are being merged. */
  private merging = 0;
  private cancelTimer: (() => void) | undefined;
  private flushing: Promise<void> = Promise.resolve();
  private readonly stopping: AbortController = new AbortController();
  /** Bytes of the segments that wait here. */
  pendingBytes = 0;

  constructor(options: MergeLaneOptions) {
    this.options = options;
    this.rows = options.createBlock();
  }

  get pendingSegments(): number {
    return this.segments.length + this.merging;
  }

  /** Takes a small segment that was just written. The rows are copied. */
  add(segment: Segment, rows: TableBlock): void {
    const { block } = this.rows;
    block.appendBlock(rows.block);
    this.segments.push(segment);
    this.pendingBytes += segment.sizeBytes;
    if (block.rows >= maxBlockRows / 2 || block.sizeBytes >= maxBlockBytes / 2) void this.flush();
    else if (block.rows >= wholeBlockRows && this.options.queue.isIdle) void this.flush();
    else this.wait(this.options.longestWaitMs);
  }

  private wait(delayMs: number): void {
    this.cancelTimer ??= this.options.clock.schedule(delayMs, () => {
      this.cancelTimer = undefined;
      // While an insert runs, a larger next one helps more than one more.
      if (this.options.queue.isIdle) void this.flush();
      else this.wait(lookAgainMs);
    });
  }

  /** Starts nothing new; resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.cancelTimer?.();
    await this.flushing;
  }

  /** Hands everything to the insert queue. */
  flush(): Promise<void> {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    const segments = this.segments;
    if (segments.length === 0) return this.flushing;
    const rows = this.rows;
    this.segments = [];
    this.merging += segments.length;
    this.rows = this.spare ?? this.options.createBlock();
    this.spare = undefined;
    this.flushing = this.flushing.then(() => this.merge(segments, rows));
    return this.flushing;
  }

  private async merge(segments: readonly Segment[], rows: TableBlock): Promise<void> {
    const { queue } = this.options;
    const [first] = segments;
    const last = segments.at(-1);
    if (first !== undefined && last !== undefined) {
      const merged = first === last ? undefined : await this.write(rows, first.sequence, last.sequence);
      if (merged !== undefined) {
        if (await this.removeReplaced(segments)) queue.add(merged);
      } else {
        for (const segment of segments) queue.add(segment);
      }
      for (const segment of segments) this.pendingBytes -= segment.sizeBytes;
      this.merging -= segments.length;
    }
    rows.block.reset();
    this.spare = rows;
  }

  /** undefined when the disk has no room for a second copy: the small segments are then inserted one by one. */
  private async write(rows: TableBlock, from: number, to: number): Promise<Segment | undefined> {
    const { directory, nextSequence, schemaVersion, random } = this.options;
    let prepared: Segment | undefined;
    try {
      prepared = await directory.prepare(
        {
          sequence: nextSequence(),
          kind: "m",
          table: rows.table,
          schemaVersion,
          rows: rows.block.rows,
          token: newToken(random),
          replaces: { from, to },
        },
        rows.block.chunks(),
      );
      await directory.publish([prepared]);
      return prepared;
    } catch {
      if (prepared !== undefined) await directory.discard(prepared);
      return undefined;
    }
  }

  /**
   * Goes on until it succeeded: were the merged segment inserted and removed first, the small ones would be inserted again. False when the lane was
   * stopped before; the next start then finds both and drops the small ones.
   */
  private async removeReplaced(segments: readonly Segment[]): Promise<boolean> {
    const { directory, clock } = this.options;
    while (!this.stopping.signal.aborted) {
      try {
        for (const segment of segments) await directory.remove(segment);
        // The merged segment must not vanish from the disk before these have.
        await directory.sync();
        return true;
      } catch {
        await clock.sleep(removeRetryMs, this.stopping.signal);
      }
    }
    return false;
  }
}
