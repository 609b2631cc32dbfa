import { parseInteger } from "./parse-integer.ts";
import type { ClickHouseClient } from "../../client/client.ts";

/** One active part of a table: what retention drops as a whole. */
export interface TablePart {
  readonly table: string;
  readonly name: string;
  /** Its partition, a day: "2026-11-20"; '' for a table without. */
  readonly day: string;
  readonly rows: number;
  readonly sizeBytes: number;
  /** Times of its oldest and newest row, Unix milliseconds; start and end of its day where the table keeps days only. */
  readonly oldestMs: number;
  readonly newestMs: number;
  /** The times are those of rows, not of the day. */
  readonly isExact: boolean;
}

/** Active parts of these tables, oldest first. */
export async function readParts(
  client: ClickHouseClient,
  tables: readonly string[],
): Promise<readonly TablePart[]> {
  const list = tables.map((table) => `'${table}'`).join(", ");
  const answer = await client.queryRows(
    `SELECT table, name, rows, bytes_on_disk, toUnixTimestamp(min_time), toUnixTimestamp(max_time), partition FROM system.parts WHERE active AND database = currentDatabase() AND table IN (${list})`,
    { what: "read the sizes of tables" },
  );
  const parts = answer.rows.map((row) => {
    const day = String(row[6]).replaceAll("'", "");
    return {
      table: String(row[0]),
      name: String(row[1]),
      day: /^\d{4}-\d\d-\d\d$/.test(day) ? day : "",
      rows: parseInteger(row[2]),
      sizeBytes: parseInteger(row[3]),
      ...timesOf(parseInteger(row[4]), parseInteger(row[5]), day),
    };
  });
  return parts.sort((left, right) => left.newestMs - right.newestMs);
}

const dayMs = 86_400_000;

/** The engine knows the times of a part (in seconds) when the partition is made of a time, and 0 when it is made of a date. */
function timesOf(
  oldestSeconds: number,
  newestSeconds: number,
  day: string,
): Pick<TablePart, "oldestMs" | "newestMs" | "isExact"> {
  if (newestSeconds > 0)
    return { oldestMs: oldestSeconds * 1000, newestMs: newestSeconds * 1000 + 999, isExact: true };
  const start = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(start)) return { oldestMs: 0, newestMs: 0, isExact: false };
  return { oldestMs: start, newestMs: start + dayMs - 1, isExact: false };
}
