/** The way of one signal: its transcoder, its group commit, and the inserts of each of its tables. */
import type { Clock } from "../../../base/clock.ts";
import type { Random } from "../../../base/random.ts";
import { CommitLane } from "./commit/commit-lane.ts";
import type { BlockSet } from "./commit/blocks.ts";
import type { SegmentInserter } from "./insert/inserter.ts";
import type { SegmentDirectory } from "./segments/segment-directory.ts";
import type { Insertion, Segment } from "./segments/segment.ts";
import { TableInserts } from "./table-inserts.ts";
import type { BlockSource, TranscodeContext, Transcoded, Transcoder } from "./transcode/transcoder.ts";

export interface SignalLaneOptions {
  readonly directory: SegmentDirectory;
  readonly inserter: SegmentInserter;
  readonly schemaVersion: number;
  readonly nextSequence: () => number;
  readonly clock: Clock;
  readonly random: Random;
  /** Of each segment that is safe: whose rows it holds. */
  readonly onTenants: (segment: Segment, tenants: ReadonlySet<string>) => void;
  readonly onInserted: (insertion: Insertion) => void;
  readonly onSetAside: (segment: Segment, reason: string) => void;
  readonly onKeysLeftOut: (keys: number) => void;
}

export interface Written {
  readonly result: Transcoded;
  /** Resolves with the segments when the rows are safe, or rejects retryable when none of the request's last blocks could be written. */
  readonly safe: Promise<readonly (readonly Segment[])[]>;
}

/** Rows wait this long for others before they are inserted; with an insert of some 50 ms they are visible well within a second. */
const groupWaitMs = 300;
const insertsAtOnce = 1;

export class SignalLane {
  private readonly writeRows: (bytes: Uint8Array, context: TranscodeContext) => Written;
  private readonly commits: CommitLane<BlockSet>;
  private readonly inserts: ReadonlyMap<string, TableInserts>;

  private constructor(
    write: (bytes: Uint8Array, context: TranscodeContext) => Written,
    commits: CommitLane<BlockSet>,
    inserts: ReadonlyMap<string, TableInserts>,
  ) {
    this.writeRows = write;
    this.commits = commits;
    this.inserts = inserts;
  }

  static create<B extends BlockSet>(transcoder: Transcoder<B>, options: SignalLaneOptions): SignalLane {
    const inserts = new Map<string, TableInserts>();
    for (const { table } of transcoder.createBlocks().tables) {
      inserts.set(
        table,
        new TableInserts({
          ...options,
          table,
          concurrency: insertsAtOnce,
          longestWaitMs: groupWaitMs,
          onSetAside: (segment, reason) => {
            transcoder.forget();
            options.onSetAside(segment, reason);
          },
        }),
      );
    }
    const commits = new CommitLane<B>({
      ...options,
      createBlocks: () => transcoder.createBlocks(),
      pendingInserts: () => {
        let most = 0;
        for (const table of inserts.values()) most = Math.max(most, table.queuedSegments);
        return most;
      },
      onCommitted: (segment: Segment) => inserts.get(segment.table)?.add(segment),
      onFailed: () => transcoder.forget(),
    });
    const write = (bytes: Uint8Array, context: TranscodeContext): Written => {
      commits.tenant = context.tenant;
      return writeTo(transcoder, commits, bytes, context);
    };
    return new SignalLane(write, commits, inserts);
  }

  /** Adds a request's rows to the open blocks. Throws when its bytes are malformed; nothing is kept then. */
  write(bytes: Uint8Array, context: TranscodeContext): Written {
    return this.writeRows(bytes, context);
  }

  /** Takes what an earlier run left; false when it is of none of this signal's tables. */
  recover(found: Insertion): boolean {
    const inserts = this.inserts.get(found.segment.table);
    inserts?.recover(found);
    return inserts !== undefined;
  }

  get unsafeBytes(): number {
    return this.commits.unsafeBytes;
  }

  get pendingSegments(): number {
    let sum = 0;
    for (const table of this.inserts.values()) sum += table.pendingSegments;
    return sum;
  }

  get pendingBytes(): number {
    let sum = 0;
    for (const table of this.inserts.values()) sum += table.pendingBytes;
    return sum;
  }

  drainCommits(): Promise<void> {
    return this.commits.drain();
  }

  async drain(): Promise<void> {
    await this.commits.drain();
    await Promise.all([...this.inserts.values()].map((table) => table.drain()));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.inserts.values()].map((table) => table.stop()));
  }
}

function writeTo<B extends BlockSet>(
  transcoder: Transcoder<B>,
  commits: CommitLane<B>,
  bytes: Uint8Array,
  context: TranscodeContext,
): Written {
  const safe: Promise<readonly Segment[]>[] = [];
  const source: BlockSource<B> = {
    get blocks() {
      return commits.blocks;
    },
    get sizeBytes() {
      return commits.openBytes;
    },
    cut: () => safe.push(commits.cut()),
  };
  const rowsBefore = commits.blocks.tables.map(({ block }) => block.rows);
  let result: Transcoded;
  try {
    result = transcoder.transcode(bytes, context, source);
  } catch (error) {
    transcoder.forget();
    commits.blocks.tables.forEach(({ block }, table) => {
      if (safe.length === 0) block.truncate(rowsBefore[table]!);
      // Behind a cut all that is open is the request's own.
      else block.reset();
    });
    throw error;
  }
  if (result.accepted > 0) safe.push(commits.added(result.accepted));
  return { result, safe: Promise.all(safe) };
}
