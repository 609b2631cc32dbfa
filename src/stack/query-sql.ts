/** A user's SQL from the shell: over the running stack's API, or straight from a data directory that nobody uses. */
import { messageOf, OtelierError } from "../base/error.ts";
import { HttpClient } from "../base/net/http-client.ts";
import type { ErrorAnswer } from "../api/explore/wire.ts";
import type { Store, TableAnswer } from "../storage/store.ts";
import { openStore } from "../storage/clickhouse/store.ts";

const maxAnswerBytes = 256 * 1024 * 1024;

/** Asks POST /api/sql of the stack at `url`. Rejects with the stack's own error, or "stack-unreachable" that says what to do. */
export async function querySqlOver(url: string, sql: string, signal: AbortSignal): Promise<TableAnswer> {
  const target = URL.canParse(url) ? new URL("/api/sql", url) : undefined;
  if (target === undefined) {
    throw new OtelierError(`cannot use "${url}": write a URL as http://127.0.0.1:4319`, {
      code: "bad-argument",
      outcome: "permanent",
    });
  }
  const client = new HttpClient({ keepAlive: false, maxResponseBytes: maxAnswerBytes });
  const headers: Record<string, string> = { "content-type": "text/plain" };
  if (target.username !== "") {
    const credentials = `${decodeURIComponent(target.username)}:${decodeURIComponent(target.password)}`;
    headers["authorization"] = `Basic ${Buffer.from(credentials).toString("base64")}`;
    target.username = "";
    target.password = "";
  }
  const response = await client
    .send({ method: "POST", url: target, headers, body: [Buffer.from(sql)], signal })
    .catch((cause: unknown) => {
      const message = `cannot reach the stack at ${target.origin}: ${messageOf(cause)}; start it with otelier up, or read a directory with --data DIR`;
      throw new OtelierError(message, { code: "stack-unreachable", outcome: "retryable", cause });
    });
  const text = response.body.toString("utf8");
  if (response.status === 200) return JSON.parse(text) as TableAnswer;
  throw errorOf(response.status, text);
}

function errorOf(status: number, text: string): OtelierError {
  try {
    const { error } = JSON.parse(text) as ErrorAnswer;
    return new OtelierError(error.message, {
      code: error.code,
      outcome: status < 500 ? "permanent" : "retryable",
    });
  } catch {
    return new OtelierError(`the stack answered ${status}: ${text.slice(0, 200)}`, {
      code: "stack-error",
      outcome: "permanent",
    });
  }
}

/** Opens the store of a data directory for reading from the shell; the caller closes it. Rejects when a stack runs on it. */
export function openSqlStore(dataDir: string): Promise<Store> {
  return openStore({ dataDirectory: dataDir });
}
