/**
 * ClickHouse's HTTP protocol in front of chDB: POST or GET, the statement in `query` or the body, settings as URL parameters, errors with
 * X-ClickHouse-Exception-Code. Reads, writes and users' SQL (readonly=1) have sessions of their own, so that none waits for another kind.
 * Not offered, because nothing of ours asks for it: sessions, roles, query parameters, compression.
 */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../../base/error.ts";
import {
  headerOf,
  queryOf,
  textResponse,
  type HttpRequest,
  type HttpResponse,
} from "../../../base/net/http-message.ts";
import type { SessionPool, Settings } from "./session-pool.ts";
import { killStatement, markStatement, parseInsertFormat, parseKill, statementKind } from "./statement.ts";

export interface EnginePools {
  readonly read: SessionPool;
  readonly write: SessionPool;
  /** Sessions under readonly=1, whose limits were set before; per-statement settings are ignored. */
  readonly guarded: SessionPool;
  /** Always free for KILL and for the first answer. */
  readonly control: SessionPool;
}

export interface EngineServerOptions {
  readonly pools: EnginePools;
  readonly version: string;
  readonly temporaryDirectory: string;
}

/** Parameters of the protocol that are no settings. */
const protocolParameters: ReadonlySet<string> = new Set([
  "query",
  "query_id",
  "database",
  "default_format",
  "session_id",
  "role",
  "user",
  "password",
  "wait_end_of_query",
  "enable_http_compression",
  "compress",
  "decompress",
  "readonly",
]);

const maxBodyBytes = 256 * 1024 * 1024;

interface Statement {
  readonly sql: string;
  readonly format: string;
  readonly queryId: string;
  readonly settings: Settings;
  readonly database: string;
  readonly guarded: boolean;
}

export class EngineServer {
  private readonly options: EngineServerOptions;
  private nextFile = 0;

  constructor(options: EngineServerOptions) {
    this.options = options;
  }

  /** Answers one request; never rejects. */
  async handle(request: HttpRequest): Promise<HttpResponse> {
    if (request.path === "/ping") return textResponse("Ok.\n");
    let temporaryFile: string | undefined;
    try {
      const parameters = queryOf(request);
      const body =
        request.method === "POST" ? await request.readBody({ maxBytes: maxBodyBytes }) : Buffer.alloc(0);
      let sql = parameters.get("query") ?? "";
      const insert = parseInsertFormat(sql);
      if (insert !== undefined && body.length > 0) {
        temporaryFile = await this.keepBody(body);
        sql = insertFromFile(insert, temporaryFile);
      } else {
        sql += body.toString("utf8");
      }
      const bytes = await this.run(request, {
        sql,
        format:
          parameters.get("default_format") ?? headerOf(request, "x-clickhouse-format") ?? "TabSeparated",
        queryId: parameters.get("query_id") ?? "",
        settings: settingsOf(parameters),
        database: parameters.get("database") ?? headerOf(request, "x-clickhouse-database") ?? "",
        guarded: parameters.get("readonly") === "1",
      });
      return {
        status: 200,
        headers: {
          "content-type": "application/octet-stream",
          "x-clickhouse-server-display-name": "otelier",
          "x-clickhouse-summary": "{}",
        },
        body: bytes,
      };
    } catch (error) {
      return this.failure(error);
    } finally {
      if (temporaryFile !== undefined) await rm(temporaryFile, { force: true });
    }
  }

  private async run(request: HttpRequest, statement: Statement): Promise<Uint8Array> {
    const { pools } = this.options;
    const kind = statementKind(statement.sql);
    if (kind === "kill") {
      const target = parseKill(statement.sql);
      const kill = target === undefined ? statement.sql : killStatement(target);
      return pools.control.use((session) => session.run(kill, {}, statement.format));
    }
    const pool = statement.guarded ? pools.guarded : kind === "read" ? pools.read : pools.write;
    return pool.use(async (session) => {
      if (request.closed.aborted)
        throw new Error("Code: 394. DB::Exception: Query was cancelled. (QUERY_WAS_CANCELLED)");
      const sql = statement.queryId === "" ? statement.sql : markStatement(statement.sql, statement.queryId);
      const stop = (): void => void this.kill(statement.queryId);
      // A reader that left does not keep a session busy; a write goes on, as on a server.
      if (kind === "read" && statement.queryId !== "") request.closed.addEventListener("abort", stop);
      try {
        // Guarded sessions were given their settings and database once and for all.
        if (statement.guarded) return await session.run(sql, {}, statement.format);
        return await session.run(sql, statement.settings, statement.format, statement.database);
      } finally {
        request.closed.removeEventListener("abort", stop);
      }
    });
  }

  private async kill(queryId: string): Promise<void> {
    // Failing to kill is harmless: the statement ends at its time limit.
    await this.options.pools.control
      .use((session) => session.run(killStatement(queryId), {}, "TabSeparated"))
      .catch(() => undefined);
  }

  private async keepBody(body: Buffer): Promise<string> {
    const path = join(this.options.temporaryDirectory, `body-${this.nextFile++}`);
    await writeFile(path, body, { mode: 0o600 });
    return path;
  }

  private failure(error: unknown): HttpResponse {
    const message = messageOf(error);
    const code = /\bCode: (\d+)/.exec(message)?.[1] ?? "1002";
    const text = message.startsWith("Code:")
      ? message
      : `Code: ${code}. DB::Exception: ${message}. (UNKNOWN_EXCEPTION)`;
    return textResponse(`${text} (version ${this.options.version})\n`, statusOf(code), {
      "x-clickhouse-exception-code": code,
    });
  }
}

function insertFromFile(insert: { target: string; format: string }, path: string): string {
  const columns = /\(([\s\S]*)\)\s*$/.exec(insert.target)?.[1] ?? "*";
  return `INSERT INTO ${insert.target} SELECT ${columns} FROM file('${path.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}', ${insert.format})`;
}

function settingsOf(parameters: URLSearchParams): Settings {
  const settings: Record<string, string> = {};
  for (const [name, value] of parameters) {
    if (!protocolParameters.has(name)) settings[name] = value;
  }
  return settings;
}

/** Statuses as ClickHouse's HTTPHandler gives them, for the codes that matter to a client. */
function statusOf(code: string): number {
  switch (code) {
    case "62": // SYNTAX_ERROR
    case "115": // UNKNOWN_SETTING
    case "47": // UNKNOWN_IDENTIFIER
    case "46": // UNKNOWN_FUNCTION
      return 400;
    case "60": // UNKNOWN_TABLE
    case "81": // UNKNOWN_DATABASE
      return 404;
    case "159": // TIMEOUT_EXCEEDED
      return 408;
    case "202": // TOO_MANY_SIMULTANEOUS_QUERIES
      return 503;
    default:
      return 500;
  }
}
