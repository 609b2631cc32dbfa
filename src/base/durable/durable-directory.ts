/**
 * A directory whose files are whole or absent: each is written under a temporary name, synced, and then named. What cannot be read as it was
 * written is moved to `aside/` with a text that says why, and stands in nobody's way. Used by the store's segments and the exporters' queues.
 */
import { mkdir, open, readdir, readFile, rename, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../error.ts";

export interface AsideFile {
  readonly file: string;
  readonly reason: string;
}

export interface DurableDirectoryOptions {
  readonly path: string;
  /** Ending of the files kept here, with the dot: ".native". Others are left alone. */
  readonly ending: string;
  /** False: nothing is synced; files survive a killed process and not a power cut. Default true. */
  readonly fsync?: boolean;
}

const temporaryPrefix = "tmp-";

export class DurableDirectory {
  readonly path: string;
  private readonly ending: string;
  private readonly fsync: boolean;
  private aside: AsideFile[] = [];

  constructor(options: DurableDirectoryOptions) {
    this.path = options.path;
    this.ending = options.ending;
    this.fsync = options.fsync ?? true;
  }

  get setAsideFiles(): readonly AsideFile[] {
    return this.aside;
  }

  filePath(name: string): string {
    return join(this.path, name);
  }

  /**
   * Makes the directory, removes temporary files, and returns the names of the files that are there, in no order. Files that only have a meaning
   * together with one that was not named are removed first.
   *
   * @param isBrokenOff whether a file belongs to one that has its temporary name still, by that one's token
   */
  async open(
    isBrokenOff: (name: string, token: string) => boolean = () => false,
  ): Promise<readonly string[]> {
    await mkdir(join(this.path, "aside"), { recursive: true });
    await this.readAside();
    const all = await readdir(this.path);
    const temporary = all.filter((name) => name.startsWith(temporaryPrefix));
    const tokens = temporary.map((name) => name.slice(temporaryPrefix.length));
    const named = all.filter((name) => name.endsWith(this.ending));
    const brokenOff = new Set(named.filter((name) => tokens.some((token) => isBrokenOff(name, token))));
    for (const name of brokenOff) await this.remove(name);
    // The others must not come back without the temporary file that says so.
    if (brokenOff.size > 0) await this.sync();
    for (const name of temporary) await this.remove(name);
    return named.filter((name) => !brokenOff.has(name));
  }

  /** Writes the pieces under a temporary name and syncs the file; nothing is left of it after a failure. */
  async prepare(token: string, pieces: readonly Uint8Array[]): Promise<void> {
    const temporary = this.temporaryPath(token);
    const file = await open(temporary, "w", 0o600);
    try {
      await writeAll(file, pieces);
      if (this.fsync) await file.datasync();
    } catch (error) {
      await file.close().catch(() => {});
      await unlink(temporary).catch(() => {});
      throw error;
    }
    await file.close();
  }

  /** Gives a prepared file its name; that is on disk after `sync`. */
  async name(token: string, name: string): Promise<void> {
    await rename(this.temporaryPath(token), this.filePath(name));
  }

  /** Forgets a prepared file that will not be kept; also one that has its name already. */
  async discard(token: string, name: string): Promise<void> {
    await unlink(this.temporaryPath(token)).catch(() => {});
    await unlink(this.filePath(name)).catch(() => {});
  }

  /** Removes a file; one that is missing is no error. */
  async remove(name: string): Promise<void> {
    await unlink(this.filePath(name)).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }

  /** Returns when the names in the directory are on disk. */
  async sync(): Promise<void> {
    if (!this.fsync) return;
    const directory = await open(this.path, "r");
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }

  /** Moves a file out of the way, and keeps the reason beside it. */
  async moveAside(name: string, reason: string): Promise<void> {
    const target = join(this.path, "aside", name);
    await writeFile(`${target}.txt`, `${reason}\n`, { mode: 0o600 });
    await rename(this.filePath(name), target);
    this.aside = [...this.aside, { file: target, reason }];
  }

  /** Keeps a part of a file aside, under a name of its own, with the reason. */
  async keepAside(name: string, bytes: Uint8Array, reason: string): Promise<void> {
    const target = join(this.path, "aside", name);
    await writeFile(`${target}.txt`, `${reason}\n`, { mode: 0o600 });
    await writeFile(target, bytes, { mode: 0o600 });
    this.aside = [...this.aside, { file: target, reason }];
  }

  private async readAside(): Promise<void> {
    const directory = join(this.path, "aside");
    const names = (await readdir(directory)).filter((name) => name.endsWith(this.ending));
    this.aside = await Promise.all(
      names.map(async (name) => {
        const file = join(directory, name);
        const reason = await readFile(`${file}.txt`, "utf8").catch((error: unknown) => messageOf(error));
        return { file, reason: reason.trim() };
      }),
    );
  }

  private temporaryPath(token: string): string {
    return join(this.path, temporaryPrefix + token);
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

/** The disk, or the user's share of it, is full. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
}
