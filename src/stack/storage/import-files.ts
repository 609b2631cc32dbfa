/** Reads files of an export, or of the Collector's file exporter, into a store. */
import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { messageOf, OtelierError } from "../../base/error.ts";
import type { Progress } from "../../instrument/progress.ts";
import type { ImportOptions, TransferFormat } from "../../storage/transfer.ts";
import type { StorageAccess } from "./access.ts";

export interface Imported {
  readonly files: number;
  readonly rows: number;
  readonly rejected: number;
  readonly reason: string;
}

export interface ImportRequest {
  /** Files, and directories whose files are taken in the order of their names. */
  readonly paths: readonly string[];
  /** By the files' names when absent. */
  readonly format?: TransferFormat;
  readonly keep: boolean;
}

/** Lines are sent together up to so many bytes; a single line may be longer. */
const lineBytes = 8 * 1024 * 1024;

/** Stops at the first file that is refused; the error says which, and what was taken before. */
export async function importFiles(
  access: StorageAccess,
  request: ImportRequest,
  progress: Progress,
): Promise<Imported> {
  const files = await filesOf(request.paths);
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const imported = { files: 0, rows: 0, rejected: 0, reason: "" };
  let done = 0;
  for (const file of files) {
    const options = { format: request.format ?? formatOf(file), keep: request.keep };
    try {
      for await (const bytes of piecesOf(file, options)) {
        progress.update(mebibytes(done), mebibytes(total));
        const { rows, rejected, reason } = await access.importPiece(bytes, options);
        imported.rows += rows;
        imported.rejected += rejected;
        if (reason !== "") imported.reason = reason;
        done += bytes.length;
      }
    } catch (error) {
      progress.end();
      throw withPlace(error, file, imported);
    }
    imported.files++;
  }
  progress.end();
  return imported;
}

function mebibytes(bytes: number): number {
  return Math.ceil(bytes / 1024 / 1024);
}

async function filesOf(paths: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const one of paths) {
    const found = await stat(one).catch(() => undefined);
    if (found === undefined) {
      throw new OtelierError(`cannot read "${one}": there is no such file or directory`, {
        code: "no-data",
        outcome: "permanent",
      });
    }
    if (!found.isDirectory()) files.push(one);
    else {
      const names = (await readdir(one)).filter((name) => /\.(parquet|jsonl?)$/.test(name));
      files.push(...names.toSorted().map((name) => path.join(one, name)));
    }
  }
  // Oldest first, whatever the table: so that what is too old is refused before anything is taken.
  return files.toSorted((left, right) => (timeIn(left) < timeIn(right) ? -1 : 1));
}

function timeIn(file: string): string {
  return `${/\.(\d{8}T\d{6}Z)\./.exec(path.basename(file))?.[1] ?? ""} ${file}`;
}

function formatOf(file: string): TransferFormat {
  return file.endsWith(".parquet") ? "parquet" : "otlp-json";
}

async function* piecesOf(file: string, { format }: ImportOptions): AsyncGenerator<Uint8Array> {
  if (format === "parquet") {
    yield await readFile(file);
    return;
  }
  let rest: Buffer[] = [];
  let size = 0;
  for await (const piece of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
    const bytes = piece as Buffer;
    const end = bytes.lastIndexOf(0x0a);
    if (size + bytes.length < lineBytes || end === -1) {
      rest.push(bytes);
      size += bytes.length;
      continue;
    }
    yield Buffer.concat([...rest, bytes.subarray(0, end + 1)]);
    rest = [bytes.subarray(end + 1)];
    size = bytes.length - end - 1;
  }
  if (size > 0) yield Buffer.concat(rest);
}

function withPlace(error: unknown, file: string, { files, rows }: Imported): unknown {
  if (!(error instanceof OtelierError)) return error;
  const before =
    rows === 0 ? "nothing was imported" : `${rows} rows of ${files} whole files were imported before`;
  return new OtelierError(`${path.basename(file)}: ${messageOf(error)} (${before})`, {
    code: error.code,
    outcome: error.outcome,
    cause: error,
  });
}
