/**
 * Inserts the segments of one table, in order as far as they succeed, until each is acknowledged; then removes its file.
 * A failing segment is tried again, byte for byte the same, with growing pauses. While the engine is down all wait; a segment
 * that it refuses for its own sake lets the others pass and is set aside when it is hopeless.
 */
import type { Clock } from "../../../../base/clock.ts";
import { isPermanent, messageOf, OtelierError } from "../../../../base/error.ts";
import type { SegmentDirectory } from "../segments/segment-directory.ts";
import type { Segment } from "../segments/segment.ts";
import type { SegmentInserter } from "./inserter.ts";

export interface InsertQueueOptions {
  readonly directory: SegmentDirectory;
  readonly inserter: SegmentInserter;
  readonly clock: Clock;
  /** Inserts of this table at the same time. */
  readonly concurrency: number;
  readonly onInserted: (segment: Segment) => void;
  /** A segment was moved to `aside/` and its rows are not in the store. */
  readonly onSetAside: (segment: Segment, reason: string) => void;
}

interface Entry {
  readonly segment: Segment;
  /** Read back from disk and checked before its first insert: segments found at the start. */
  readonly unverified: boolean;
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
  private stopped = false;
  private cancelWake: (() => void) | undefined;
  private idleListeners: (() => void)[] = [];
  /** Bytes of the segments that are not inserted yet. */
  pendingBytes = 0;

  constructor(options: InsertQueueOptions) {
    this.options = options;
  }

  get pendingSegments(): number {
    return this.waiting.length + this.running;
  }

  get isIdle(): boolean {
    return this.pendingSegments === 0;
  }

  add(segment: Segment, unverified = false): void {
    this.pendingBytes += segment.sizeBytes;
    this.waiting.push({ segment, unverified, attempts: 0, notBeforeMs: 0 });
    this.pump();
  }

  /** Resolves when all is inserted or set aside. */
  async idle(): Promise<void> {
    while (!this.isIdle) await new Promise<void>((resolve) => this.idleListeners.push(resolve));
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
    const { segment } = entry;
    try {
      await this.insert(entry);
      this.finish(segment);
      this.options.onInserted(segment);
    } catch (error) {
      await this.failed(entry, error);
    }
    this.running--;
    const listeners = this.idleListeners;
    this.idleListeners = [];
    for (const listener of listeners) listener();
    this.pump();
  }

  private async insert(entry: Entry): Promise<void> {
    const { directory, inserter } = this.options;
    if (entry.unverified && entry.attempts === 0) {
      const problem = await directory.verify(entry.segment);
      if (problem !== undefined) throw new DamagedSegmentError(problem);
    }
    await inserter.insert(entry.segment, directory.filePath(entry.segment));
    await directory.remove(entry.segment);
  }

  private async failed(entry: Entry, error: unknown): Promise<void> {
    entry.attempts++;
    const reason = await this.hopeless(entry, error);
    if (reason === undefined) {
      this.retryLater(entry);
      return;
    }
    try {
      await this.options.directory.setAside(entry.segment, reason);
    } catch {
      // The disk refuses for now; the segment stays where it is.
      this.retryLater(entry);
      return;
    }
    this.finish(entry.segment);
    this.options.onSetAside(entry.segment, reason);
  }

  private retryLater(entry: Entry): void {
    const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(entry.attempts - 1, 10));
    entry.notBeforeMs = this.options.clock.monotonic() + pause;
    this.waiting.push(entry);
  }

  /** Why a segment is given up, or undefined while there is hope. */
  private async hopeless(entry: Entry, error: unknown): Promise<string | undefined> {
    if (error instanceof DamagedSegmentError) return `the file is damaged: ${error.message}`;
    const why = messageOf(error);
    if (isPermanent(error) && !isOutage(error)) {
      // A refusal often means that the file is not what was written.
      const problem = await this.options.directory.verify(entry.segment).catch(messageOf);
      if (problem !== undefined) return `the file is damaged: ${problem}`;
      return entry.attempts >= refusalsBeforeAside ? why : undefined;
    }
    if (isOutage(error)) {
      entry.attempts = Math.min(entry.attempts, 8);
      return undefined;
    }
    return entry.attempts >= failuresBeforeAside ? `${why} (after ${entry.attempts} attempts)` : undefined;
  }

  private finish(segment: Segment): void {
    this.pendingBytes -= segment.sizeBytes;
  }
}

class DamagedSegmentError extends Error {
  override readonly name = "DamagedSegmentError";
}

/** The engine is not there, or has no room now: not the segment's fault, however long it takes. */
function isOutage(error: unknown): boolean {
  if (!(error instanceof OtelierError)) return false;
  // What runs out of time or memory again and again will not get better by itself.
  if (error.code === "query-timeout" || error.code === "query-memory") return false;
  return error.outcome === "retryable" || error.code === "query-cancelled";
}
