/**
 * Inserts the segments and groups of one table, in order as far as they succeed, until each is acknowledged; then removes its files.
 * A failing insert is tried again under its token, with growing pauses. While the engine is down all wait; one that it refuses for its own sake
 * lets the others pass and is set aside when it is hopeless. A group that is damaged or refused is dissolved: each of its segments is
 * then inserted, or set aside, by itself.
 */
import type { Clock } from "../../../../base/clock.ts";
import { isPermanent, messageOf, OtelierError } from "../../../../base/error.ts";
import type { SegmentDirectory } from "../segments/segment-directory.ts";
import type { Insertion, Segment } from "../segments/segment.ts";
import type { SegmentInserter } from "./inserter.ts";

export interface InsertQueueOptions {
  readonly directory: SegmentDirectory;
  readonly inserter: SegmentInserter;
  readonly clock: Clock;
  /** Inserts of this table at the same time. */
  readonly concurrency: number;
  readonly onInserted: (insertion: Insertion) => void;
  /** A segment was moved to `aside/` and its rows are not in the store. */
  readonly onSetAside: (segment: Segment, reason: string) => void;
}

interface Entry {
  readonly segment: Segment;
  readonly members: readonly Segment[];
  /** Read back from disk and checked before its first insert: what was found at the start. */
  unverified: boolean;
  /** Only its files are still to be removed. */
  isInserted: boolean;
  attempts: number;
  notBeforeMs: number;
}

const firstPauseMs = 100;
const longestPauseMs = 10_000;
/** A refusal may come from a moment (a migration is running), so it must be repeated before a segment is given up. */
const refusalsBeforeAside = 3;
/** Failures that nobody classified, about ten minutes. */
const failuresBeforeAside = 60;

export class InsertQueue {
  private readonly options: InsertQueueOptions;
  private waiting: Entry[] = [];
  private running = 0;
  /** Entries that are inserted and whose files are being removed. */
  private removing = 0;
  private stopped = false;
  private cancelWake: (() => void) | undefined;
  private listeners: (() => void)[] = [];
  /** Bytes of the segments that are not inserted yet. */
  pendingBytes = 0;

  constructor(options: InsertQueueOptions) {
    this.options = options;
  }

  get pendingSegments(): number {
    return this.queuedSegments + this.removing;
  }

  /** Those that wait for the database, or are with it. */
  get queuedSegments(): number {
    return this.waiting.length + this.running;
  }

  /** The database has nothing of this table to do. */
  get isFree(): boolean {
    return this.queuedSegments === 0;
  }

  add({ segment, members }: Insertion, unverified = false): void {
    this.pendingBytes += bytesOf(members);
    this.waiting.push({ segment, members, unverified, isInserted: false, attempts: 0, notBeforeMs: 0 });
    this.pump();
  }

  /** Resolves when all is inserted or set aside. */
  async idle(): Promise<void> {
    while (this.pendingSegments > 0) await this.change();
  }

  /** Resolves when `isFree`. */
  async whenFree(): Promise<void> {
    while (!this.isFree) await this.change();
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.listeners.push(resolve));
  }

  /** Starts no further inserts; segments stay on disk. */
  stop(): void {
    this.stopped = true;
    this.cancelWake?.();
  }

  private pump(): void {
    while (!this.stopped && this.running < this.options.concurrency) {
      const now = this.options.clock.monotonic();
      const index = this.waiting.findIndex((entry) => entry.notBeforeMs <= now);
      const entry = this.waiting[index];
      if (entry === undefined) {
        this.wakeLater(now);
        return;
      }
      this.waiting.splice(index, 1);
      this.running++;
      void this.run(entry);
    }
  }

  private wakeLater(now: number): void {
    if (this.waiting.length === 0 || this.cancelWake !== undefined) return;
    const next = Math.min(...this.waiting.map((entry) => entry.notBeforeMs));
    this.cancelWake = this.options.clock.schedule(Math.max(1, next - now), () => {
      this.cancelWake = undefined;
      this.pump();
    });
  }

  private async run(entry: Entry): Promise<void> {
    try {
      await this.insert(entry);
    } catch (error) {
      await this.failed(entry, error);
      this.running--;
      this.wake();
      return;
    }
    // The database goes on with the next while the files of this one are removed.
    this.running--;
    this.removing++;
    this.wake();
    try {
      await this.options.directory.remove(entry);
      this.pendingBytes -= bytesOf(entry.members);
      this.options.onInserted(entry);
    } catch (error) {
      await this.failed(entry, error);
    }
    this.removing--;
    this.wake();
  }

  private wake(): void {
    const { listeners } = this;
    this.listeners = [];
    for (const listener of listeners) listener();
    this.pump();
  }

  private async insert(entry: Entry): Promise<void> {
    const { directory, inserter } = this.options;
    if (entry.unverified) {
      const problem = await this.damageOf(entry);
      if (problem !== undefined) throw new DamagedSegmentError(problem);
      entry.unverified = false;
    }
    if (!entry.isInserted) {
      const files = entry.members.map((member) => directory.filePath(member));
      await inserter.insert(entry.segment, files);
    }
    // From here on members may be missing, and the same insert could not be made again.
    entry.isInserted = true;
  }

  private async failed(entry: Entry, error: unknown): Promise<void> {
    entry.attempts++;
    try {
      const reason = await this.hopeless(entry, error);
      if (reason !== undefined) {
        await this.giveUp(entry, reason);
        return;
      }
    } catch {
      // The disk refuses for now; the files stay where they are.
    }
    this.retryLater(entry);
  }

  private async giveUp(entry: Entry, reason: string): Promise<void> {
    const { directory, onSetAside } = this.options;
    const { segment, members } = entry;
    if (segment.kind === "g") {
      await directory.dissolve(segment);
      this.pendingBytes -= bytesOf(members);
      for (const member of members) this.add({ segment: member, members: [member] }, true);
      return;
    }
    await directory.setAside(segment, reason);
    this.pendingBytes -= bytesOf(members);
    onSetAside(segment, reason);
  }

  private retryLater(entry: Entry): void {
    const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(entry.attempts - 1, 10));
    entry.notBeforeMs = this.options.clock.monotonic() + pause;
    this.waiting.push(entry);
  }

  /** Why an insert is given up, or undefined while there is hope. */
  private async hopeless(entry: Entry, error: unknown): Promise<string | undefined> {
    if (entry.isInserted) return undefined;
    if (error instanceof DamagedSegmentError) return `the file is damaged: ${error.message}`;
    const why = messageOf(error);
    if (isPermanent(error) && !isOutage(error)) {
      // A refusal often means that a file is not what was written.
      const problem = await this.damageOf(entry).catch(messageOf);
      if (problem !== undefined) return `the file is damaged: ${problem}`;
      return entry.attempts >= refusalsBeforeAside ? why : undefined;
    }
    if (isOutage(error)) {
      entry.attempts = Math.min(entry.attempts, 8);
      return undefined;
    }
    return entry.attempts >= failuresBeforeAside ? `${why} (after ${entry.attempts} attempts)` : undefined;
  }

  /** What is wrong with the first file that is not as it was written. */
  private async damageOf({ members }: Entry): Promise<string | undefined> {
    for (const member of members) {
      const problem = await this.options.directory.verify(member);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
}

class DamagedSegmentError extends Error {
  override readonly name = "DamagedSegmentError";
}

function bytesOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** The engine is not there, or has no room now: not the segment's fault, however long it takes. */
function isOutage(error: unknown): boolean {
  if (!(error instanceof OtelierError)) return false;
  // What runs out of time or memory again and again will not get better by itself.
  if (error.code === "query-timeout" || error.code === "query-memory") return false;
  return error.outcome === "retryable" || error.code === "query-cancelled";
}
