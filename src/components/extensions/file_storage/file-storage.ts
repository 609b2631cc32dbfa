/** Folders on disk for the queues of exporters, each held by one process at a time. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../../base/clock.ts";
import {
  releaseDirectoryLock,
  takeDirectoryLock,
  type LockHolder,
} from "../../../base/durable/directory-lock.ts";
import { messageOf, OtelierError } from "../../../base/error.ts";
import type { ComponentSettings, StorageExtension } from "../../../pipeline/component.ts";
import type { FileStorageConfig } from "./config.ts";

const lookAgainMs = 50;

export function createFileStorage({ clock }: ComponentSettings, config: FileStorageConfig): StorageExtension {
  return {
    start: () => {
      if (!config.create_directory) return Promise.resolve();
      const mode = Number.parseInt(config.directory_permissions, 8);
      try {
        mkdirSync(config.directory, { recursive: true, mode });
        return Promise.resolve();
      } catch (error) {
        return Promise.reject(unusable(config.directory, error));
      }
    },
    shutdown: () => Promise.resolve(),
    openQueue: async (name) => {
      const path = join(config.directory, safeFileName(name));
      const lock = join(path, "otelier.pid");
      try {
        mkdirSync(path, { recursive: true, mode: 0o700 });
        await takeWithin(lock, path, config.timeout, clock);
      } catch (error) {
        throw error instanceof OtelierError ? error : unusable(path, error);
      }
      return {
        path,
        fsync: config.fsync,
        maxBytes: config.max_size,
        release: () => releaseDirectoryLock(lock),
      };
    },
  };
}

async function takeWithin(lock: string, path: string, timeoutMs: number, clock: Clock): Promise<void> {
  const startedMs = clock.monotonic();
  for (;;) {
    const holder = takeDirectoryLock(lock);
    if (holder === undefined) return;
    if (clock.monotonic() - startedMs >= timeoutMs) throw inUse(path, holder);
    await clock.sleep(lookAgainMs);
  }
}

/** As contrib's: letters, digits, ".", "_" and "-" stay, others become "~" and their code in hex. */
function safeFileName(name: string): string {
  return name.replace(
    /[^A-Za-z0-9._-]/gu,
    (character) => `~${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`,
  );
}

function inUse(path: string, holder: LockHolder): OtelierError {
  return new OtelierError(
    `cannot use the storage "${path}": process ${holder.pid} (${holder.command}) is using it; stop it, or choose another directory`,
    { code: "storage-in-use", outcome: "permanent" },
  );
}

function unusable(path: string, cause: unknown): OtelierError {
  return new OtelierError(`cannot use the storage "${path}": ${messageOf(cause)}`, {
    code: "storage-unusable",
    outcome: "permanent",
    cause,
  });
}
