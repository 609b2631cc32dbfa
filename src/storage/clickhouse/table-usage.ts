import type { TableUsage } from "../store.ts";
import type { ClickHouseClient } from "./client/client.ts";
import { select, sql } from "./reader/sql/ast.ts";
import { printSelect } from "./reader/sql/print.ts";
import { tables } from "./schema/tables.ts";

/** Version of the engine, and rows and bytes of each table of ours; tables without rows are listed with zeros. */
export async function readTableUsage(
  client: ClickHouseClient,
): Promise<{ readonly version: string; readonly tables: readonly TableUsage[] }> {
  const query = select({
    Version: sql`version()`,
    Tables: sql`toString(table)`,
    RowCount: sql`toFloat64(sum(rows))`,
    Bytes: sql`toFloat64(sum(bytes_on_disk))`,
    Parts: sql`toFloat64(count())`,
    // Parts know the days they hold; the exact times of rows would need a scan.
    First: sql`min(toFloat64OrZero(toString(toUnixTimestamp(toDateTime(if(match(partition, '^[0-9-]{10}$'), partition, '1970-01-01'), 'UTC')))))`,
    Last: sql`max(toFloat64OrZero(toString(toUnixTimestamp(toDateTime(if(match(partition, '^[0-9-]{10}$'), partition, '1970-01-01'), 'UTC')))))`,
  })
    .from("system.parts")
    .where(sql`active`, sql`database = ${client.database}`)
    .groupBy(sql`table`);
  const answer = await client.query(printSelect(query.node), {
    what: "read the store's size",
    timeoutMs: 10_000,
  });
  const byName = new Map(answer.strings("Tables").map((name, row) => [name, row] as const));
  const dayMs = 86_400_000;
  return {
    version: answer.string("Version"),
    tables: tables.map(({ name }) => {
      const row = byName.get(name);
      const number = (column: string): number => (row === undefined ? 0 : (answer.numbers(column)[row] ?? 0));
      return {
        table: name,
        rows: number("RowCount"),
        bytesOnDisk: number("Bytes"),
        parts: number("Parts"),
        oldestMs: number("First") * 1000,
        newestMs: row === undefined ? 0 : number("Last") * 1000 + dayMs - 1,
      };
    }),
  };
}
