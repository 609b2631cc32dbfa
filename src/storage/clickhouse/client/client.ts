/**
 * The one way to the database, for the embedded engine's socket and for a server's URL alike. Readers ask with `query` (answers are columns),
 * schema and maintenance use `command`, the writer `insertNative`. Every rejection is a ClickHouseFailure.
 */
import { createReadStream } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { ClickHouseLogLevel, createClient, type ClickHouseClient as HttpClient } from "@clickhouse/client";
import { systemRandom, type Random } from "../../../base/random.ts";
import { unixSocketAgent } from "../../../base/net/unix-agent.ts";
import type { ClickHouseAddress } from "./address.ts";
import { ColumnTable, parseRows, type RowTable } from "./column-table.ts";
import { failureOf } from "./failure.ts";

export interface StatementOptions {
  /** What is being done, for the error: "read traces". */
  readonly what: string;
  /** Wall time, enforced by the database and, a little later, by the client; default 30 s. */
  readonly timeoutMs?: number;
  /** Memory of the database for this statement. */
  readonly memoryBytes?: number;
  readonly signal?: AbortSignal;
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Run on a session where nothing can be written or set; for users' SQL. */
  readonly readonly?: boolean;
}

export interface NativeInsert {
  readonly table: string;
  /** All columns of the Native block, in any order. */
  readonly columns: readonly string[];
  /** Absolute paths of files of one directory, each one Native block; together they become one block. */
  readonly files: readonly string[];
  /** Inserts with a token seen among the table's last 1000 change nothing. */
  readonly token: string;
  readonly timeoutMs?: number;
  readonly settings?: Readonly<Record<string, string | number>>;
}

export interface ClickHouseClientOptions {
  readonly address: ClickHouseAddress;
  readonly random?: Random;
  /** Requests at the same time; further ones wait. Default 24. */
  readonly maxConnections?: number;
}

/** The database counts first, so that the error is its own; the client steps in when it does not. */
const graceMs = 5_000;
const defaultTimeoutMs = 30_000;

export class ClickHouseClient {
  readonly address: ClickHouseAddress;
  private readonly http: HttpClient;
  private readonly random: Random;

  constructor(options: ClickHouseClientOptions) {
    this.address = options.address;
    this.random = options.random ?? systemRandom;
    this.http = createHttp(options.address, options.maxConnections ?? 24);
  }

  get database(): string {
    return this.address.database;
  }

  /** Runs a SELECT (without FORMAT) and returns the whole answer, column by column. */
  async query(sql: string, options: StatementOptions): Promise<ColumnTable> {
    return ColumnTable.parse(await this.text(`${sql}\nFORMAT JSONColumnsWithMetadata`, options));
  }

  /** Runs a SELECT (without FORMAT) and returns the whole answer, row by row; for people, not for readers. */
  async queryRows(sql: string, options: StatementOptions): Promise<RowTable> {
    return parseRows(await this.text(`${sql}\nFORMAT JSONCompact`, options));
  }

  /**
   * ClickHouse's syntax tree of a SELECT, as text. Only parses: nothing of the query is evaluated (inside a subquery its constants
   * would be), so this is safe for text that nobody has checked yet.
   */
  syntaxTree(sql: string, options: StatementOptions): Promise<string> {
    // A FORMAT clause would belong to the explained query.
    return this.text(`EXPLAIN AST ${sql}`, {
      ...options,
      settings: { ...options.settings, default_format: "TSVRaw" },
    });
  }

  /** Runs a statement whose answer nobody needs. */
  async command(sql: string, options: StatementOptions): Promise<void> {
    await this.guard(options, (signal, queryId) =>
      this.http.command({
        query: sql,
        query_id: queryId,
        abort_signal: signal,
        clickhouse_settings: settingsOf(options),
      }),
    );
  }

  /** Inserts a file of one Native block; resolves when the rows are stored (with fsync, by the tables' settings) and visible. */
  async insertNative(insert: NativeInsert): Promise<void> {
    const columns = insert.columns.map(quoteName).join(", ");
    const into = `INSERT INTO ${quoteName(insert.table)} (${columns})`;
    const options: StatementOptions = {
      what: `insert into ${insert.table}`,
      timeoutMs: insert.timeoutMs ?? 300_000,
      settings: { ...insertSettings(insert.token), ...insert.settings },
    };
    if (this.address.kind === "socket") {
      await this.command(`${into} SELECT ${columns} FROM file(${quotePath(insert.files)}, Native)`, options);
      return;
    }
    await this.guard(options, async (signal, queryId) => {
      const result = await this.http.exec({
        query: `${into} FORMAT Native`,
        values: Readable.from(piecesOf(insert.files), { objectMode: false }),
        query_id: queryId,
        abort_signal: signal,
        clickhouse_settings: settingsOf(options),
      });
      await readAll(result.stream);
    });
  }

  /**
   * Inserts `select` (over a file that the embedded engine can read) whole, as one block under a token, as `insertNative` does; only for the
   * embedded engine, since a server's files are its own.
   */
  async insertSelect(
    table: string,
    columns: readonly string[],
    select: string,
    insert: { readonly token: string; readonly timeoutMs: number },
  ): Promise<void> {
    await this.command(`INSERT INTO ${quoteName(table)} (${columns.map(quoteName).join(", ")}) ${select}`, {
      what: `insert into ${table}`,
      timeoutMs: insert.timeoutMs,
      settings: insertSettings(insert.token),
    });
  }

  /** Runs a SELECT (without FORMAT) and returns the whole answer in a binary format. */
  queryBytes(sql: string, format: "Native" | "Parquet", options: StatementOptions): Promise<Buffer> {
    return this.bytes(`${sql}\nFORMAT ${format}`, options);
  }

  /** True when the database answers. */
  async ping(): Promise<boolean> {
    return (await this.http.ping()).success;
  }

  async close(): Promise<void> {
    await this.http.close();
  }

  private async text(sql: string, options: StatementOptions): Promise<string> {
    return (await this.bytes(sql, options)).toString("utf8");
  }

  private bytes(sql: string, options: StatementOptions): Promise<Buffer> {
    return this.guard(options, async (signal, queryId) => {
      const result = await this.http.exec({
        query: sql,
        query_id: queryId,
        abort_signal: signal,
        clickhouse_settings: { ...settingsOf(options), ...formatSettings },
      });
      return readAll(result.stream);
    });
  }

  /** Deadline, cancellation in the database, and errors: the same for every statement. */
  private async guard<T>(
    options: StatementOptions,
    run: (signal: AbortSignal, queryId: string) => Promise<T>,
  ): Promise<T> {
    const queryId = `otelier-${Buffer.from(this.random.bytes(12)).toString("hex")}`;
    const deadline = AbortSignal.timeout((options.timeoutMs ?? defaultTimeoutMs) + graceMs);
    const signal = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]);
    try {
      return await run(signal, queryId);
    } catch (error) {
      if (signal.aborted) this.kill(queryId);
      const secrets = this.address.kind === "url" ? [this.address.password] : [];
      throw failureOf(error, options.what, options.signal?.aborted === true, secrets);
    }
  }

  /** Leaving is not enough for a server to stop a query; best effort, nobody waits. */
  private kill(queryId: string): void {
    this.http.command({ query: `KILL QUERY WHERE query_id = '${queryId}' ASYNC` }).catch(() => undefined);
  }
}

/** A literal of one path, or of braces around the names, as the engine spells several files. */
export function quotePath(files: readonly string[]): string {
  const [first = ""] = files;
  const path =
    files.length === 1 ? first : join(dirname(first), `{${files.map((file) => basename(file)).join(",")}}`);
  return `'${path.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/** Native blocks follow each other without anything between them. */
async function* piecesOf(files: readonly string[]): AsyncGenerator<Buffer> {
  for (const file of files) yield* createReadStream(file) as AsyncIterable<Buffer>;
}

function insertSettings(token: string): Readonly<Record<string, string | number>> {
  return {
    async_insert: 0,
    insert_deduplication_token: token,
    deduplicate_blocks_in_dependent_materialized_views: 1,
    // Everything becomes one block, and it must stay whole: a token covers exactly one block.
    max_insert_block_size: 4_000_000,
    min_insert_block_size_rows: 4_000_000,
    min_insert_block_size_bytes: 0,
    max_insert_threads: 1,
    max_partitions_per_insert_block: 0,
    // Bloom and text indexes are a quarter of an insert's work and would be made again by each merge: the first merge makes them. Until then
    // a part is searched without, which is right all the same and quick because it is small.
    materialize_skip_indexes_on_insert: 0,
  };
}

/** 64-bit integers as text, because JSON numbers would round them; NaN and infinities as null. */
const formatSettings = {
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_denormals: 0,
} as const;

function settingsOf(options: StatementOptions): Record<string, string | number> {
  const settings: Record<string, string | number> = {
    max_execution_time: Math.ceil((options.timeoutMs ?? defaultTimeoutMs) / 1000),
    ...options.settings,
  };
  if (options.memoryBytes !== undefined) settings["max_memory_usage"] = options.memoryBytes;
  if (options.readonly === true) settings["readonly"] = 1;
  return settings;
}

function createHttp(address: ClickHouseAddress, maxConnections: number): HttpClient {
  const shared = {
    database: address.database,
    // Deadlines are per statement (see guard); this one only catches what has none.
    request_timeout: 3_600_000,
    // Node closes idle connections itself, before the server does, by the server's Keep-Alive header. The library's own timer for it is not told of a
    // connection that was given to a request that was cancelled at once, goes on, and closes it under whichever request has it then.
    keep_alive: { enabled: true, idle_socket_ttl: 0 },
    log: { level: ClickHouseLogLevel.OFF },
    application: "otelier",
  };
  if (address.kind === "socket") {
    return createClient({
      ...shared,
      url: "http://localhost",
      http_agent: unixSocketAgent(address.path, maxConnections),
      set_basic_auth_header: false,
    });
  }
  return createClient({
    ...shared,
    url: address.url,
    username: address.username,
    password: address.password,
    max_open_connections: maxConnections,
    compression: { response: true, request: true },
  });
}

async function readAll(stream: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

function quoteName(name: string): string {
  return `\`${name.replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\``;
}
