import type { ClickHouseClient, StatementOptions } from "../../client/client.ts";
import type { ColumnTable } from "../../client/column-table.ts";
import type { ReadContext } from "../../../window.ts";
import type { Select } from "../sql/ast.ts";
import { printSelect } from "../sql/print.ts";

const defaultTimeoutMs = 30_000;
const defaultMemoryBytes: number = 1024 ** 3;

/** Runs one SELECT under the caller's limits. */
export function read(
  client: ClickHouseClient,
  query: Select,
  context: ReadContext,
  what: string,
  settings?: StatementOptions["settings"],
): Promise<ColumnTable> {
  return client.query(printSelect(query.node), {
    what,
    timeoutMs: context.limits?.timeoutMs ?? defaultTimeoutMs,
    memoryBytes: context.limits?.memoryBytes ?? defaultMemoryBytes,
    ...(settings === undefined ? {} : { settings }),
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  });
}
