/**
 * The files of the write-ahead segments. A segment exists once its file has its name and the directory is synced; before that it has a
 * temporary name and a start removes it. What cannot be read as it was written is moved to `aside/` (base/durable).
 */
import { readFile, stat } from "node:fs/promises";
import { crc32 } from "../../../../base/durable/checksum.ts";
import { DurableDirectory, type AsideFile } from "../../../../base/durable/durable-directory.ts";
import {
  commitOf,
  parseSegmentFileName,
  segmentFileName,
  standsFor,
  type Insertion,
  type Segment,
} from "./segment.ts";

/** Steps at which tests stop the writer, as a crash would. */
export type SegmentStep = "written" | "named" | "renamed" | "directory-synced" | "before-remove";

export interface SegmentDirectoryOptions {
  readonly path: string;
  /** Called at each step; what it throws goes through. */
  readonly failpoint?: (step: SegmentStep) => void;
  /** False: an answer means that a killed process loses nothing, and says nothing of a power cut. Default true. */
  readonly fsync?: boolean;
}

/** What a new segment is, beside what its bytes say. */
export type SegmentPlan = Omit<Segment, "sizeBytes" | "checksum">;

export class SegmentDirectory {
  private readonly files: DurableDirectory;
  private readonly failpoint: (step: SegmentStep) => void;

  constructor(options: SegmentDirectoryOptions) {
    this.files = new DurableDirectory({
      path: options.path,
      ending: ".native",
      fsync: options.fsync ?? true,
    });
    this.failpoint = options.failpoint ?? (() => {});
  }

  filePath(segment: Segment): string {
    return this.files.filePath(segmentFileName(segment));
  }

  get setAsideFiles(): readonly AsideFile[] {
    return this.files.setAsideFiles;
  }

  /**
   * Makes the directory, removes temporary files and commits of which not all segments were named, and returns what is there to insert, oldest first. A group that lacks members was inserted, for only
   * then they are removed: what is left of it is removed, too. Contents are not read; see `verify`.
   */
  async open(): Promise<readonly Insertion[]> {
    const found: Segment[] = [];
    const isBrokenOff = (name: string, token: string): boolean => {
      const segment = parseSegmentFileName(name);
      return segment !== undefined && commitOf(segment.token) === commitOf(token);
    };
    for (const name of await this.files.open(isBrokenOff)) {
      const segment = parseSegmentFileName(name);
      if (segment === undefined) await this.files.moveAside(name, "its name is not that of a segment");
      else found.push(segment);
    }
    const valid = await this.dropReplaced(found);
    valid.sort((left, right) => left.sequence - right.sequence);
    const groups = valid
      .filter(({ kind }) => kind === "g")
      .map((segment) => ({ segment, members: valid.filter((one) => standsFor(segment, one)) }));
    const grouped = new Set(groups.flatMap(({ members }) => members));
    const insertions = valid
      .filter((segment) => segment.kind !== "g" && !grouped.has(segment))
      .map((segment) => ({ segment, members: [segment] }));
    for (const group of groups) {
      if (rowsOf(group.members) === group.segment.rows) insertions.push(group);
      else await this.remove(group);
    }
    return insertions.sort((left, right) => left.segment.sequence - right.segment.sequence);
  }

  /** Removes what the merged segments of older versions replace. */
  private async dropReplaced(found: readonly Segment[]): Promise<Segment[]> {
    const damaged = new Set<Segment>();
    const replaced = new Set<Segment>();
    for (const merged of found) {
      if (merged.kind !== "m") continue;
      const small = found.filter((segment) => standsFor(merged, segment));
      if (small.length === 0) continue;
      // It was never inserted while a small one is there, so a damaged one can go and these stay.
      const problem = await this.verify(merged);
      if (problem === undefined) {
        for (const segment of small) replaced.add(segment);
        continue;
      }
      damaged.add(merged);
      await this.setAside(merged, `the file is damaged: ${problem}; what it was merged from is still there`);
    }
    for (const segment of replaced) await this.files.remove(segmentFileName(segment));
    // Before a merged segment may go, what it replaces must be gone for good.
    if (replaced.size > 0) await this.files.sync();
    return found.filter((segment) => !replaced.has(segment) && !damaged.has(segment));
  }

  /**
   * Writes the pieces under a temporary name and syncs the file. The segment exists after `publish`.
   */
  async prepare(plan: SegmentPlan, pieces: readonly Uint8Array[]): Promise<Segment> {
    let sizeBytes = 0;
    for (const piece of pieces) sizeBytes += piece.length;
    const segment: Segment = { ...plan, sizeBytes, checksum: crc32(pieces) };
    await this.files.prepare(segment.token, pieces);
    this.failpoint("written");
    return segment;
  }

  /** Gives prepared segments their names, and returns when that is on disk. */
  async publish(segments: readonly Segment[]): Promise<void> {
    for (const segment of segments) {
      await this.files.name(segment.token, segmentFileName(segment));
      this.failpoint("named");
    }
    this.failpoint("renamed");
    await this.files.sync();
    this.failpoint("directory-synced");
  }

  /** Makes the members of a group segments by themselves again, and returns when that is on disk. */
  async dissolve(group: Segment): Promise<void> {
    await this.files.remove(segmentFileName(group));
    await this.files.sync();
  }

  /** Forgets a prepared segment that will not be published; also one whose publishing failed. */
  async discard(segment: Segment): Promise<void> {
    await this.files.discard(segment.token, segmentFileName(segment));
  }

  /** Removes what was inserted. A group goes last: without it, members that a power cut brought back would be inserted again. */
  async remove({ segment, members }: Insertion): Promise<void> {
    for (const member of members) {
      this.failpoint("before-remove");
      await this.files.remove(segmentFileName(member));
    }
    if (segment.kind !== "g") return;
    await this.files.sync();
    this.failpoint("before-remove");
    await this.files.remove(segmentFileName(segment));
  }

  /** What is wrong with a segment's file, or undefined when it is as it was written. */
  async verify(segment: Segment): Promise<string | undefined> {
    const path = this.filePath(segment);
    const { size } = await stat(path);
    if (size !== segment.sizeBytes) return `it has ${size} bytes where ${segment.sizeBytes} were written`;
    const checksum = crc32([await readFile(path)]);
    return checksum === segment.checksum ? undefined : "its checksum is wrong";
  }

  /** Moves a segment that can never be inserted out of the way, and keeps the reason beside it. */
  async setAside(segment: Segment, reason: string): Promise<void> {
    await this.files.moveAside(segmentFileName(segment), reason);
  }
}

function rowsOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { rows }) => sum + rows, 0);
}
