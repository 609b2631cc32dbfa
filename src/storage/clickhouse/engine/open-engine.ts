import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { drainPending, Session } from "chdb";
import type { EngineOptions } from "./engine-options.ts";
import type { EnginePools } from "./engine-server.ts";
import { SessionPool, type Settings } from "./session-pool.ts";
import { guardedSettings } from "./guarded-settings.ts";

export interface OpenEngine {
  readonly pools: EnginePools;
  readonly version: string;
  /** Waits for what runs, then releases the directory. */
  close(): Promise<void>;
}

const sessionCounts = { read: 4, write: 3, guarded: 2, control: 1 };

/** Opens the database directory with bounded caches and memory. Rejects when another process has it ("Cannot lock file"). */
export async function openEngine(options: EngineOptions): Promise<OpenEngine> {
  const configuration = join(options.temporaryDirectory, "engine.xml");
  writeFileSync(configuration, serverConfiguration, { mode: 0o600 });
  const connect = (): Session =>
    // Server configuration is taken from the first connection only; later ones ignore it.
    new Session(options.databaseDirectory, {
      connectionArgs: [`--config-file=${configuration}`, ...serverArguments(options)],
    });
  const open = async (): Promise<Session> => connect();
  const first = connect();
  // The engine's default database has another kind of storage ("Overlay"), in which views and renames are limited.
  await first.queryAsync("CREATE DATABASE IF NOT EXISTS otelier ENGINE = Atomic");
  const version = (await first.queryAsync("SELECT version()", { format: "TabSeparated" })).text().trim();
  const base = baseSettings(options);
  const pools = {
    read: new SessionPool(sessionCounts.read, open, { ...base, ...readSettings }),
    write: new SessionPool(sessionCounts.write, open, { ...base, ...writeSettings }),
    guarded: new SessionPool(sessionCounts.guarded, async () => setGuarded(connect()), {}),
    control: new SessionPool(sessionCounts.control, open, {}),
  };
  return {
    pools,
    version,
    close: async () => {
      await drainPending();
      for (const pool of Object.values(pools)) pool.close();
      first.close();
      await drainPending();
    },
  };
}

/**
 * `compression`, of columns that leave it to the engine (step 7 of the schema): what comes in is packed by LZ4, a merge of parts that take more than this by ZSTD.
 * Packing is a fifth of an insert's work, and a fresh part is soon merged. Freed memory goes back to the system from 8 % of the limit on, not from
 * 20 %: under load it was more than what the engine used (ADR 0028).
 */
const serverConfiguration = `<clickhouse>
  <memory_worker_purge_dirty_pages_threshold_ratio>0.08</memory_worker_purge_dirty_pages_threshold_ratio>
  <compression>
    <case>
      <min_part_size>${4 * 1024 * 1024}</min_part_size>
      <min_part_size_ratio>0</min_part_size_ratio>
      <method>zstd</method>
      <level>1</level>
    </case>
  </compression>
</clickhouse>
`;

/** Defaults of ClickHouse are for a server that has the machine for itself: 0.9 of the memory, caches of 5 GiB. */
function serverArguments(options: EngineOptions): readonly string[] {
  const mib = 1024 * 1024;
  return [
    `--max_server_memory_usage=${options.memoryBytes}`,
    `--mark_cache_size=${64 * mib}`,
    `--index_mark_cache_size=${32 * mib}`,
    `--primary_index_cache_size=${64 * mib}`,
    `--query_condition_cache_size=${16 * mib}`,
    "--max_concurrent_queries=64",
  ];
}

function baseSettings(options: EngineOptions): Settings {
  return {
    max_memory_usage: String(Math.floor(options.memoryBytes * 0.75)),
    max_execution_time: "600",
  };
}

/**
 * Who asks waits for an answer; what is inserted is safe already. Without CAP_SYS_NICE these do nothing. Both are set, because the engine does not always take
 * a thread's priority back before another statement gets it.
 */
const readSettings: Settings = { os_threads_nice_value_query: "-5" };
const writeSettings: Settings = { async_insert: "0", os_threads_nice_value_query: "5" };

async function setGuarded(session: Session): Promise<Session> {
  await session.queryAsync("USE otelier");
  const list = Object.entries(guardedSettings).map(([name, value]) => `${name} = '${value}'`);
  await session.queryAsync(`SET ${list.join(", ")}`);
  // Last, because nothing can be set after it.
  await session.queryAsync("SET readonly = 1");
  return session;
}
