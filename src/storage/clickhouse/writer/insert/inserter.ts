import { quotePath, type ClickHouseClient } from "../../client/client.ts";
import { storedColumns, type TableSpec } from "../../schema/table-spec.ts";
import { attributeKeysTable, isKeyStream, keysBesideRowsSince, keysOfRows } from "../../schema/tables.ts";
import type { Segment } from "../segments/segment.ts";

/**
 * Inserts the rows of files into the table of `segment`, as one block under its token; resolves when they are in parts that are synced to disk. Must be
 * safe to call again: the token makes the engine ignore rows that it has. Rejects with an OtelierError: permanent when the engine refuses the rows
 * for their own sake.
 */
export interface SegmentInserter {
  insert(segment: Segment, files: readonly string[]): Promise<void>;
}

/** Inserts through the client, whichever database it speaks to. */
export function clientInserter(client: ClickHouseClient, tables: readonly TableSpec[]): SegmentInserter {
  const specs = new Map(tables.map((table) => [table.name, table]));
  // A segment that an older version left has the columns of its time; the others take their defaults.
  const columnsOf = ({ table, schemaVersion }: Segment): readonly string[] => {
    const spec = specs.get(table);
    return spec === undefined ? [] : storedColumns(spec, schemaVersion).map(({ name }) => name);
  };
  return {
    insert: async (segment, files) => {
      const table = isKeyStream(segment.table) ? attributeKeysTable.name : segment.table;
      const columns = columnsOf({ ...segment, table });
      await client.insertNative({ table, columns, files, token: segment.token });
      if (segment.schemaVersion < keysBesideRowsSince) await insertKeys(client, segment, files);
    },
  };
}

/** Counts the attribute keys of rows that came from a version that left this to views of the engine. Not on a server, which cannot read our files. */
async function insertKeys(
  client: ClickHouseClient,
  segment: Segment,
  files: readonly string[],
): Promise<void> {
  if (client.address.kind !== "socket") return;
  const { table, token } = segment;
  const select = keysOfRows(table, `file(${quotePath(files)}, Native)`);
  if (select === undefined) return;
  const columns = storedColumns(attributeKeysTable).map(({ name }) => name);
  await client.insertSelect(attributeKeysTable.name, columns, select, { token, timeoutMs: 300_000 });
}
