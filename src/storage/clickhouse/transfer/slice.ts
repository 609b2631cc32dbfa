/** Which rows a piece of an export holds, as SQL conditions. */
import type { ExportPiece, ExportQuery } from "../../transfer.ts";
import type { ReadContext, TimeWindow } from "../../window.ts";
import { ofTenant, time, toNano } from "../reader/query/conditions.ts";
import { select, sql, subquery, type Expression } from "../reader/sql/ast.ts";
import type { TableSpec } from "../schema/table-spec.ts";
import { logsTable, metricExemplarsTable, metricSeriesTable, tracesTable } from "../schema/tables.ts";

const dayMs = 86_400_000;

/** Tenant, window and service. */
export function matching(table: TableSpec, query: ExportQuery, context: ReadContext): Expression[] {
  return [
    ofTenant(context),
    ...(query.window === undefined ? [] : [within(table, query.window)]),
    ...ofService(table, query.service, context),
  ];
}

/** Rows of one piece of the export. */
export function ofPiece(
  table: TableSpec,
  query: ExportQuery,
  piece: ExportPiece,
  context: ReadContext,
): Expression[] {
  const { index, count } = piece.share;
  return [
    ...matching(table, query, context),
    within(table, piece.window),
    ...(count === 1 ? [] : [sql`${shareKey(table)} % ${count} = ${index}`]),
  ];
}

function within(table: TableSpec, window: TimeWindow): Expression {
  if (table === metricSeriesTable) {
    // A series is listed once a day: every day that the window touches counts.
    const first = Math.floor(window.startMs / dayMs);
    const last = Math.ceil(window.endMs / dayMs);
    return sql`toUInt16(SeenDay) >= ${clampDay(first)} AND toUInt16(SeenDay) < ${clampDay(last)}`;
  }
  const column = table === metricExemplarsTable ? sql`PointTimestamp` : sql`Timestamp`;
  return sql`${column} >= ${time(toNano(window.startMs))} AND ${column} < ${time(toNano(window.endMs))}`;
}

function clampDay(day: number): number {
  return Math.min(65_536, Math.max(0, day));
}

function ofService(table: TableSpec, service: string | undefined, context: ReadContext): Expression[] {
  if (service === undefined) return [];
  if (table === tracesTable || table === logsTable || table === metricSeriesTable)
    return [sql`ServiceName = ${service}`];
  const series = select({ Fingerprint: sql`Fingerprint` })
    .from(metricSeriesTable.name)
    .where(ofTenant(context), sql`ServiceName = ${service}`);
  return [sql`Fingerprint IN ${subquery(series)}`];
}

/** A data point and its exemplars fall to the same share. */
function shareKey(table: TableSpec): Expression {
  if (table === tracesTable || table === logsTable) return sql`cityHash64(Timestamp)`;
  if (table === metricSeriesTable) return sql`cityHash64(Fingerprint)`;
  return table === metricExemplarsTable
    ? sql`cityHash64(Fingerprint, PointTimestamp)`
    : sql`cityHash64(Fingerprint, Timestamp)`;
}
