/** The moments at which the kill rounds strike. Each leaves the stack ended, or running with a dead engine that it starts again. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { defaultDatabase } from "../../src/storage/clickhouse/client/address.ts";
import { ClickHouseClient } from "../../src/storage/clickhouse/client/client.ts";
import type { Random } from "../../src/base/random.ts";
import { killPid, type StackProcess } from "../e2e/durability/stack-process.ts";

export interface Scene {
  readonly stack: StackProcess;
  readonly folder: string;
  readonly random: Random;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until it holds, or gives up; false then. */
export async function soon(condition: () => boolean, withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > until) return false;
    await pause(1);
  }
  return true;
}

async function killEngine({ stack }: Scene): Promise<void> {
  await soon(() => stack.enginePid() !== undefined, 30_000);
  const pid = stack.enginePid();
  if (pid !== undefined) killPid(pid);
}

/** Strikes, and says whether the moment was met. */
export type Strike = (scene: Scene) => Promise<boolean>;

export const kinds: Readonly<Record<string, Strike>> = {
  "the program": async ({ stack, random }) => {
    await pause(random.next() * 600);
    await stack.kill("SIGKILL");
    return true;
  },
  "program and engine together": async ({ stack, random }) => {
    await pause(random.next() * 600);
    await stack.killBoth();
    return true;
  },
  "the engine": async (scene) => {
    await pause(scene.random.next() * 600);
    await killEngine(scene);
    return true;
  },
  "during an insert": async (scene) => {
    const segments = path.join(scene.folder, "segments");
    const before = new Set(readdirSync(segments));
    const met = await soon(() => readdirSync(segments).some((name) => isNew(name, before)), 5_000);
    await pause(scene.random.next() * 15);
    await (scene.random.next() < 0.5 ? scene.stack.killBoth() : killEngine(scene));
    return met;
  },
  "before a part has its name": async (scene) => {
    await soon(() => scene.stack.enginePid() !== undefined, 30_000);
    const pid = scene.stack.enginePid();
    if (pid === undefined) return false;
    const met = await killAtRename(pid, 1 + Math.floor(scene.random.next() * 12));
    if (!met) killPid(pid);
    if (scene.random.next() < 0.5) await scene.stack.killBoth();
    return met;
  },
  "during a merge": async (scene) => {
    const database = path.join(scene.folder, "db");
    const merging = ask(scene.folder, "OPTIMIZE TABLE otel_traces FINAL");
    const met = await soon(() => hasMerge(database), 3_000);
    await pause(scene.random.next() * 10);
    await (scene.random.next() < 0.5 ? scene.stack.killBoth() : killEngine(scene));
    await merging;
    return met;
  },
  "during a migration": async ({ stack, folder, random }) => {
    // Without its record the schema's step is applied again, over tables with rows and with segments pending.
    await ask(folder, "TRUNCATE TABLE otelier_migrations");
    await stack.killBoth();
    const socket = path.join(folder, "engine.sock");
    await soon(() => !existsSync(socket), 1);
    const child = stack.launch();
    const engineReady = (): boolean => stack.enginePid() !== undefined && existsSync(socket);
    const met = await soon(() => engineReady() || child.exitCode !== null, 30_000);
    await pause(random.next() * 400);
    await stack.killBoth();
    return met;
  },
  "during the start": async ({ stack, random }) => {
    await stack.killBoth();
    stack.launch();
    await pause(50 + random.next() * 1_500);
    await stack.killBoth();
    return true;
  },
};

/** What a round needs beside the stack, when that is not here. */
export function lackOf(kind: string): string | undefined {
  if (kind !== "before a part has its name" || spawnSync("strace", ["-V"]).status === 0) return undefined;
  return `no kills ${kind}: strace is not installed`;
}

/** Ends the process as it enters its `time`th rename; false when it made fewer within 10 s. The engine gives parts their names by it, its notes of them are made by then. */
async function killAtRename(pid: number, time: number): Promise<boolean> {
  const calls = "rename,renameat,renameat2";
  const strike = `inject=${calls}:signal=SIGKILL:when=${time}`;
  const tracer = spawn("strace", ["-f", "-qq", "-p", `${pid}`, "-e", `trace=${calls}`, "-e", strike], {
    stdio: "ignore",
  });
  const met = await soon(() => !existsSync(`/proc/${pid}`), 10_000);
  tracer.kill("SIGINT");
  if (tracer.exitCode === null && tracer.signalCode === null) await once(tracer, "exit");
  return met;
}

function isNew(name: string, before: ReadonlySet<string>): boolean {
  return name.endsWith(".native") && !before.has(name);
}

/** A merge writes into a folder "store/xxx/UUID/tmp_merge_...". */
function hasMerge(database: string): boolean {
  return tablesOf(database).some((table) => namesIn(table).some((name) => name.startsWith("tmp_merge_")));
}

/** Folders of all tables. */
function tablesOf(database: string): readonly string[] {
  const store = path.join(database, "store");
  return namesIn(store).flatMap((prefix) =>
    namesIn(path.join(store, prefix)).map((table) => path.join(store, prefix, table)),
  );
}

/** Folders come and go while the engine works. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Runs a statement in the running engine; its death is no error. */
async function ask(folder: string, sql: string): Promise<void> {
  const address = {
    kind: "socket",
    path: path.join(folder, "engine.sock"),
    database: defaultDatabase,
  } as const;
  const client = new ClickHouseClient({ address });
  await client.command(sql, { what: "disturb", timeoutMs: 60_000 }).catch(() => undefined);
  await client.close();
}
