/**
 * The files of the write-ahead segments. A segment exists once its file has its name and the directory is synced; before that it has a
 * temporary name and a start removes it. What cannot be read as it was written is moved to `aside/` with a text that says why, and
 * stands in nobody's way.
 */
import { mkdir, open, readdir, readFile, rename, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../../../base/error.ts";
import { crc32 } from "./checksum.ts";
import { parseSegmentFileName, segmentFileName, type Segment } from "./segment.ts";

/** Steps at which tests stop the writer, as a crash would. */
export type SegmentStep = "written" | "renamed" | "directory-synced" | "before-remove";

export interface AsideFile {
  readonly file: string;
  readonly reason: string;
}

export interface SegmentDirectoryOptions {
  readonly path: string;
  /** Called at each step; what it throws goes through. */
  readonly failpoint?: (step: SegmentStep) => void;
}

/** What a new segment is, beside what its bytes say. */
export type SegmentPlan = Omit<Segment, "sizeBytes" | "checksum">;

const temporaryPrefix = "tmp-";

export class SegmentDirectory {
  readonly path: string;
  private readonly failpoint: (step: SegmentStep) => void;
  private aside: AsideFile[] = [];

  constructor(options: SegmentDirectoryOptions) {
    this.path = options.path;
    this.failpoint = options.failpoint ?? (() => {});
  }

  filePath(segment: Segment): string {
    return join(this.path, segmentFileName(segment));
  }

  get setAsideFiles(): readonly AsideFile[] {
    return this.aside;
  }

  /**
   * Makes the directory, removes temporary files and returns the segments that are there, oldest first: merged ones without the small
   * ones that they replace (these are removed). Contents are not read; see `verify`.
   */
  async open(): Promise<readonly Segment[]> {
    await mkdir(join(this.path, "aside"), { recursive: true });
    await this.readAside();
    const found: Segment[] = [];
    for (const name of await readdir(this.path)) {
      if (name.startsWith(temporaryPrefix)) {
        await unlink(join(this.path, name));
        continue;
      }
      if (!name.endsWith(".native")) continue;
      const segment = parseSegmentFileName(name);
      if (segment === undefined) await this.moveAside(name, "its name is not that of a segment");
      else found.push(segment);
    }
    const valid = await this.dropReplaced(found);
    return valid.sort((left, right) => left.sequence - right.sequence);
  }

  private async dropReplaced(found: readonly Segment[]): Promise<Segment[]> {
    const merged = found.filter((segment) => segment.replaces !== undefined);
    const isReplaced = (segment: Segment): boolean =>
      segment.kind === "s" &&
      merged.some(
        ({ table, replaces }) =>
          table === segment.table &&
          replaces !== undefined &&
          segment.sequence >= replaces.from &&
          segment.sequence <= replaces.to,
      );
    const replaced = found.filter(isReplaced);
    for (const segment of replaced) await unlink(this.filePath(segment));
    // Before a merged segment may go, what it replaces must be gone for good.
    if (replaced.length > 0) await this.sync();
    return found.filter((segment) => !replaced.includes(segment));
  }

  /**
   * Writes the pieces under a temporary name and syncs the file. The segment exists after `publish`.
   */
  async prepare(plan: SegmentPlan, pieces: readonly Uint8Array[]): Promise<Segment> {
    let sizeBytes = 0;
    for (const piece of pieces) sizeBytes += piece.length;
    const segment: Segment = { ...plan, sizeBytes, checksum: crc32(pieces) };
    const temporary = this.temporaryPath(segment);
    const file = await open(temporary, "w", 0o600);
    try {
      await writeAll(file, pieces);
      await file.datasync();
    } catch (error) {
      await file.close().catch(() => {});
      await unlink(temporary).catch(() => {});
      throw error;
    }
    await file.close();
    this.failpoint("written");
    return segment;
  }

  /** Gives prepared segments their names, and returns when that is on disk. */
  async publish(segments: readonly Segment[]): Promise<void> {
    for (const segment of segments) await rename(this.temporaryPath(segment), this.filePath(segment));
    this.failpoint("renamed");
    await this.sync();
    this.failpoint("directory-synced");
  }

  /** Forgets a prepared segment that will not be published; also one whose publishing failed. */
  async discard(segment: Segment): Promise<void> {
    await unlink(this.temporaryPath(segment)).catch(() => {});
    await unlink(this.filePath(segment)).catch(() => {});
  }

  /** Removes a segment whose rows are safe elsewhere. */
  async remove(segment: Segment): Promise<void> {
    this.failpoint("before-remove");
    await unlink(this.filePath(segment)).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }

  async sync(): Promise<void> {
    const directory = await open(this.path, "r");
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
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
    await this.moveAside(segmentFileName(segment), reason);
  }

  private async moveAside(name: string, reason: string): Promise<void> {
    const target = join(this.path, "aside", name);
    await writeFile(`${target}.txt`, `${reason}\n`, { mode: 0o600 });
    await rename(join(this.path, name), target);
    this.aside = [...this.aside, { file: target, reason }];
  }

  private async readAside(): Promise<void> {
    const directory = join(this.path, "aside");
    const names = (await readdir(directory)).filter((name) => name.endsWith(".native"));
    this.aside = await Promise.all(
      names.map(async (name) => {
        const file = join(directory, name);
        const reason = await readFile(`${file}.txt`, "utf8").catch((error: unknown) => messageOf(error));
        return { file, reason: reason.trim() };
      }),
    );
  }

  private temporaryPath(segment: Segment): string {
    return join(this.path, temporaryPrefix + segment.token);
  }
}

async function writeAll(
  file: Awaited<ReturnType<typeof open>>,
  pieces: readonly Uint8Array[],
): Promise<void> {
  // A gathering write may write less than it was given; what is left is written piece by piece.
  let skip = 0;
  if (pieces.length > 0) skip = (await file.writev([...pieces])).bytesWritten;
  for (const piece of pieces) {
    if (skip >= piece.length) {
      skip -= piece.length;
      continue;
    }
    for (let at = skip; at < piece.length;)
      at += (await file.write(piece, at, piece.length - at)).bytesWritten;
    skip = 0;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
