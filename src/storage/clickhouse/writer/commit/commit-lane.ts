/**
 * Group commit of one signal: concurrent requests fill the same open blocks, one write and one sync makes all of them safe, and
 * then all their promises resolve. While a commit is on its way to the disk the next blocks fill.
 */
import type { Clock } from "../../../../base/clock.ts";
import type { Random } from "../../../../base/random.ts";
import { isDiskFull } from "../../../../base/durable/durable-directory.ts";
import { OtelierError, messageOf } from "../../../../base/error.ts";
import type { SegmentDirectory, SegmentPlan } from "../segments/segment-directory.ts";
import { newCommit, newToken, type Segment } from "../segments/segment.ts";
import { resetBlocks, rowsOf, sizeOf, type BlockSet, type TableBlock } from "./blocks.ts";
import { commitDelay, wholeBlockRows } from "./commit-timing.ts";

export interface CommitLaneOptions<B extends BlockSet> {
  readonly createBlocks: () => B;
  readonly directory: SegmentDirectory;
  readonly schemaVersion: number;
  readonly nextSequence: () => number;
  readonly clock: Clock;
  readonly random: Random;
  /** Segments on disk that are not inserted yet. */
  readonly pendingInserts: () => number;
  /** Called before `onCommitted`: whose rows the segment holds. */
  readonly onTenants: (segment: Segment, tenants: ReadonlySet<string>) => void;
  /** A segment is safe. */
  readonly onCommitted: (segment: Segment) => void;
  /** Rows that were accepted into a block are lost with their requests; whoever remembers them must forget. */
  readonly onFailed: () => void;
  /** Attribute keys of a commit that had no room in the catalogue. */
  readonly onKeysLeftOut: (keys: number) => void;
}

interface Commit<B> {
  readonly blocks: B;
  /** Resolves with the segments that were written. */
  readonly promise: Promise<readonly Segment[]>;
  readonly resolve: (segments: readonly Segment[]) => void;
  readonly reject: (error: Error) => void;
  /** Whose rows the blocks hold. */
  readonly tenants: Set<string>;
  firstMs: number;
}

const keptSpareSets = 2;

export class CommitLane<B extends BlockSet> {
  /** Whose rows go to the blocks; to be set before they do. */
  tenant = "";
  private readonly options: CommitLaneOptions<B>;
  private readonly spare: B[] = [];
  private open: Commit<B>;
  /** Full commits that wait for the disk, oldest first. */
  private full: Commit<B>[] = [];
  private writing: Promise<void> | undefined;
  private lastWriteMs = 0;
  private rate = 0;
  private rateAtMs = 0;
  private timer: (() => void) | undefined;
  private pendingBytes = 0;
  /** Bytes of the open blocks as of the last `added`, 0 behind a `cut`: to sum them up takes a call for each column, and each request asks several times. */
  openBytes = 0;

  constructor(options: CommitLaneOptions<B>) {
    this.options = options;
    this.open = this.newCommit();
  }

  /** The blocks that the next rows go to; ask again after `cut`. */
  get blocks(): B {
    return this.open.blocks;
  }

  /** Bytes that are accepted but not safe yet, about. */
  get unsafeBytes(): number {
    return this.pendingBytes + this.openBytes;
  }

  /** Closes the open blocks because rows have filled them; they are written in turn. Returns the promise of that. */
  cut(): Promise<readonly Segment[]> {
    this.open.tenants.add(this.tenant);
    return this.closeBlocks();
  }

  private closeBlocks(): Promise<readonly Segment[]> {
    const commit = this.open;
    this.full.push(commit);
    this.pendingBytes += sizeOf(commit.blocks);
    this.open = this.newCommit();
    this.openBytes = 0;
    this.schedule(0);
    return commit.promise;
  }

  /** Call after rows were added: resolves with the segments once they are safe, rejects retryable when they could not be written. */
  added(rows: number): Promise<readonly Segment[]> {
    const now = this.options.clock.monotonic();
    this.openBytes = sizeOf(this.open.blocks);
    if (this.open.firstMs === 0) this.open.firstMs = now;
    this.lastWriteMs = now;
    this.open.tenants.add(this.tenant);
    this.countRate(rows, now);
    const promise = this.open.promise;
    this.schedule(this.delay());
    return promise;
  }

  /** Writes what is open now; resolves when nothing is left, also after a failure. */
  async drain(): Promise<void> {
    while (this.full.length > 0 || this.writing !== undefined || rowsOf(this.open.blocks) > 0) {
      if (rowsOf(this.open.blocks) > 0) void this.closeBlocks().catch(() => {});
      this.schedule(0);
      await this.writing?.catch(() => {});
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private newCommit(): Commit<B> {
    const blocks = this.spare.pop() ?? this.options.createBlocks();
    const { promise, resolve, reject } = withResolvers();
    // Nobody may be waiting when a commit fails (its only request was rolled back).
    promise.catch(() => {});
    return { blocks, promise, resolve, reject, tenants: new Set(), firstMs: 0 };
  }

  private countRate(rows: number, now: number): void {
    // Exponential decay with a time constant of half a second.
    const decay = Math.exp(-(now - this.rateAtMs) / 500);
    this.rate = this.rate * decay + rows * 2;
    this.rateAtMs = now;
  }

  private delay(): number {
    const now = this.options.clock.monotonic();
    return commitDelay({
      rows: rowsOf(this.open.blocks),
      sizeBytes: this.openBytes,
      waitedMs: now - this.open.firstMs,
      quietMs: now - this.lastWriteMs,
      rowsPerSecond: this.rate,
      pendingInserts: this.options.pendingInserts(),
    });
  }

  private schedule(delayMs: number): void {
    if (this.writing !== undefined) return;
    if (delayMs > 0 && this.full.length === 0) {
      this.timer ??= this.options.clock.schedule(delayMs, () => {
        this.timer = undefined;
        this.schedule(this.delay());
      });
      return;
    }
    this.timer?.();
    this.timer = undefined;
    this.writing = this.writeNext().finally(() => {
      this.writing = undefined;
      if (this.full.length > 0) this.schedule(0);
      else if (rowsOf(this.open.blocks) > 0) this.schedule(this.delay());
    });
  }

  private async writeNext(): Promise<void> {
    // Requests that arrived in the same turn of the event loop share the commit.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.full.length === 0) {
      if (rowsOf(this.open.blocks) === 0) return;
      void this.closeBlocks();
    }
    const commit = this.full.shift();
    if (commit === undefined) return;
    const size = sizeOf(commit.blocks);
    try {
      const leftOut = commit.blocks.complete?.() ?? 0;
      if (leftOut > 0) this.options.onKeysLeftOut(leftOut);
      const written = await this.write(commit.blocks.tables.filter(({ block }) => block.rows > 0));
      for (const segment of written) this.options.onTenants(segment, commit.tenants);
      for (const segment of written) this.options.onCommitted(segment);
      commit.resolve(written);
    } catch (error) {
      this.options.onFailed();
      commit.reject(writeError(error));
    }
    this.pendingBytes -= size;
    resetBlocks(commit.blocks);
    if (this.spare.length < keptSpareSets) this.spare.push(commit.blocks);
  }

  private async write(tables: readonly TableBlock[]): Promise<readonly Segment[]> {
    const { directory } = this.options;
    const commit = newCommit(this.options.random);
    const prepared = await Promise.allSettled(
      tables.map(async (rows) => directory.prepare(this.plan(rows, commit), rows.block.chunks())),
    );
    const written = prepared.filter((one) => one.status === "fulfilled").map((one) => one.value);
    try {
      for (const one of prepared) if (one.status === "rejected") throw one.reason;
      await directory.publish(written);
    } catch (error) {
      for (const segment of written) await directory.discard(segment);
      throw error;
    }
    return written;
  }

  private plan({ table, block }: TableBlock, commit: string): SegmentPlan {
    return {
      sequence: this.options.nextSequence(),
      kind: block.rows < wholeBlockRows ? "s" : "w",
      table,
      schemaVersion: this.options.schemaVersion,
      rows: block.rows,
      token: newToken(this.options.random, commit),
    };
  }
}

/** The error of a write that did not reach the disk. Nothing of the request is kept, so it may be sent again. */
function writeError(error: unknown): OtelierError {
  const isFull = isDiskFull(error);
  const why = isFull ? "the disk of the data directory is full" : messageOf(error);
  return new OtelierError(`cannot store telemetry: ${why}`, {
    code: isFull ? "disk-full" : "segment-write-failed",
    outcome: "retryable",
    cause: error,
    retryAfterMs: isFull ? 30_000 : 5_000,
  });
}

function withResolvers(): Pick<Commit<unknown>, "promise" | "resolve" | "reject"> {
  let resolve = (_segments: readonly Segment[]): void => {};
  let reject = (_error: Error): void => {};
  const promise = new Promise<readonly Segment[]>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
