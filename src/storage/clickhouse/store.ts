/**
 * Joins engine, client, schema, writer and reader to one Store: on a directory of its own (the embedded engine), or on a ClickHouse server.
 * Segments of accepted telemetry lie in the data directory either way.
 */
import { join } from "node:path";
import { systemClock, type Clock } from "../../base/clock.ts";
import type { Backup } from "../backup.ts";
import type { LogReader } from "../logs.ts";
import type { MetricReader } from "../metrics.ts";
import type { SpanAnalysis } from "../span-analysis.ts";
import type { SqlReader, Store, StoreCounts, StoreStatus, TableAnswer, WriteResult } from "../store.ts";
import type { TraceReader } from "../traces.ts";
import type { ExportPiece, ExportQuery, ImportOptions, ImportResult } from "../transfer.ts";
import type { RetentionSettings, StorageReport } from "../usage.ts";
import type { ReadContext } from "../window.ts";
import type { Batch } from "../../telemetry/batch.ts";
import { InsertGate } from "./backup/insert-gate.ts";
import { removeOldBackups, takeBackup } from "./backup/take-backup.ts";
import { defaultDatabase, type ClickHouseAddress } from "./client/address.ts";
import { ClickHouseClient } from "./client/client.ts";
import { takeDataDirectory, type DataDirectory } from "./engine/data-directory.ts";
import { EngineSupervisor } from "./engine/supervisor.ts";
import { createMetricReader } from "./reader/metrics/metric-reader.ts";
import { ClickHouseReader } from "./reader/reader.ts";
import { createSpanAnalysis } from "./reader/spans/span-analysis.ts";
import { migrate, migrateServer } from "./schema/migrate.ts";
import { migrations } from "./schema/migrations.ts";
import { tables } from "./schema/tables.ts";
import { settleRetention, type RetentionOptions } from "./retention-settings.ts";
import { createSqlReader } from "./sql/sql-reader.ts";
import { readTableUsage } from "./table-usage.ts";
import { exportPiece } from "./transfer/export-piece.ts";
import { importLines } from "./transfer/import-lines.ts";
import { importParquet } from "./transfer/import-parquet.ts";
import { planPieces } from "./transfer/pieces.ts";
import { reportStorage } from "./usage/storage-report.ts";
import { longestAge } from "./writer/retention/age-rules.ts";
import { KeyGuard, type KeysLeftOut } from "./writer/catalogue/key-guard.ts";
import { KeptDays } from "./writer/retention/kept-days.ts";
import { clientInserter } from "./writer/insert/inserter.ts";
import { Retention, type RetentionAction } from "./writer/retention/retention.ts";
import { ClickHouseWriter, type WriterEvent } from "./writer/writer.ts";

export interface StoreOptions extends RetentionOptions {
  /** Created when missing; one program at a time. */
  readonly dataDirectory: string;
  /** A server instead of the embedded engine. */
  readonly server?: ClickHouseAddress;
  /**
   * What an answered write means. "disk", the default: synced, so that neither a killed program nor a power cut loses it. "memory": handed to the operating
   * system, so that a power cut may lose the last seconds.
   */
  readonly durability?: Durability;
  /** New metric series that each tenant may start a day; 0: no bound. Default 1,000,000. */
  readonly maxSeries?: number;
  /** Attribute keys of one tenant, day, signal and scope that the catalogue keeps; 0 or absent: no bound. */
  readonly maxAttributeKeys?: number;
  /** Memory of the embedded engine; default 2 GiB. */
  readonly engineMemoryBytes?: number;
  readonly clock?: Clock;
  /** What a person should know: the engine died or is back, segments were recovered or set aside. */
  readonly report?: (event: StoreEvent) => void;
}

export type Durability = "disk" | "memory";

export type StoreEvent =
  | { readonly kind: "engine-down"; readonly reason: string }
  | { readonly kind: "engine-up" }
  | ({ readonly kind: "dropped" } & RetentionAction)
  | { readonly kind: "retention-failed"; readonly reason: string }
  | ({ readonly kind: "keys-left-out" } & KeysLeftOut)
  | { readonly kind: "key-guard-failed"; readonly reason: string }
  | WriterEvent;

/**
 * Opens the store: starts the engine, brings the schema up to date, inserts what an earlier run left. Rejects with an OtelierError:
 * "data-directory-in-use", "engine-failed", "schema-newer", "schema-altered", "clickhouse-unreachable".
 */
export async function openStore(options: StoreOptions): Promise<ClickHouseStore> {
  const directory = takeDataDirectory(options.dataDirectory);
  let engine: EngineSupervisor | undefined;
  let client: ClickHouseClient | undefined;
  try {
    if (options.server === undefined) engine = await startEngine(directory, options);
    const address: ClickHouseAddress = options.server ?? {
      kind: "socket",
      path: directory.socketPath,
      database: defaultDatabase,
    };
    client = new ClickHouseClient({ address });
    if (options.server === undefined)
      await migrate(client, { target: { kind: "single", database: address.database } });
    else await migrateServer(options.server);
    const gate = new InsertGate();
    const writer = await ClickHouseWriter.open({
      client,
      inserter: gate.guard(clientInserter(client, tables)),
      directory: join(directory.path, "segments"),
      schemaVersion: migrations.at(-1)?.number ?? 0,
      fsync: options.durability !== "memory",
      ...(options.maxSeries === undefined ? {} : { maxSeries: options.maxSeries }),
      ...(options.clock === undefined ? {} : { clock: options.clock }),
      ...(options.report === undefined ? {} : { report: options.report }),
    });
    await removeOldBackups(directory.databaseDirectory);
    const keptDays = new KeptDays(directory.path);
    const settings = settleRetention(directory.path, options);
    const retention = startRetention(client, keptDays, settings, options);
    return new ClickHouseStore({
      directory,
      engine,
      client,
      writer,
      gate,
      keptDays,
      settings,
      retention,
      keyGuard: startKeyGuard(client, options),
      options,
    });
  } catch (error) {
    await client?.close();
    await engine?.stop();
    directory.release();
    throw error;
  }
}

function startEngine(directory: DataDirectory, options: StoreOptions): Promise<EngineSupervisor> {
  const { report } = options;
  return EngineSupervisor.start({
    directory,
    ...(options.engineMemoryBytes === undefined ? {} : { memoryBytes: options.engineMemoryBytes }),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    onDown: (reason) => report?.({ kind: "engine-down", reason }),
    onUp: () => report?.({ kind: "engine-up" }),
  });
}

function startRetention(
  client: ClickHouseClient,
  keptDays: KeptDays,
  settings: RetentionSettings,
  options: StoreOptions,
): Retention {
  const { report } = options;
  const retention = new Retention({
    client,
    ...settings,
    keptUntil: keptDays.untilOf,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    report: (action) => report?.({ kind: "dropped", ...action }),
    onFailure: (reason) => report?.({ kind: "retention-failed", reason }),
  });
  if (options.lastRetention === undefined) retention.start();
  return retention;
}

function startKeyGuard(client: ClickHouseClient, options: StoreOptions): KeyGuard {
  const { report } = options;
  const guard = new KeyGuard({
    client,
    maxKeys: options.maxAttributeKeys ?? 0,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    report: (action) => report?.({ kind: "keys-left-out", ...action }),
    onFailure: (reason) => report?.({ kind: "key-guard-failed", reason }),
  });
  guard.start();
  return guard;
}

interface Parts {
  readonly directory: DataDirectory;
  readonly engine: EngineSupervisor | undefined;
  readonly client: ClickHouseClient;
  readonly writer: ClickHouseWriter;
  readonly gate: InsertGate;
  readonly keptDays: KeptDays;
  readonly settings: RetentionSettings;
  readonly retention: Retention;
  readonly keyGuard: KeyGuard;
  readonly options: StoreOptions;
}

export class ClickHouseStore implements Store {
  private readonly parts: Parts;
  private readonly reader: ClickHouseReader;
  private readonly metricReader: MetricReader;
  private readonly analysis: SpanAnalysis;
  private readonly sqlReader: SqlReader;
  private readonly clock: Clock;
  private serverVersion = "";
  private closed: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.parts = parts;
    this.clock = parts.options.clock ?? systemClock;
    // Answers say "expired" only of what no signal keeps, of no tenant.
    const longest = longestAge(parts.settings);
    this.reader = new ClickHouseReader({
      client: parts.client,
      clock: this.clock,
      retentionMs: longest,
    });
    this.metricReader = createMetricReader(parts.client, {
      clock: this.clock,
      retentionMs: longest,
    });
    this.analysis = createSpanAnalysis(parts.client, {
      clock: this.clock,
      retentionMs: longest,
    });
    this.sqlReader = createSqlReader(parts.client);
  }

  /** Process id of the embedded engine; 0 while it is down or when a server is used. */
  get enginePid(): number {
    return this.parts.engine?.pid ?? 0;
  }

  /** The one client, for maintenance and tests. */
  get client(): ClickHouseClient {
    return this.parts.client;
  }

  write(batch: Batch): Promise<WriteResult> {
    return this.parts.writer.write(batch);
  }

  readonly services: TraceReader["services"] = (...args) => this.reader.services(...args);
  readonly operations: TraceReader["operations"] = (...args) => this.reader.operations(...args);
  readonly serviceGraph: TraceReader["serviceGraph"] = (...args) => this.reader.serviceGraph(...args);
  readonly searchTraces: TraceReader["searchTraces"] = (...args) => this.reader.searchTraces(...args);
  readonly trace: TraceReader["trace"] = (...args) => this.reader.trace(...args);
  readonly spans: TraceReader["spans"] = (...args) => this.reader.spans(...args);
  readonly traceField: TraceReader["traceField"] = (...args) => this.reader.traceField(...args);
  readonly linkingSpans: TraceReader["linkingSpans"] = (...args) => this.reader.linkingSpans(...args);
  readonly spanGroups: SpanAnalysis["spanGroups"] = (...args) => this.analysis.spanGroups(...args);
  readonly durationHeatmap: SpanAnalysis["durationHeatmap"] = (...args) =>
    this.analysis.durationHeatmap(...args);
  readonly compareSpans: SpanAnalysis["compareSpans"] = (...args) => this.analysis.compareSpans(...args);
  readonly traceStructure: SpanAnalysis["traceStructure"] = (...args) =>
    this.analysis.traceStructure(...args);
  readonly exceptions: SpanAnalysis["exceptions"] = (...args) => this.analysis.exceptions(...args);
  readonly spanFields: SpanAnalysis["spanFields"] = (...args) => this.analysis.spanFields(...args);
  readonly searchLogs: LogReader["searchLogs"] = (...args) => this.reader.searchLogs(...args);
  readonly logVolume: LogReader["logVolume"] = (...args) => this.reader.logVolume(...args);
  readonly logPatterns: LogReader["logPatterns"] = (...args) => this.reader.logPatterns(...args);
  readonly logFields: LogReader["logFields"] = (...args) => this.reader.logFields(...args);
  readonly metrics: MetricReader["metrics"] = (...args) => this.metricReader.metrics(...args);
  readonly metricSeries: MetricReader["metricSeries"] = (...args) => this.metricReader.metricSeries(...args);
  readonly metricHeatmap: MetricReader["metricHeatmap"] = (...args) =>
    this.metricReader.metricHeatmap(...args);

  sql(query: string, context: ReadContext): Promise<TableAnswer> {
    return this.sqlReader.sql(query, context);
  }

  async status(): Promise<StoreStatus> {
    const { client, engine, writer } = this.parts;
    const up = engine === undefined ? await client.ping() : engine.isUp;
    const usage = up ? await readTableUsage(client).catch(() => undefined) : undefined;
    if (usage !== undefined) this.serverVersion = usage.version;
    return {
      engineUp: up && usage !== undefined,
      engineVersion: this.serverVersion,
      engineRestarts: engine?.restarts ?? 0,
      pendingSegments: writer.pendingSegments,
      pendingBytes: writer.pendingBytes,
      setAside: writer.setAside.map(({ file, reason }) => ({ file, reason })),
      tables: usage?.tables ?? [],
    };
  }

  counts(): StoreCounts {
    const { engine, keyGuard, retention, writer } = this.parts;
    return {
      ...writer.counts,
      droppedAttributeKeys: keyGuard.leftOutKeys + writer.counts.leftOutKeys,
      droppedRows: retention.droppedRows,
      droppedBytes: retention.droppedBytes,
      pendingSegments: writer.pendingSegments,
      pendingBytes: writer.pendingBytes,
      // Of a server only an answer can tell.
      engineUp: engine?.isUp ?? true,
      engineRestarts: engine?.restarts ?? 0,
    };
  }

  storage(context: ReadContext): Promise<StorageReport> {
    const { client, directory, keptDays, retention, settings, writer } = this.parts;
    const sources = {
      client,
      dataDirectory: directory.path,
      retention: settings,
      keptDays,
      nowMs: this.clock.now(),
      pendingBytes: writer.pendingBytes,
      dropped: { rows: retention.droppedRows, bytes: retention.droppedBytes },
    };
    return reportStorage(sources, context);
  }

  backup(_context: ReadContext): Promise<Backup> {
    const { client, directory, gate } = this.parts;
    return takeBackup({ client, directory, gate, nowMs: this.clock.now() });
  }

  exportPieces(query: ExportQuery, context: ReadContext): Promise<readonly ExportPiece[]> {
    return planPieces(this.parts.client, query, context);
  }

  exportPiece(query: ExportQuery, piece: ExportPiece, context: ReadContext): Promise<Uint8Array> {
    return exportPiece(this.parts.client, query, piece, context);
  }

  importPiece(bytes: Uint8Array, options: ImportOptions, context: ReadContext): Promise<ImportResult> {
    const { client, directory, keptDays, settings, writer } = this.parts;
    const rules = {
      retention: settings,
      tenant: context.tenant,
      keptDays,
      nowMs: this.clock.now(),
      keep: options.keep,
    };
    if (options.format === "otlp-json") {
      return importLines(bytes, (batch) => writer.write(batch), rules, context);
    }
    const { temporaryDirectory } = directory;
    return importParquet(bytes, { client, temporaryDirectory, rules }, context);
  }

  onVisible(listener: Parameters<Store["onVisible"]>[0]): () => void {
    return this.parts.writer.onVisible(listener);
  }

  close(timeoutMs = 5_000): Promise<void> {
    this.closed ??= this.closeOnce(timeoutMs);
    return this.closed;
  }

  private async closeOnce(timeoutMs: number): Promise<void> {
    const { client, directory, engine, keyGuard, retention, writer } = this.parts;
    try {
      await keyGuard.stop();
      await retention.stop();
      await writer.close(timeoutMs);
    } finally {
      await client.close();
      await engine?.stop();
      directory.release();
    }
  }
}
