import type { ClickHouseClient } from "../client/client.ts";
import { tables } from "../schema/tables.ts";

/** Where each table's parts lie, relative to the database directory: "store/402/4029e35d-.../". */
export async function readTablePaths(client: ClickHouseClient): Promise<ReadonlyMap<string, string>> {
  const answer = await client.queryRows(
    "SELECT name, data_paths[1] FROM system.tables WHERE database = currentDatabase()",
    { what: "read where tables lie" },
  );
  const names = new Set(tables.map(({ name }) => name));
  return new Map(
    answer.rows.flatMap(([name, path]) => {
      const own = /store\/[0-9a-f]{3}\/[0-9a-f-]{36}\/$/.exec(String(path))?.[0];
      return own !== undefined && names.has(String(name)) ? [[String(name), own] as const] : [];
    }),
  );
}
