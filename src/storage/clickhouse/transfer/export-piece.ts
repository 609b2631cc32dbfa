/** Reads the rows of one piece of an export and prints them. */
import { Batch, internalContext } from "../../../telemetry/batch.ts";
import { bytesToOtlpJson } from "../../../telemetry/json/print.ts";
import type { ExportPiece, ExportQuery } from "../../transfer.ts";
import type { ReadContext } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import { or, select, sql, subquery, type Expression, type Select } from "../reader/sql/ast.ts";
import { printSelect } from "../reader/sql/print.ts";
import type { TableSpec } from "../schema/table-spec.ts";
import { logsTable, metricExemplarsTable, metricSeriesTable, tracesTable } from "../schema/tables.ts";
import { readBlocks } from "../writer/native/read-block.ts";
import { columnNames, exportedTables, pointTables, timeOf } from "./exported-tables.ts";
import { logsOf } from "./log-records.ts";
import { metricsOf } from "./metric-points.ts";
import { rowsOf, type Row } from "./row.ts";
import { ofPiece } from "./slice.ts";
import { spansOf } from "./spans.ts";

const timeoutMs = 300_000;
/** Items of one request, so that a line stays small enough for any receiver. */
const itemsOnLine = 1000;

export async function exportPiece(
  client: ClickHouseClient,
  query: ExportQuery,
  piece: ExportPiece,
  context: ReadContext,
): Promise<Uint8Array> {
  const rows = (table: TableSpec): Select =>
    columnsOf(table)
      .from(table.name)
      .where(...ofPiece(table, query, piece, context))
      .orderBy(sql`${raw(timeOf(table))}`);
  const options = {
    what: `export ${piece.name}`,
    timeoutMs,
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  };
  if (query.format === "parquet") {
    const table = exportedTables.find((one) => one.table.name === piece.table)?.table ?? tracesTable;
    return client.queryBytes(printSelect(rows(table).node), "Parquet", {
      ...options,
      settings: { output_format_parquet_compression_method: "zstd" },
    });
  }
  const read = async (selected: Select): Promise<readonly Row[]> =>
    rowsOf(readBlocks(await client.queryBytes(printSelect(selected.node), "Native", options)));
  if (piece.signal === "traces") {
    const own = await read(rows(tracesTable));
    return lines(own, (part) => Batch.fromTree("traces", spansOf(part), internalContext));
  }
  if (piece.signal === "logs") {
    const own = await read(rows(logsTable));
    return lines(own, (part) => Batch.fromTree("logs", logsOf(part), internalContext));
  }
  const points: Row[] = [];
  for (const table of pointTables) points.push(...(await read(rows(table))));
  const series = await read(seriesOf(query, piece, context));
  const exemplars = await read(rows(metricExemplarsTable));
  return lines(points, (part) =>
    Batch.fromTree("metrics", metricsOf(part, series, exemplars), internalContext),
  );
}

/** What names the piece's points: of each series the row last written. */
function seriesOf(query: ExportQuery, piece: ExportPiece, context: ReadContext): Select {
  const named = pointTables.map((table) => {
    const prints = select({ Fingerprint: sql`Fingerprint` })
      .from(table.name)
      .where(...ofPiece(table, query, piece, context));
    return sql`Fingerprint IN ${subquery(prints)}`;
  });
  return columnsOf(metricSeriesTable)
    .from(metricSeriesTable.name)
    .where(sql`Tenant = ${context.tenant}`, or(...named))
    .orderBy(sql`LastSeen DESC`)
    .limitBy(1, sql`Fingerprint`);
}

/** All stored columns under their own names. */
function columnsOf(table: TableSpec): Select {
  const names = columnNames(table).map((name) => (name.includes(".") ? `\`${name}\`` : name));
  return select(Object.fromEntries(names.map((name) => [name, raw(name)])));
}

/** Text of the schema. */
function raw(text: string): Expression {
  return { kind: "template", pieces: [text], holes: [] };
}

function lines(rows: readonly Row[], batchOf: (part: readonly Row[]) => Batch): Uint8Array {
  const printed: string[] = [];
  for (let at = 0; at < rows.length; at += itemsOnLine) {
    const batch = batchOf(rows.slice(at, at + itemsOnLine));
    printed.push(`${bytesToOtlpJson(batch.signal, batch.bytes)}\n`);
  }
  return Buffer.from(printed.join(""));
}
