import type { RetentionSettings } from "../../../usage.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import { tables } from "../../schema/tables.ts";
import type { TablePart } from "./parts.ts";
import { partsToCut, type TimeEdges } from "./size-cut.ts";

export const timeColumns: ReadonlyMap<string, string | undefined> = new Map(
  tables.map((table) => [table.name, table.timeColumn]),
);
const levels = Array.from({ length: 99 }, (_, index) => (index + 1) / 100).join(", ");

/** Hundredths, by time, of those parts that are large against the limit; reads their column of times. Without a limit: none. */
export async function readEdges(
  client: ClickHouseClient,
  parts: readonly TablePart[],
  limits: RetentionSettings,
): Promise<TimeEdges> {
  const edges = new Map<TablePart, readonly number[]>();
  if (limits.maxBytes === 0) return edges;
  for (const part of partsToCut(parts, limits)) {
    const column = timeColumns.get(part.table);
    if (column === undefined) continue;
    const answer = await client.queryRows(
      `SELECT arrayJoin(quantiles(${levels})(toUnixTimestamp64Milli(toDateTime64(${column}, 3)))) FROM ${part.table} WHERE _part = '${part.name}'`,
      { what: `read the times of ${part.table}` },
    );
    const times = answer.rows.map((row) => Math.floor(Number(row[0])));
    // A part that was merged away meanwhile has no rows, and so no times; the next round sees its successor.
    if (times.length > 0 && times.every((time) => time > 0)) edges.set(part, times);
  }
  return edges;
}
