/**
 * The one place where a user's text reaches the database: one SELECT over the telemetry tables. What storage.md's measurements show to be
 * needed: words checked, ClickHouse's own syntax tree checked, then run on a session that can neither write nor set, with limits. Refused when
 * the store has several tenants, since the text chooses its own rows.
 */
import { OtelierError } from "../../../../base/error.ts";
import type { TableAnswer } from "../../../store.ts";
import type { ReadContext } from "../../../window.ts";
import type { ClickHouseClient, StatementOptions } from "../../client/client.ts";
import { ClickHouseFailure } from "../../client/failure.ts";
import { guardedSettings } from "../../engine/guarded-settings.ts";
import { tables } from "../../schema/tables.ts";
import { read } from "../read.ts";
import { select, sql } from "../sql/ast.ts";
import { parseTree, refusedNode } from "./syntax-tree.ts";
import { commonTableNames, refusedWord, tokenize } from "./tokens.ts";

const maxQueryBytes = 100_000;
const maxRows = 10_000;
const readable: ReadonlySet<string> = new Set(tables.map((table) => table.name));

export async function runUserSql(
  client: ClickHouseClient,
  query: string,
  context: ReadContext,
): Promise<TableAnswer> {
  const text = query.trim().replace(/;\s*$/, "");
  await refuseSeveralTenants(client, context);
  const options: StatementOptions = {
    what: "run the query",
    timeoutMs: Math.min(context.limits?.timeoutMs ?? 30_000, 30_000),
    readonly: true,
    ...(context.signal === undefined ? {} : { signal: context.signal }),
    // The embedded engine has these on its guarded sessions and ignores them here.
    settings: guardedSettings,
  };
  await check(client, text, options);
  try {
    const answer = await client.queryRows(text, options);
    const truncated = answer.rows.length > maxRows;
    return {
      columns: answer.columns,
      rows: truncated ? answer.rows.slice(0, maxRows) : answer.rows,
      truncated,
    };
  } catch (error) {
    throw asRefusal(error);
  }
}

async function check(client: ClickHouseClient, text: string, options: StatementOptions): Promise<void> {
  if (Buffer.byteLength(text) > maxQueryBytes) throw refused(`it is longer than ${maxQueryBytes} bytes`);
  const scanned = tokenize(text);
  if (!scanned.ok) throw refused(scanned.why);
  const word = refusedWord(scanned.tokens);
  if (word !== undefined) throw refused(word);
  let lines: readonly string[];
  try {
    const explained = await client.queryRows(`SELECT * FROM (EXPLAIN AST ${text}\n)`, options);
    lines = explained.rows.map((row) => String(row[0]));
  } catch (error) {
    throw asRefusal(error);
  }
  const tree = parseTree(lines);
  if (tree === undefined) throw refused("its syntax tree cannot be read");
  const rules = {
    tables: readable,
    commonTables: commonTableNames(scanned.tokens),
    database: client.database,
  };
  const node = refusedNode(tree, rules);
  if (node !== undefined) throw refused(node);
}

/** A syntax error or unknown column is the user's to mend, and no failure of the store. */
function asRefusal(error: unknown): unknown {
  if (!(error instanceof ClickHouseFailure) || error.code !== "clickhouse-refused") return error;
  const why = error.message
    .replace(/^cannot run the query: /, "")
    .replaceAll(/\/\*query_id:[^*]*\*\/ ?/g, "");
  return new OtelierError(`cannot run the query: ${why}`, {
    code: "sql-refused",
    outcome: "permanent",
    cause: error,
  });
}

function refused(why: string): OtelierError {
  return new OtelierError(`cannot run the query: ${why}`, { code: "sql-refused", outcome: "permanent" });
}

async function refuseSeveralTenants(client: ClickHouseClient, context: ReadContext): Promise<void> {
  for (const table of ["otel_traces", "otel_logs", "otel_metric_series"]) {
    const foreign = await read(
      client,
      select({ Tenant: sql`toString(Tenant)` })
        .from(table)
        .where(sql`Tenant != ${context.tenant}`)
        .limit(1),
      context,
      "look for other tenants",
    );
    if (foreign.rows > 0) {
      throw refused("several tenants share this store, and SQL would see the telemetry of all");
    }
  }
}
