import {
  mkdirSync,
  openSync,
  closeSync,
  writeSync,
  readFileSync,
  renameSync,
  rmSync,
  existsSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Clock } from "../base/clock.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where agents are kept: OTELIER_CACHE, else $XDG_CACHE_HOME/otelier, else ~/.cache/otelier. */
export function cacheFolder(environment: Environment): string {
  const own = environment["OTELIER_CACHE"];
  if (own !== undefined && own !== "") return path.resolve(own);
  const xdg = environment["XDG_CACHE_HOME"];
  const base =
    xdg !== undefined && path.isAbsolute(xdg)
      ? xdg
      : path.join(environment["HOME"] ?? os.homedir(), ".cache");
  return path.join(base, "otelier");
}

/**
 * Makes `target` exist, once, however many processes ask at the same time: one holds the lock and fills a folder beside it that is
 * renamed when complete, the others wait. A folder that exists is complete. The lock of a process that died is taken over.
 * What `fill` throws passes through, and the next one tries again.
 */
export async function fillOnce(
  target: string,
  fill: (folder: string) => Promise<void>,
  clock: Clock,
): Promise<void> {
  mkdirSync(path.dirname(target), { recursive: true });
  const lock = `${target}.lock`;
  while (!existsSync(target)) {
    if (!takeLock(lock)) {
      await clock.sleep(200);
      continue;
    }
    const folder = `${target}.part-${process.pid}`;
    try {
      if (existsSync(target)) return;
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
      await fill(folder);
      moveInto(folder, target);
    } finally {
      rmSync(folder, { recursive: true, force: true });
      rmSync(lock, { force: true });
    }
  }
}

function moveInto(folder: string, target: string): void {
  try {
    renameSync(folder, target);
  } catch (error) {
    // Two may take over the lock of a dead process at once; what the other one filled is as good.
    if (!existsSync(target)) throw error;
  }
}

function takeLock(lock: string): boolean {
  try {
    const file = openSync(lock, "wx", 0o600);
    writeSync(file, `${process.pid}`);
    closeSync(file);
    return true;
  } catch {
    if (holderIsGone(lock)) rmSync(lock, { force: true });
    return false;
  }
}

function holderIsGone(lock: string): boolean {
  let pid: number;
  try {
    pid = Number(readFileSync(lock, "utf8"));
  } catch {
    return false; // released just now
  }
  // An empty file belongs to somebody between creating and writing.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
