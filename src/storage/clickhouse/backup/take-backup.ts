/**
 * A copy of everything at one moment: tables are frozen (hard links to their parts, which never change), and segments that wait for their insert are linked
 * beside them, while inserts are held back. So the copy costs no disk while it is read, and misses and doubles nothing.
 */
import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, link, mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { OtelierError } from "../../../base/error.ts";
import type { ArchiveFile } from "../../../base/tar/tar.ts";
import type { Backup } from "../../backup.ts";
import type { ClickHouseClient } from "../client/client.ts";
import type { DataDirectory } from "../engine/data-directory.ts";
import { tables } from "../schema/tables.ts";
import { readParts } from "../writer/retention/parts.ts";
import { parseSegmentFileName } from "../writer/segments/segment.ts";
import { keptDaysFile } from "../writer/retention/kept-days.ts";
import type { InsertGate } from "./insert-gate.ts";
import { manifestName, schemaOfBackup, type BackupManifest } from "./manifest.ts";
import { readTablePaths } from "./table-paths.ts";

export interface TakenFrom {
  readonly client: ClickHouseClient;
  readonly directory: DataDirectory;
  readonly gate: InsertGate;
  readonly nowMs: number;
}

// Letters, digits and "_" only: the engine escapes others in the name of the folder.
const namePrefix = "otelier_backup_";

export async function takeBackup(from: TakenFrom): Promise<Backup> {
  const { client, directory, gate } = from;
  if (client.address.kind !== "socket") {
    throw new OtelierError(
      "cannot back up a ClickHouse server, whose files are not here; use its BACKUP statement, or otelier storage export",
      { code: "backup-unsupported", outcome: "permanent" },
    );
  }
  const name = `${namePrefix}${randomBytes(6).toString("hex")}`;
  const frozen = join(directory.databaseDirectory, "shadow", name);
  const release = (): Promise<void> => rm(frozen, { recursive: true, force: true });
  try {
    const paths = await readTablePaths(client);
    const segments = join(frozen, "segments");
    await gate.hold(async () => {
      for (const table of paths.keys()) {
        await client.command(`ALTER TABLE ${table} FREEZE WITH NAME '${name}'`, {
          what: `freeze ${table}`,
        });
      }
      await mkdir(segments, { recursive: true, mode: 0o700 });
      await linkSegments(join(directory.path, "segments"), segments, gate);
    });
    const files: ArchiveFile[] = [];
    const frozenTables: Record<string, { parts: number; rows: number }> = {};
    for (const [table, path] of paths) {
      const own = { parts: 0, rows: 0 };
      for (const part of await namesIn(join(frozen, path))) {
        own.parts++;
        own.rows += Number(await readFile(join(frozen, path, part, "count.txt"), "utf8"));
        files.push(...(await filesIn(join(frozen, path, part), `parts/${table}/${part}`)));
      }
      frozenTables[table] = own;
    }
    if (files.length === 0 && (await hasRows(client))) throw new Error("the engine froze nothing");
    const waiting = await filesIn(segments, "segments");
    const keptDays = await fileAt(join(directory.path, keptDaysFile), keptDaysFile).catch(() => undefined);
    const manifest: BackupManifest = {
      format: 1,
      createdMs: from.nowMs,
      migrations: schemaOfBackup(),
      tables: frozenTables,
      segments: waiting.length,
    };
    const all = [
      fileOf(manifestName, Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`)),
      ...(keptDays === undefined ? [] : [keptDays]),
      ...waiting,
      ...files,
    ];
    return { files: all, sizeBytes: all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0), release };
  } catch (error) {
    await release();
    throw error;
  }
}

async function hasRows(client: ClickHouseClient): Promise<boolean> {
  const parts = await readParts(
    client,
    tables.map(({ name }) => name),
  );
  return parts.some(({ rows }) => rows > 0);
}

/** Removes what a backup left that was not released, such as by a crash: its links keep dropped parts on the disk. */
export async function removeOldBackups(databaseDirectory: string): Promise<void> {
  const shadow = join(databaseDirectory, "shadow");
  for (const name of await namesIn(shadow))
    if (name.startsWith(namePrefix)) await rm(join(shadow, name), { recursive: true, force: true });
}

/**
 * Files appear whole under their names, and go when they are inserted; that a list had names which went is no harm, but it is read again until none had.
 * Groups stay behind: the copy knows nothing of their tokens, so what they would take together can as well be inserted one by one.
 */
async function linkSegments(from: string, to: string, gate: InsertGate): Promise<void> {
  for (let missing = true; missing;) {
    missing = false;
    for (const name of await namesIn(from)) {
      const segment = parseSegmentFileName(name);
      // One that is in the tables already would be inserted again: the copy has no memory of its token.
      if (segment === undefined || segment.kind === "g" || gate.hasInserted(name)) continue;
      try {
        await linkOrCopy(join(from, name), join(to, name));
      } catch (error) {
        if (codeOf(error) === "ENOENT") missing = true;
        else if (codeOf(error) !== "EEXIST") throw error;
      }
    }
  }
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    // Some file systems know no links.
    if (codeOf(error) !== "EPERM" && codeOf(error) !== "ENOTSUP" && codeOf(error) !== "EXDEV") throw error;
    await copyFile(from, to);
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

/** All files below a directory, under `path` in the backup. */
async function filesIn(directory: string, path: string): Promise<readonly ArchiveFile[]> {
  const files: ArchiveFile[] = [];
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const own = join(directory, entry.name);
    const inside = `${path}/${entry.name}`;
    if (entry.isDirectory()) files.push(...(await filesIn(own, inside)));
    else files.push(await fileAt(own, inside));
  }
  return files;
}

async function fileAt(file: string, path: string): Promise<ArchiveFile> {
  return { path, sizeBytes: (await stat(file)).size, content: () => createReadStream(file) };
}

function fileOf(path: string, bytes: Buffer): ArchiveFile {
  return {
    path,
    sizeBytes: bytes.length,
    async *content() {
      yield bytes;
    },
  };
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
