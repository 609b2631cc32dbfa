/** Writes an export into a directory, one file a piece, and a list of them. */
import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { OtelierError } from "../../base/error.ts";
import type { ExportQuery } from "../../storage/transfer.ts";
import type { Progress } from "../../instrument/progress.ts";
import type { StorageAccess } from "./access.ts";

export interface Exported {
  readonly files: number;
  readonly bytes: number;
}

/**
 * The directory is made; one that holds anything is refused ("directory-not-empty"), so that no export mixes with another. A file has its name
 * once it is whole.
 */
export async function exportToDirectory(
  access: StorageAccess,
  query: ExportQuery,
  directory: string,
  progress: Progress,
): Promise<Exported> {
  await makeEmptyDirectory(directory, "export");
  const pieces = await access.exportPieces(query);
  let bytes = 0;
  let files = 0;
  for (const [index, piece] of pieces.entries()) {
    progress.update(index, pieces.length);
    const content = await access.exportPiece(query, piece);
    if (content.length === 0) continue;
    const file = path.join(directory, piece.name);
    await writeFile(`${file}.part`, content);
    await rename(`${file}.part`, file);
    bytes += content.length;
    files++;
  }
  progress.end();
  return { files, bytes };
}

/** Makes a directory, or finds it empty. */
export async function makeEmptyDirectory(directory: string, what: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const [first] = await readdir(directory);
  if (first === undefined) return;
  throw new OtelierError(
    `cannot ${what} into "${directory}": there is something in it ("${first}"); name an empty or a new directory`,
    { code: "directory-not-empty", outcome: "permanent" },
  );
}
