/**
 * Collects small segments of one table and makes one larger insert of them, so that many small requests cost few inserts. The files stay as they are:
 * before the insert an empty file, the group, says on disk which segments it takes and under which token.
 */
import type { Clock } from "../../../../base/clock.ts";
import type { Random } from "../../../../base/random.ts";
import { fewRows } from "../commit/commit-timing.ts";
import type { SegmentDirectory } from "../segments/segment-directory.ts";
import { newToken, type Segment } from "../segments/segment.ts";
import type { InsertQueue } from "./insert-queue.ts";

export interface GroupLaneOptions {
  readonly table: string;
  readonly directory: SegmentDirectory;
  readonly schemaVersion: number;
  readonly nextSequence: () => number;
  readonly clock: Clock;
  readonly random: Random;
  readonly queue: InsertQueue;
  /** Longest time that rows wait here while the queue is free. */
  readonly longestWaitMs: number;
}

/** Bounds of one insert, save by what one segment adds: the engine holds all of it, and is told the names of all files in one statement. */
const maxGroupRows = 150_000;
const maxGroupBytes: number = 64 * 1024 * 1024;
const maxGroupMembers = 256;
const forgetRetryMs = 1_000;

export class GroupLane {
  private readonly options: GroupLaneOptions;
  private segments: Segment[] = [];
  private rows = 0;
  /** Segments whose group is being written. */
  private leaving = 0;
  private cancelTimer: (() => void) | undefined;
  private waitsForQueue = false;
  private flushing: Promise<void> = Promise.resolve();
  private readonly stopping: AbortController = new AbortController();
  /** Bytes of the segments that wait here. */
  pendingBytes = 0;

  constructor(options: GroupLaneOptions) {
    this.options = options;
  }

  get pendingSegments(): number {
    return this.segments.length + this.leaving;
  }

  /** Takes a small segment that was just written: of one table all of them, in order, for a group is a range of sequences. */
  add(segment: Segment): void {
    this.segments.push(segment);
    this.rows += segment.rows;
    this.pendingBytes += segment.sizeBytes;
    if (this.rows >= maxGroupRows || this.pendingBytes >= maxGroupBytes) void this.flush();
    else if (this.segments.length >= maxGroupMembers) void this.flush();
    else if (this.rows >= fewRows && this.options.queue.isFree) void this.flush();
    else this.wait(this.options.longestWaitMs);
  }

  private wait(delayMs: number): void {
    this.cancelTimer ??= this.options.clock.schedule(delayMs, () => {
      this.cancelTimer = undefined;
      void this.flushWhenFree();
    });
  }

  /** While an insert runs, a larger next one helps more than one more; the database must not wait for it, though. */
  private async flushWhenFree(): Promise<void> {
    if (this.waitsForQueue) return;
    this.waitsForQueue = true;
    await this.options.queue.whenFree();
    this.waitsForQueue = false;
    if (!this.stopping.signal.aborted) void this.flush();
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
    const { segments, rows } = this;
    if (segments.length === 0) return this.flushing;
    this.segments = [];
    this.rows = 0;
    this.leaving += segments.length;
    this.flushing = this.flushing.then(() => this.hand(segments, rows));
    return this.flushing;
  }

  private async hand(segments: readonly Segment[], rows: number): Promise<void> {
    const { queue } = this.options;
    const group = segments.length === 1 ? undefined : await this.write(segments, rows);
    if (group === undefined) for (const segment of segments) queue.add({ segment, members: [segment] });
    else queue.add({ segment: group, members: segments });
    for (const segment of segments) this.pendingBytes -= segment.sizeBytes;
    this.leaving -= segments.length;
  }

  /** undefined when the disk has no room for a name: the segments are then inserted one by one. */
  private async write(segments: readonly Segment[], rows: number): Promise<Segment | undefined> {
    const { directory, nextSequence, schemaVersion, random, table } = this.options;
    const range = { from: segments[0]!.sequence, to: segments.at(-1)!.sequence };
    const plan = { kind: "g", table, schemaVersion, rows, range } as const;
    let prepared: Segment | undefined;
    try {
      prepared = await directory.prepare({ ...plan, sequence: nextSequence(), token: newToken(random) }, []);
      await directory.publish([prepared]);
      return prepared;
    } catch {
      if (prepared !== undefined) await this.forget(prepared);
      return undefined;
    }
  }

  /** A group that came back with a power cut would be taken for one that was inserted, once the first of its members were. So this goes on until it succeeded. */
  private async forget(group: Segment): Promise<void> {
    const { directory, clock } = this.options;
    while (!this.stopping.signal.aborted) {
      try {
        await directory.discard(group);
        await directory.dissolve(group);
        return;
      } catch {
        await clock.sleep(forgetRetryMs, this.stopping.signal);
      }
    }
  }
}
