/** Makes a data directory of a backup: tables by its schema, its parts attached, its segments ready to be inserted at the next start. */
import { createWriteStream } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { messageOf, OtelierError } from "../../../base/error.ts";
import type { ArchiveFile } from "../../../base/tar/tar.ts";
import { defaultDatabase } from "../client/address.ts";
import { ClickHouseClient } from "../client/client.ts";
import { takeDataDirectory, type DataDirectory } from "../engine/data-directory.ts";
import { EngineSupervisor } from "../engine/supervisor.ts";
import { migrate } from "../schema/migrate.ts";
import { tables } from "../schema/tables.ts";
import { parseSegmentFileName } from "../writer/segments/segment.ts";
import { keptDaysFile } from "../writer/retention/kept-days.ts";
import { damaged, manifestName, migrationsOf, parseManifest, type BackupManifest } from "./manifest.ts";
import { readTablePaths } from "./table-paths.ts";

export interface RestoreOptions {
  /** Empty or missing. */
  readonly dataDirectory: string;
  /** The manifest first. */
  readonly files: AsyncIterable<ArchiveFile>;
  /** Called with the bytes written so far. */
  readonly onProgress?: (bytes: number) => void;
}

export interface Restored {
  readonly createdMs: number;
  readonly rows: number;
  readonly parts: number;
  readonly segments: number;
}

/**
 * Rejects with "directory-not-empty" before anything is touched; with "backup-damaged", "schema-newer" or "schema-altered" after
 * the directory was emptied again.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { dataDirectory } = options;
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  const [first] = await readdir(dataDirectory);
  if (first !== undefined) {
    throw new OtelierError(
      `cannot restore into "${dataDirectory}": there is something in it ("${first}"); name an empty or a new directory with --data DIR`,
      { code: "directory-not-empty", outcome: "permanent" },
    );
  }
  const directory = takeDataDirectory(dataDirectory);
  try {
    return await restoreInto(directory, options);
  } catch (error) {
    for (const name of await readdir(dataDirectory))
      await rm(join(dataDirectory, name), { recursive: true, force: true });
    throw error instanceof OtelierError ? error : damaged(messageOf(error), error);
  } finally {
    directory.release();
  }
}

async function restoreInto(directory: DataDirectory, options: RestoreOptions): Promise<Restored> {
  const files = options.files[Symbol.asyncIterator]();
  try {
    const first = await files.next();
    if (first.done === true || first.value.path !== manifestName)
      throw damaged(`"${manifestName}" is missing`);
    const manifest = parseManifest(await textOf(first.value));
    const steps = migrationsOf(manifest);
    const engine = await EngineSupervisor.start({ directory });
    const client = new ClickHouseClient({
      address: { kind: "socket", path: directory.socketPath, database: defaultDatabase },
    });
    try {
      await migrate(client, {
        target: { kind: "single", database: defaultDatabase, embedded: true },
        migrations: steps,
      });
      const parts = await copyFiles({ next: () => files.next() }, directory, client, options.onProgress);
      for (const [table, names] of parts) {
        for (const name of names)
          await client.command(`ALTER TABLE ${table} ATTACH PART '${name}'`, {
            what: `attach ${name} to ${table}`,
            timeoutMs: 300_000,
          });
      }
      return await check(client, manifest);
    } finally {
      await client.close();
      await engine.stop();
    }
  } finally {
    await files.return?.();
  }
}

interface FileSource {
  next(): Promise<IteratorResult<ArchiveFile, unknown>>;
}

/** Writes all files where they belong; gives the parts of each table, which lie detached. */
async function copyFiles(
  files: FileSource,
  directory: DataDirectory,
  client: ClickHouseClient,
  onProgress: RestoreOptions["onProgress"],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const paths = await readTablePaths(client);
  const parts = new Map<string, Set<string>>();
  let bytes = 0;
  for (let next = await files.next(); next.done !== true; next = await files.next()) {
    const file = next.value;
    const target = targetOf(file.path, directory, paths);
    if (target.part !== undefined) {
      const names = parts.get(target.part.table) ?? new Set();
      parts.set(target.part.table, names.add(target.part.name));
    }
    await mkdir(dirname(target.path), { recursive: true, mode: 0o700 });
    await pipeline(file.content(), createWriteStream(target.path, { flags: "wx", mode: 0o600 }));
    bytes += file.sizeBytes;
    onProgress?.(bytes);
  }
  return parts;
}

interface TargetFile {
  readonly path: string;
  readonly part?: { readonly table: string; readonly name: string };
}

/** Names of a backup are checked: nothing is written elsewhere, whatever an archive says. */
function targetOf(
  path: string,
  directory: DataDirectory,
  tablePaths: ReadonlyMap<string, string>,
): TargetFile {
  if (path === keptDaysFile) return { path: join(directory.path, keptDaysFile) };
  const [kind = "", ...rest] = path.split("/");
  if (kind === "segments" && rest.length === 1 && parseSegmentFileName(rest[0] ?? "") !== undefined)
    return { path: join(directory.path, "segments", rest[0] ?? "") };
  const [table = "", name = "", ...file] = rest;
  const own = tablePaths.get(table);
  const isPlain = /^[A-Za-z0-9_]+$/.test(name) && file.length > 0 && file.every(isFileName);
  if (kind !== "parts" || own === undefined || !isPlain) throw damaged(`it holds "${path}"`);
  return { path: join(directory.databaseDirectory, own, "detached", name, ...file), part: { table, name } };
}

function isFileName(name: string): boolean {
  return /^[A-Za-z0-9_.%@-]+$/.test(name) && name !== "." && name !== "..";
}

async function check(client: ClickHouseClient, manifest: BackupManifest): Promise<Restored> {
  let rows = 0;
  let parts = 0;
  for (const [table, told] of Object.entries(manifest.tables)) {
    const answer = await client.queryRows(
      `SELECT sum(rows), count() FROM system.parts WHERE active AND database = currentDatabase() AND table = '${table.replaceAll(/[^a-z_0-9]/g, "")}'`,
      { what: "count what was restored" },
    );
    const found = Number(answer.rows[0]?.[0] ?? 0);
    // Merges of rows that add up begin at once, and make fewer of them.
    const isPlain = tables.find(({ name }) => name === table)?.merge.kind === "plain";
    if (isPlain ? found !== told.rows : told.rows > 0 && found === 0)
      throw damaged(`of ${told.rows} rows of ${table} ${found} came back`);
    rows += told.rows;
    parts += told.parts;
  }
  return { createdMs: manifest.createdMs, rows, parts, segments: manifest.segments };
}

async function textOf(file: ArchiveFile): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of file.content()) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}
