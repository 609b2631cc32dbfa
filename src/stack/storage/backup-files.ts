/** Backups in a directory or in one archive, written and read the same way. */
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { OtelierError } from "../../base/error.ts";
import { readTar, writeTar, type ArchiveFile } from "../../base/tar/tar.ts";
import type { Progress } from "../../instrument/progress.ts";
import { restoreBackup, type Restored } from "../../storage/clickhouse/backup/restore.ts";
import { manifestName } from "../../storage/clickhouse/backup/manifest.ts";
import type { StorageAccess } from "./access.ts";
import { makeEmptyDirectory } from "./export-files.ts";

const mebibyte = 1024 * 1024;

/** A name that ends in ".tar" is an archive, any other a directory. Resolves with the bytes when all is on disk. */
export async function backUpTo(access: StorageAccess, target: string, progress: Progress): Promise<number> {
  const isArchive = target.endsWith(".tar");
  if (isArchive) await refuseExisting(target);
  else await makeEmptyDirectory(target, "back up");
  const backup = await access.backup();
  try {
    const total = Math.ceil(backup.sizeBytes / mebibyte);
    let bytes = 0;
    const counted = counting(backup.files, (size) => {
      bytes += size;
      progress.update(Math.floor(bytes / mebibyte), Math.max(total, 1));
    });
    if (isArchive) await writeArchive(counted, target);
    else await writeDirectory(counted, target);
    return bytes;
  } finally {
    progress.end();
    await backup.release();
  }
}

/** Restores an archive or a directory. Rejects with "no-data", and as `restoreBackup` does. */
export async function restoreFrom(
  source: string,
  dataDirectory: string,
  progress: Progress,
): Promise<Restored> {
  const found = await stat(source).catch(() => undefined);
  if (found === undefined) {
    throw new OtelierError(`cannot restore "${source}": there is no such file or directory`, {
      code: "no-data",
      outcome: "permanent",
    });
  }
  const files = found.isDirectory() ? readDirectory(source) : readTar(createReadStream(source));
  const total = found.isDirectory() ? await sizeOf(source) : found.size;
  try {
    return await restoreBackup({
      dataDirectory,
      files,
      onProgress: (bytes) =>
        progress.update(Math.floor(bytes / mebibyte), Math.max(1, Math.ceil(total / mebibyte))),
    });
  } finally {
    progress.end();
  }
}

async function refuseExisting(file: string): Promise<void> {
  if ((await stat(file).catch(() => undefined)) === undefined) return;
  throw new OtelierError(`cannot back up to "${file}": it is there already; name a new file`, {
    code: "file-exists",
    outcome: "permanent",
  });
}

async function* counting(
  files: AsyncIterable<ArchiveFile>,
  onBytes: (size: number) => void,
): AsyncGenerator<ArchiveFile> {
  for await (const file of files) {
    yield {
      ...file,
      async *content() {
        for await (const piece of file.content()) {
          onBytes(piece.length);
          yield piece;
        }
      },
    };
  }
}

/** The archive has its name once it is whole and on disk. */
async function writeArchive(files: AsyncIterable<ArchiveFile>, target: string): Promise<void> {
  const draft = `${target}.part`;
  try {
    const bytes = Readable.from(writeTar(files, 0), { objectMode: false });
    await pipeline(bytes, createWriteStream(draft, { mode: 0o600 }));
    await syncFile(draft);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** The manifest comes first and is written last: a directory without it is no backup. */
async function writeDirectory(files: AsyncIterable<ArchiveFile>, target: string): Promise<void> {
  for await (const file of files) {
    const own = path.join(target, ...file.path.split("/"));
    if (path.relative(target, own).startsWith("..")) throw new Error(`the backup holds "${file.path}"`);
    await mkdir(path.dirname(own), { recursive: true, mode: 0o700 });
    const name = file.path === manifestName ? `${own}.part` : own;
    await pipeline(file.content(), createWriteStream(name, { flags: "wx", mode: 0o600 }));
    await syncFile(name);
  }
  await rename(path.join(target, `${manifestName}.part`), path.join(target, manifestName));
}

async function syncFile(name: string): Promise<void> {
  const file = await open(name, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function* readDirectory(directory: string): AsyncGenerator<ArchiveFile> {
  const names = await namesIn(directory);
  for (const name of names.toSorted((left, right) => rank(left) - rank(right))) {
    const file = path.join(directory, name);
    yield {
      path: name.split(path.sep).join("/"),
      sizeBytes: (await stat(file)).size,
      content: () => createReadStream(file),
    };
  }
}

function rank(name: string): number {
  return name === manifestName ? 0 : 1;
}

async function namesIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)));
}

async function sizeOf(directory: string): Promise<number> {
  const sizes = await Promise.all(
    (await namesIn(directory)).map(async (name) => (await stat(path.join(directory, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
