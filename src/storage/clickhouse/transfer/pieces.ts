/** Cuts an export into pieces that fit memory: stretches of time, and shares of a stretch where one minute holds too much. */
import type { Signal } from "../../../telemetry/signal.ts";
import type { ExportPiece, ExportQuery } from "../../transfer.ts";
import type { ReadContext } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import { read } from "../reader/query/read.ts";
import { select, sql } from "../reader/sql/ast.ts";
import type { TableSpec } from "../schema/table-spec.ts";
import { metricSeriesTable } from "../schema/tables.ts";
import { exportedTables, pointTables } from "./exported-tables.ts";
import { matching } from "./slice.ts";

/** Parquet is written by the engine, OTLP by us. */
const piecesRows = { parquet: 200_000, "otlp-json": 20_000 } as const;
const minuteMs = 60_000;

export async function planPieces(
  client: ClickHouseClient,
  query: ExportQuery,
  context: ReadContext,
): Promise<readonly ExportPiece[]> {
  const pieces: ExportPiece[] = [];
  for (const signal of query.signals) {
    const groups =
      query.format === "otlp-json" && signal === "metrics"
        ? [{ table: "", specs: pointTables }]
        : exportedTables
            .filter((one) => one.signal === signal)
            .map(({ table }) => ({
              table: query.format === "parquet" ? table.name : "",
              specs: [table],
            }));
    for (const { table, specs } of groups) {
      const minutes = await countMinutes(client, specs, query, context);
      pieces.push(...cut(minutes, signal, table, query));
    }
  }
  return pieces;
}

/** Rows by minute of time, minutes rising; those of several tables added up. */
async function countMinutes(
  client: ClickHouseClient,
  specs: readonly TableSpec[],
  query: ExportQuery,
  context: ReadContext,
): Promise<readonly (readonly [minute: number, rows: number])[]> {
  const counts = new Map<number, number>();
  for (const spec of specs) {
    const minute =
      spec === metricSeriesTable
        ? sql`toInt64(toUInt16(SeenDay)) * 1440`
        : spec.columns.some(({ name }) => name === "PointTimestamp")
          ? sql`intDiv(toUnixTimestamp64Milli(PointTimestamp), 60000)`
          : sql`intDiv(toUnixTimestamp64Milli(Timestamp), 60000)`;
    const answer = await read(
      client,
      select({ Minute: sql`toFloat64(${minute})`, RowCount: sql`toFloat64(count())` })
        .from(spec.name)
        .where(...matching(spec, query, context))
        .groupBy(sql`Minute`),
      context,
      "plan the export",
    );
    const rows = answer.numbers("RowCount");
    answer.numbers("Minute").forEach((at, row) => counts.set(at, (counts.get(at) ?? 0) + (rows[row] ?? 0)));
  }
  return [...counts].sort(([left], [right]) => left - right);
}

function cut(
  minutes: readonly (readonly [minute: number, rows: number])[],
  signal: Signal,
  table: string,
  query: ExportQuery,
): readonly ExportPiece[] {
  const most = piecesRows[query.format];
  const pieces: ExportPiece[] = [];
  const add = (first: number, last: number, rows: number): void => {
    const window = { startMs: first * minuteMs, endMs: (last + 1) * minuteMs };
    const count = Math.ceil(rows / most);
    for (let index = 0; index < count; index++) {
      pieces.push({
        name: nameOf(table === "" ? signal : table, window.startMs, index, count, query),
        signal,
        table,
        window,
        share: { index, count },
        rows: Math.round(rows / count),
      });
    }
  };
  let first = 0;
  let last = 0;
  let rows = 0;
  for (const [minute, count] of minutes) {
    if (rows > 0 && rows + count > most) {
      add(first, last, rows);
      rows = 0;
    }
    if (rows === 0) first = minute;
    last = minute;
    rows += count;
  }
  if (rows > 0) add(first, last, rows);
  return pieces;
}

function nameOf(what: string, startMs: number, index: number, count: number, query: ExportQuery): string {
  const time = new Date(startMs).toISOString().replace(/[-:]|\.\d+/g, "");
  const share = count === 1 ? "" : `.${String(index + 1).padStart(String(count).length, "0")}of${count}`;
  return `${what}.${time}${share}.${query.format === "parquet" ? "parquet" : "jsonl"}`;
}
