/**
 * `query --sql`: one SELECT of a user over the telemetry tables, checked before it runs, on a session where nothing can be written or set, under
 * limits of time, memory and rows.
 */
import { OtelierError } from "../../../base/error.ts";
import type { SqlReader, TableAnswer } from "../../store.ts";
import type { ReadContext } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import { ClickHouseFailure } from "../client/failure.ts";
import { quoteString } from "../reader/sql/print.ts";
import { guardedSettings } from "../engine/guarded-settings.ts";
import { tables } from "../schema/tables.ts";
import { checkSyntaxTree, checkTokens, type SqlRules } from "./check-sql.ts";

/** Rows of an answer; the database itself stops at ten times as many. */
const maxSqlRows = 10_000;
const maxSqlLength = 64 * 1024;

export function createSqlReader(client: ClickHouseClient): SqlReader {
  const rules: SqlRules = { tables: new Set(tables.map((table) => table.name)), database: client.database };
  return { sql: (query, context) => run(client, rules, query, context) };
}

async function run(
  client: ClickHouseClient,
  rules: SqlRules,
  query: string,
  context: ReadContext,
): Promise<TableAnswer> {
  if (query.length > maxSqlLength) throw refused(`the query is longer than ${maxSqlLength} characters`);
  const checked = checkTokens(query);
  if ("problem" in checked) throw refused(checked.problem);
  await refuseOtherTenants(client, context);
  const options = {
    what: "run the query",
    timeoutMs: context.limits?.timeoutMs ?? 30_000,
    memoryBytes: context.limits?.memoryBytes ?? 1024 ** 3,
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  };
  const tree = await client.syntaxTree(checked.sql, { ...options, what: "read the query" }).catch(rethrow);
  const problem = checkSyntaxTree(tree, checked, rules);
  if (problem !== undefined) throw refused(problem);
  // The embedded engine's guarded sessions have these settings and ignore them here; a server takes them with the request.
  const guarded = { ...options, readonly: true, settings: guardedSettings };
  const { columns, rows } = await client.queryRows(checked.sql, guarded).catch(rethrow);
  return { columns, rows: rows.slice(0, maxSqlRows), truncated: rows.length > maxSqlRows };
}

/** Nothing in a user's SQL names the tenant, so it could read another's. */
async function refuseOtherTenants(client: ClickHouseClient, context: ReadContext): Promise<void> {
  const sql = [tables[0], tables[2], tables[3]]
    .map((table) => `SELECT DISTINCT Tenant FROM ${table?.name ?? ""}`)
    .join(" UNION DISTINCT ");
  const own = quoteString(context.tenant);
  const found = await client.query(`SELECT count() AS Others FROM (${sql}) WHERE Tenant != ${own}`, {
    what: "count tenants",
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  });
  if (Number(found.strings("Others")[0]) === 0) return;
  throw refused(
    context.tenant === ""
      ? "the store holds telemetry of tenants; where it is one tenant's alone, name it with --org-id"
      : `the store holds telemetry of others than tenant "${context.tenant}"`,
  );
}

/** A syntax error or an unknown column is the user's to mend, and no failure of the store. */
function rethrow(error: unknown): never {
  if (!(error instanceof ClickHouseFailure) || error.code !== "clickhouse-refused") throw error;
  const why = error.message.replace(/^cannot [^:]*: /, "").replaceAll(/\/\*query_id:[^*]*\*\/ ?/g, "");
  throw refused(why);
}

function refused(why: string): OtelierError {
  return new OtelierError(`cannot run the query: ${why}`, { code: "sql-refused", outcome: "permanent" });
}
