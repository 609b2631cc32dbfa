/**
 * Where batches go: the store of this program, or a writer of our own to a server that only the configuration names. A server's writer is shared by the
 * signals of one configuration and closed with the last of them.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { hasErrors } from "../../../base/diagnostic.ts";
import { messageOf, OtelierError } from "../../../base/error.ts";
import type { Log } from "../../../pipeline/component.ts";
import type { TelemetryWriter } from "../../../storage/store.ts";
import { parseClickHouseUrl, type ClickHouseAddress } from "../../../storage/clickhouse/client/address.ts";
import { ClickHouseClient } from "../../../storage/clickhouse/client/client.ts";
import { migrateServer } from "../../../storage/clickhouse/schema/migrate.ts";
import { migrations } from "../../../storage/clickhouse/schema/migrations.ts";
import { Retention } from "../../../storage/clickhouse/writer/retention/retention.ts";
import { ClickHouseWriter } from "../../../storage/clickhouse/writer/writer.ts";
import type { ClickHouseConfig } from "./config.ts";

export interface LentWriter {
  readonly writer: TelemetryWriter;
  /** Makes safe what was accepted; called once. */
  release(): Promise<void>;
}

/** Gives the writer for a configuration; called once for each signal at the start. */
export type WriterFor = (config: ClickHouseConfig, log: Log) => Promise<LentWriter>;

export interface WritersOptions {
  /** The store that this program keeps, and the server it is in ('': the embedded engine). */
  readonly store?: TelemetryWriter;
  readonly storeEndpoint?: string;
  /** Where the segments of servers lie. */
  readonly dataDir: string;
}

interface Shared {
  readonly opened: Promise<{ readonly writer: TelemetryWriter; close(): Promise<void> }>;
  users: number;
}

export function createWriters(options: WritersOptions): WriterFor {
  const shared = new Map<string, Shared>();
  return async (config, log) => {
    const { store } = options;
    if (store !== undefined && (config.endpoint === "" || config.endpoint === options.storeEndpoint)) {
      return { writer: store, release: () => Promise.resolve() };
    }
    if (config.endpoint === "") {
      throw new OtelierError(
        'cannot open the store: no embedded engine runs here; start it with "otelier up --config FILE", or set endpoint to a ClickHouse server',
        { code: "no-store", outcome: "permanent" },
      );
    }
    const address = addressOf(config);
    const key = JSON.stringify(address);
    const entry = shared.get(key) ?? { opened: openServer(address, config, options.dataDir, log), users: 0 };
    shared.set(key, entry);
    entry.users++;
    const opened = await entry.opened;
    return {
      writer: opened.writer,
      release: async () => {
        entry.users--;
        if (entry.users > 0) return;
        shared.delete(key);
        await opened.close();
      },
    };
  };
}

/** The endpoint with what the other options say. */
function addressOf(config: ClickHouseConfig): ClickHouseAddress {
  const { value, diagnostics } = parseClickHouseUrl(config.endpoint);
  if (value === undefined || value.kind !== "url" || hasErrors(diagnostics)) {
    const why = diagnostics.map(({ message }) => message).join("; ");
    throw new OtelierError(why, { code: "bad-clickhouse-url", outcome: "permanent" });
  }
  return {
    ...value,
    ...(config.username === "" ? {} : { username: config.username }),
    ...(config.password === "" ? {} : { password: config.password }),
    ...(config.database === "" ? {} : { database: config.database }),
  };
}

async function openServer(
  address: ClickHouseAddress,
  config: ClickHouseConfig,
  dataDir: string,
  log: Log,
): Promise<{ readonly writer: TelemetryWriter; close(): Promise<void> }> {
  const where = address.kind === "url" ? `${address.url}/${address.database}` : address.path;
  if (config.create_schema) {
    try {
      await migrateServer(address);
    } catch (error) {
      throw new OtelierError(`cannot use ClickHouse at ${where}: ${messageOf(error)}`, {
        code: "clickhouse-unusable",
        outcome: "permanent",
        cause: error,
      });
    }
  }
  const client = new ClickHouseClient({ address });
  const name = createHash("sha256").update(where).digest("hex").slice(0, 16);
  const writer = await ClickHouseWriter.open({
    client,
    directory: join(dataDir, "servers", name, "segments"),
    schemaVersion: migrations.length,
    maxSeries: config.max_series,
    report: (event) => {
      if (event.kind === "recovered") {
        log.info("Inserting what an earlier run left.", { segments: event.segments, bytes: event.bytes });
      } else {
        log.error("A segment cannot be inserted and was set aside.", {
          table: event.table,
          rows: event.rows,
          file: event.file,
          reason: event.reason,
        });
      }
    },
  });
  const retention = new Retention({
    client,
    maxAgeMs: { traces: config.ttl, metrics: config.ttl, logs: config.ttl },
    maxBytes: 0,
    report: ({ table, rows, reason }) => log.info("Dropped old data.", { table, rows, reason }),
  });
  retention.start();
  return {
    writer,
    close: async () => {
      await retention.stop();
      await writer.close();
      await client.close();
    },
  };
}
