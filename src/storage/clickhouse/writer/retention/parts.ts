import { parseInteger } from "./parse-integer.ts";
import type { ClickHouseClient } from "../../client/client.ts";

/** One active part of a table: what retention drops as a whole. */
export interface TablePart {
  readonly table: string;
  readonly name: string;
  readonly rows: number;
  readonly sizeBytes: number;
  /** Time of its newest row, Unix milliseconds; the end of its day where the table keeps days only. */
  readonly newestMs: number;
}

/** Active parts of these tables, oldest first. */
export async function readParts(
  client: ClickHouseClient,
  tables: readonly string[],
): Promise<readonly TablePart[]> {
  const list = tables.map((table) => `'${table}'`).join(", ");
  const answer = await client.queryRows(
    `SELECT table, name, rows, bytes_on_disk, toUnixTimestamp(max_time) AS newest, partition FROM system.parts WHERE active AND database = currentDatabase() AND table IN (${list})`,
    { what: "read the sizes of tables" },
  );
  const parts = answer.rows.map((row) => ({
    table: String(row[0]),
    name: String(row[1]),
    rows: parseInteger(row[2]),
    sizeBytes: parseInteger(row[3]),
    newestMs: newestOf(parseInteger(row[4]), String(row[5])),
  }));
  return parts.sort((left, right) => left.newestMs - right.newestMs);
}

/** The engine knows the newest time of a part (in seconds) when the partition is made of a time, and 0 when it is made of a date. */
function newestOf(newestSeconds: number, partition: string): number {
  if (newestSeconds > 0) return newestSeconds * 1000 + 999;
  const day = Date.parse(`${partition.replaceAll("'", "")}T00:00:00Z`);
  return Number.isNaN(day) ? 0 : day + 86_400_000 - 1;
}
