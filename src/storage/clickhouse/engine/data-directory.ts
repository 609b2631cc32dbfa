/**
 * The directory that holds everything of one store, and the right to use it: `otelier.pid` names the process that does. A second one
 * is refused with that name; what a crashed one left is taken over. (The engine holds a kernel lock beneath; this one exists to say who.)
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync, linkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { OtelierError } from "../../../base/error.ts";

export interface DataDirectory {
  readonly path: string;
  readonly databaseDirectory: string;
  readonly temporaryDirectory: string;
  /** Unix socket of the engine. */
  readonly socketPath: string;
  /** Gives the directory free; to be called when nothing uses it any more. */
  release(): void;
}

/** Creates what is missing and takes the directory. Throws an OtelierError "data-directory-in-use" (permanent). */
export function takeDataDirectory(path: string): DataDirectory {
  const root = resolve(path);
  mkdirSync(root, { recursive: true, mode: 0o700 });
  try {
    // The directory often lies in a working copy; it must never be committed.
    writeFileSync(join(root, ".gitignore"), "*\n", { flag: "wx" });
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw cannotUse(root, error);
  }
  const lock = join(root, "otelier.pid");
  takeLock(root, lock);
  return {
    path: root,
    databaseDirectory: join(root, "db"),
    temporaryDirectory: join(root, "tmp"),
    socketPath: socketPathOf(root),
    release: () => {
      if (readHolder(lock)?.pid === process.pid) rmSync(lock, { force: true });
    },
  };
}

interface Holder {
  readonly pid: number;
  /** Start time of the process in clock ticks (Linux), so that a reused pid is not taken for the holder; '' elsewhere. */
  readonly started: string;
  readonly command: string;
}

function takeLock(root: string, lock: string): void {
  const own: Holder = {
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
        return;
      } catch (error) {
        if (errorCode(error) !== "EEXIST") throw cannotUse(root, error);
        const holder = readHolder(lock);
        if (holder !== undefined && (isRunning(holder) || attempt > 5)) throw inUse(root, holder);
        rmSync(lock, { force: true });
      }
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

function readHolder(lock: string): Holder | undefined {
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

function isRunning(holder: Holder): boolean {
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
    // The command name, in parentheses, may hold blanks; the 20th field behind it is the start time.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

/** Paths of Unix sockets are limited to about 104 bytes; a deep directory gets a short one among the temporary files. */
function socketPathOf(root: string): string {
  const direct = join(root, "engine.sock");
  if (Buffer.byteLength(direct) < 100) return direct;
  const hash = createHash("sha256").update(root).digest("hex").slice(0, 16);
  const directory = join(tmpdir(), `otelier-${process.getuid?.() ?? 0}-${hash}`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return join(directory, "engine.sock");
}

function inUse(root: string, holder: Holder): OtelierError {
  return new OtelierError(
    `cannot use the data directory "${root}": process ${holder.pid} (${holder.command}) is using it; stop it, or choose another with --data DIR`,
    { code: "data-directory-in-use", outcome: "permanent" },
  );
}

function cannotUse(root: string, cause: unknown): OtelierError {
  return new OtelierError(
    `cannot use the data directory "${root}": ${cause instanceof Error ? cause.message : String(cause)}`,
    { code: "data-directory-unusable", outcome: "permanent", cause },
  );
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
