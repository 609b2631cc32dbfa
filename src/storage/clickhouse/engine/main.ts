/**
 * Entry of the child process that hosts the engine. One argument: EngineOptions as JSON. Says "ready" or "failed" over the IPC channel, and
 * ends when that channel closes, however the parent ended: no engine outlives its program.
 */
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import process from "node:process";
import { releaseDirectoryLock, takeDirectoryLock } from "../../../base/durable/directory-lock.ts";
import { messageOf } from "../../../base/error.ts";
import { serveHttp } from "../../../base/net/http-server.ts";
import { defaultHttpLimits } from "../../../base/net/http-limits.ts";
import type { EngineMessage, EngineOptions } from "./engine-options.ts";
import { EngineServer } from "./engine-server.ts";
import { withdrawUnkeptTokens } from "./insert-tokens.ts";
import { openEngine } from "./open-engine.ts";

function say(message: EngineMessage): void {
  if (process.connected) process.send?.(message);
}

function fail(message: string, locked: boolean): void {
  say({ kind: "failed", message, locked });
  process.exit(1);
}

async function main(options: EngineOptions): Promise<void> {
  // Files and the socket are for this user only.
  process.umask(0o077);
  // The engine of a program that was killed may still be ending, and what follows must not happen beside it.
  const holder = takeDirectoryLock(options.lockPath);
  if (holder !== undefined) {
    fail(`process ${holder.pid} still has the database "${options.databaseDirectory}" open`, true);
    return;
  }
  process.on("exit", () => releaseDirectoryLock(options.lockPath));
  withdrawUnkeptTokens(options.databaseDirectory);
  rmSync(options.temporaryDirectory, { recursive: true, force: true });
  mkdirSync(options.temporaryDirectory, { recursive: true });
  const engine = await openEngine(options);
  const server = new EngineServer({
    pools: engine.pools,
    version: engine.version,
    temporaryDirectory: options.temporaryDirectory,
  });
  const http = await serveHttp({
    endpoint: { kind: "unix", path: options.socketPath },
    handler: (request) => server.handle(request),
    limits: {
      ...defaultHttpLimits,
      idleTimeoutMs: 600_000,
      maxHeaderBytes: 256 * 1024,
      bodyTimeoutMs: 600_000,
    },
  });
  chmodSync(options.socketPath, 0o600);

  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await http.close(2_000);
    rmSync(options.socketPath, { force: true });
    await engine.close();
    process.exit(0);
  };
  process.on("disconnect", () => void stop());
  process.on("SIGTERM", () => void stop());
  // Ctrl-C reaches the whole process group; the parent decides when the engine stops.
  process.on("SIGINT", () => undefined);
  if (!process.connected) await stop();
  say({ kind: "ready", version: engine.version });
}

const options = JSON.parse(process.argv[2] ?? "{}") as EngineOptions;
main(options).catch((error: unknown) => {
  const message = messageOf(error);
  fail(message, /Cannot lock file|CANNOT_OPEN_FILE/.test(message));
});
