import { ClickHouseError } from "@clickhouse/client";
import { messageOf, OtelierError, type Outcome } from "../../../base/error.ts";

/**
 * A statement that failed. `clickhouseCode` is the server's own number (0 when it never answered). Codes: "clickhouse-unreachable", "query-timeout",
 * "query-memory", "query-cancelled", "clickhouse-refused" (permanent: the statement's own fault), "clickhouse-error" (retryable: the server's).
 */
export class ClickHouseFailure extends OtelierError {
  readonly clickhouseCode: number;

  constructor(message: string, code: string, outcome: Outcome, clickhouseCode: number, cause: unknown) {
    super(message, { code, outcome, cause });
    this.clickhouseCode = clickhouseCode;
  }
}

/**
 * Errors that say something about the server or the moment and nothing about the statement (ClickHouse, src/Common/ErrorCodes.cpp).
 * All others are permanent.
 */
const serverTrouble: ReadonlyMap<number, string> = new Map([
  [60, "UNKNOWN_TABLE: the schema is not there yet"],
  [74, "CANNOT_READ_FROM_FILE_DESCRIPTOR"],
  [75, "CANNOT_WRITE_TO_FILE_DESCRIPTOR"],
  [76, "CANNOT_OPEN_FILE"],
  [81, "UNKNOWN_DATABASE"],
  [159, "TIMEOUT_EXCEEDED"],
  [198, "DNS_ERROR"],
  [202, "TOO_MANY_SIMULTANEOUS_QUERIES"],
  [209, "SOCKET_TIMEOUT"],
  [210, "NETWORK_ERROR"],
  [225, "NO_ZOOKEEPER"],
  [236, "ABORTED"],
  [241, "MEMORY_LIMIT_EXCEEDED"],
  [242, "TABLE_IS_READ_ONLY"],
  [243, "NOT_ENOUGH_SPACE"],
  [252, "TOO_MANY_PARTS"],
  [279, "ALL_CONNECTION_TRIES_FAILED"],
  [285, "TOO_FEW_LIVE_REPLICAS"],
  [286, "UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE"],
  [319, "UNKNOWN_STATUS_OF_INSERT"],
  [394, "QUERY_WAS_CANCELLED"],
  [439, "CANNOT_SCHEDULE_TASK"],
  [497, "ACCESS_DENIED"],
  [516, "AUTHENTICATION_FAILED"],
  [668, "INVALID_STATE"],
  [999, "KEEPER_EXCEPTION"],
  [1000, "POCO_EXCEPTION"],
  [1001, "STD_EXCEPTION"],
]);

/** Turns what the client threw into a ClickHouseFailure; `hide` is replaced wherever the message would show it. */
export function failureOf(
  error: unknown,
  what: string,
  aborted: boolean,
  hide: readonly string[],
): ClickHouseFailure {
  if (error instanceof ClickHouseFailure) return error;
  const clickhouseCode = error instanceof ClickHouseError ? Number(error.code) : 0;
  const text = hideSecrets(messageOf(error).trim(), hide);
  const make = (code: string, outcome: Outcome, why: string): ClickHouseFailure =>
    new ClickHouseFailure(
      `cannot ${what}: ${why}`,
      code,
      outcome,
      clickhouseCode,
      withoutSecrets(error, hide),
    );
  if (aborted || clickhouseCode === 394)
    return make("query-cancelled", "permanent", "the query was cancelled");
  if (clickhouseCode === 0)
    return make("clickhouse-unreachable", "retryable", `the database does not answer (${text})`);
  if (clickhouseCode === 159)
    return make("query-timeout", "retryable", "the query took longer than its time limit");
  if (clickhouseCode === 241) return make("query-memory", "retryable", `not enough memory: ${text}`);
  const retryable = serverTrouble.has(clickhouseCode);
  return make(
    retryable ? "clickhouse-error" : "clickhouse-refused",
    retryable ? "retryable" : "permanent",
    `${text} (ClickHouse error ${clickhouseCode})`,
  );
}

function hideSecrets(text: string, hide: readonly string[]): string {
  return hide.reduce((result, secret) => (secret === "" ? result : result.replaceAll(secret, "***")), text);
}

/** The cause is kept for logs only where it cannot carry a secret. */
function withoutSecrets(error: unknown, hide: readonly string[]): unknown {
  const shown = error instanceof Error ? `${error.message}${error.stack ?? ""}` : String(error);
  return hide.some((secret) => secret !== "" && shown.includes(secret)) ? undefined : error;
}
