/** An engine of its own in a folder of its own, for tests of what only the real one can say. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll } from "vitest";
import { defaultDatabase } from "../client/address.ts";
import { ClickHouseClient } from "../client/client.ts";
import { takeDataDirectory } from "../engine/data-directory.ts";
import { EngineSupervisor } from "../engine/supervisor.ts";
import { migrate } from "../schema/migrate.ts";

export interface StartedEngine {
  readonly client: ClickHouseClient;
  stop(): Promise<void>;
}

/** Its data lie in "data" of the folder. */
export async function startEngine(
  folder: string,
  { migrated = true }: { readonly migrated?: boolean } = {},
): Promise<StartedEngine> {
  const directory = takeDataDirectory(path.join(folder, "data"));
  const engine = await EngineSupervisor.start({ directory });
  const client = new ClickHouseClient({
    address: { kind: "socket", path: engine.socketPath, database: defaultDatabase },
  });
  if (migrated) await migrate(client, { target: { kind: "single", database: defaultDatabase } });
  return {
    client,
    stop: async () => {
      await client.close();
      await engine.stop();
      directory.release();
    },
  };
}

export interface EngineScene {
  /** There at once; removed after the tests. */
  readonly folder: string;
  /** Within tests only. */
  readonly client: ClickHouseClient;
}

/** Started before the tests of a file or a `describe`, ended after them. Without `migrated` it has no tables. */
export function engineScene(options: { readonly migrated?: boolean } = {}): EngineScene {
  const folder = mkdtempSync(path.join(tmpdir(), "otelier-engine-scene-"));
  let engine: StartedEngine | undefined;
  beforeAll(async () => {
    engine = await startEngine(folder, options);
  }, 60_000);
  afterAll(async () => {
    await engine?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);
  return {
    folder,
    get client() {
      if (engine === undefined) throw new Error("the engine runs within tests only");
      return engine.client;
    },
  };
}
