/**
 * The right of one process to use a directory: a file that names who holds it. What a crashed holder left is taken over; a process id that
 * the system gave to another program since is recognised (Linux).
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";

export interface LockHolder {
  readonly pid: number;
  /** Start time of the process in clock ticks (Linux), so that a reused pid is not taken for the holder; '' elsewhere. */
  readonly started: string;
  readonly command: string;
}

/** Takes the lock, or gives who holds it. Throws the file system's error when the file cannot be written. */
export function takeDirectoryLock(lock: string): LockHolder | undefined {
  const own: LockHolder = {
    pid: process.pid,
    started: startOf(process.pid),
    command: process.argv.slice(1, 4).join(" "),
  };
  // Written apart and linked: the lock appears whole, in one step that fails when it exists.
  const draft = `${lock}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        linkSync(draft, lock);
        return undefined;
      } catch (error) {
        if (errorCode(error) !== "EEXIST") throw error;
        const holder = readHolder(lock);
        if (holder !== undefined && (isRunning(holder) || attempt > 5)) return holder;
        removeStale(lock, holder);
      }
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Gives the lock free, if it is ours. */
export function releaseDirectoryLock(lock: string): void {
  if (readHolder(lock)?.pid === process.pid) rmSync(lock, { force: true });
}

/** Another process may have taken the stale lock over since it was read; its lock is then put back. */
function removeStale(lock: string, stale: LockHolder | undefined): void {
  const taken = `${lock}.stale.${process.pid}`;
  try {
    renameSync(lock, taken);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return;
    throw error;
  }
  const found = readHolder(taken);
  if (found !== undefined && (found.pid !== stale?.pid || found.started !== stale.started)) {
    try {
      linkSync(taken, lock);
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
  }
  rmSync(taken, { force: true });
}

function readHolder(lock: string): LockHolder | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(lock, "utf8"));
    if (typeof parsed !== "object" || parsed === null || !("pid" in parsed)) return undefined;
    const started = "started" in parsed ? String(parsed.started) : "";
    const command = "command" in parsed ? String(parsed.command) : "";
    return { pid: Number(parsed.pid), started, command };
  } catch {
    return undefined;
  }
}

function isRunning(holder: LockHolder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (errorCode(error) !== "EPERM") return false;
  }
  return holder.started === "" || startOf(holder.pid) === holder.started;
}

function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // The command name, in parentheses, may hold blanks; the 20th field behind it is the start time. A zombie holds nothing any more.
    return fields[0] === "Z" ? "ended" : (fields[19] ?? "");
  } catch {
    return "";
  }
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
