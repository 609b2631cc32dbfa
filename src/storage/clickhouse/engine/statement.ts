/**
 * What the engine's server must know about a statement before it runs it: which pool of sessions it belongs to, and the two statements
 * that chDB cannot take as they come over HTTP (an insert with its rows in the body, and a kill by query id).
 */
export type StatementKind = "read" | "write" | "kill";

/** The kind by the first word; anything that is not plainly a read counts as a write. */
export function statementKind(sql: string): StatementKind {
  const word = /^[a-z]+/i.exec(skipBlank(sql))?.[0].toUpperCase() ?? "";
  if (word === "KILL") return "kill";
  return reads.has(word) ? "read" : "write";
}

const reads: ReadonlySet<string> = new Set([
  "SELECT",
  "WITH",
  "EXPLAIN",
  "SHOW",
  "DESCRIBE",
  "DESC",
  "EXISTS",
]);

/** Leading white space, comments and opening parentheses are skipped. */
function skipBlank(sql: string): string {
  return sql.replace(/^(?:[\s(]+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/, "");
}

/** `INSERT INTO t (a, b) FORMAT Native` in its parts; undefined for any other statement. */
export function parseInsertFormat(
  sql: string,
): { readonly target: string; readonly format: string } | undefined {
  const match = /^\s*INSERT\s+INTO\s+(.+?)\s+FORMAT\s+([A-Za-z]+)\s*;?\s*$/is.exec(sql);
  return match?.[1] === undefined || match[2] === undefined
    ? undefined
    : { target: match[1], format: match[2] };
}

/** The id in `KILL QUERY WHERE query_id = '...' [SYNC|ASYNC]`; undefined for any other statement. */
export function parseKill(sql: string): string | undefined {
  return /^\s*KILL\s+QUERY\s+WHERE\s+query_id\s*=\s*'([A-Za-z0-9_-]{1,128})'\s*(?:SYNC|ASYNC)?\s*;?\s*$/i.exec(
    sql,
  )?.[1];
}

/** chDB gives queries ids of its own; ours stands in a comment in front, by which the query is found again. */
export function markStatement(sql: string, queryId: string): string {
  return `${marker(queryId)} ${sql}`;
}

/** Never SYNC: a cancelled query stays in chDB's list until its session goes on, and SYNC would wait for that. */
export function killStatement(queryId: string): string {
  return `KILL QUERY WHERE startsWith(query, '${marker(queryId)}') ASYNC`;
}

function marker(queryId: string): string {
  return `/*query_id:${queryId.replaceAll(/[^A-Za-z0-9_-]/g, "")}*/`;
}
