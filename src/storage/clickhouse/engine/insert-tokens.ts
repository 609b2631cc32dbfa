/**
 * Tokens of inserts that never became parts. The engine notes an insert's token in its table's log and only then gives the part its name; killed between the
 * two it would, at the next start, take the insert for done and ignore its repetition: acknowledged rows would be lost. So before it starts, tokens
 * whose part is not there are taken out of the logs.
 *
 * Follows ClickHouse's MergeTreeDeduplicationLog and MergeTreeSink (26.7): lines "operation TAB part TAB block id", 1 adds and 2 drops a block id,
 * files are read in the order of their numbers.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

interface Range {
  readonly partition: string;
  readonly first: number;
  readonly last: number;
}

const logFolder = "deduplication_logs";
const add = "1";
const drop = "2";

/**
 * Takes out what has no part, in all tables of a database directory that no engine uses. Returns how many tokens. A part is there too as a piece of the one that it was merged
 * into; one that was dropped since is not, and its token is of no use any more. Throws the file system's errors.
 */
export function withdrawUnkeptTokens(databaseDirectory: string): number {
  const store = join(databaseDirectory, "store");
  let withdrawn = 0;
  for (const prefix of foldersIn(store)) {
    for (const table of foldersIn(join(store, prefix))) {
      withdrawn += withdrawOfTable(join(store, prefix, table));
    }
  }
  return withdrawn;
}

function withdrawOfTable(folder: string): number {
  const logs = logsOf(join(folder, logFolder));
  const last = logs.at(-1);
  if (last === undefined) return 0;
  const partOf = new Map<string, string>();
  for (const log of logs) {
    for (const line of readFileSync(log, "utf8").split("\n").slice(0, -1)) {
      const [operation, part = "", block = ""] = line.split("\t");
      if (operation === add) partOf.set(block, part);
      else partOf.delete(block);
    }
  }
  const parts = foldersIn(folder).flatMap((name) => rangeOf(name) ?? []);
  const lost = [...partOf].filter(([, part]) => !isKept(part, parts));
  append(
    last,
    lost.map(([block, part]) => `${drop}\t${part}\t${block}\n`),
  );
  return lost.length;
}

/** Oldest first. */
function logsOf(folder: string): readonly string[] {
  return namesIn(folder)
    .flatMap((name) => {
      const number = /^deduplication_log_(\d+)\.txt$/.exec(name)?.[1];
      return number === undefined ? [] : [{ path: join(folder, name), number: Number(number) }];
    })
    .toSorted((left, right) => left.number - right.number)
    .map(({ path }) => path);
}

/** A name that we do not understand is left to the engine. */
function isKept(part: string, parts: readonly Range[]): boolean {
  const range = rangeOf(part);
  if (range === undefined) return true;
  return parts.some(
    ({ partition, first, last }) =>
      partition === range.partition && first <= range.first && last >= range.last,
  );
}

/** "partition_first_last_level", and "_mutation" behind it. */
function rangeOf(name: string): Range | undefined {
  const match = /^([^_]+)_(\d+)_(\d+)_\d+(?:_\d+)?$/.exec(name);
  if (match === null) return undefined;
  return { partition: match[1] ?? "", first: Number(match[2]), last: Number(match[3]) };
}

/** Behind the last whole line: what a power cut left of another would spoil the first of ours. */
function append(log: string, lines: readonly string[]): void {
  const text = readFileSync(log);
  const whole = text.lastIndexOf(10) + 1;
  if (lines.length === 0 && whole === text.length) return;
  const file = openSync(log, "r+");
  try {
    ftruncateSync(file, whole);
    writeSync(file, lines.join(""), whole);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function foldersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  );
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
