/**
 * The directory that holds everything of one store, and the right to use it: `otelier.pid` names the process that does. A second one
 * is refused with that name; what a crashed one left is taken over. (The engine holds a kernel lock beneath; this one exists to say who.)
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import {
  releaseDirectoryLock,
  takeDirectoryLock,
  type LockHolder,
} from "../../../base/durable/directory-lock.ts";
import { OtelierError } from "../../../base/error.ts";

export interface DataDirectory {
  readonly path: string;
  readonly databaseDirectory: string;
  readonly temporaryDirectory: string;
  /** Names the engine's process, see EngineOptions. */
  readonly engineLockPath: string;
  /** Unix socket of the engine. */
  readonly socketPath: string;
  /** Gives the directory free; to be called when nothing uses it any more. */
  release(): void;
}

/** Creates what is missing and takes the directory. Throws an OtelierError "data-directory-in-use" (permanent). */
export function takeDataDirectory(path: string): DataDirectory {
  const root = resolve(path);
  try {
    makeFolders(root);
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
    engineLockPath: join(root, "engine.pid"),
    socketPath: socketPathOf(root),
    release: () => releaseDirectoryLock(lock),
  };
}

/** Not by the option `recursive`, with which Node.js tries for ever where the system refuses as it does below /proc. */
function makeFolders(folder: string): void {
  if (existsSync(folder)) return;
  makeFolders(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  }
}

function takeLock(root: string, lock: string): void {
  let holder: LockHolder | undefined;
  try {
    holder = takeDirectoryLock(lock);
  } catch (error) {
    throw cannotUse(root, error);
  }
  if (holder !== undefined) throw inUse(root, holder);
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

function inUse(root: string, holder: LockHolder): OtelierError {
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
