import type { ClickHouseClient } from "../../client/client.ts";
import { storedColumns, type TableSpec } from "../../schema/table-spec.ts";
import type { Segment } from "../segments/segment.ts";

/**
 * Inserts one segment's file into its table; resolves when the rows are in parts that are synced to disk. Must be safe to call again with
 * the same segment: its token makes the engine ignore rows that it has. Rejects with an OtelierError: permanent when the engine refuses the
 * segment for its own sake.
 */
export interface SegmentInserter {
  insert(segment: Segment, filePath: string): Promise<void>;
}

/** Inserts through the client, whichever database it speaks to. */
export function clientInserter(client: ClickHouseClient, tables: readonly TableSpec[]): SegmentInserter {
  const columns = new Map(
    tables.map((table) => [table.name, storedColumns(table).map((column) => column.name)] as const),
  );
  return {
    insert: (segment, file) =>
      client.insertNative({
        table: segment.table,
        columns: columns.get(segment.table) ?? [],
        file,
        token: segment.token,
      }),
  };
}
