import type { Signal } from "../../../telemetry/signal.ts";
import { storedColumns, type TableSpec } from "../schema/table-spec.ts";
import {
  logsTable,
  metricExemplarsTable,
  metricExponentialHistogramsTable,
  metricHistogramsTable,
  metricSamplesTable,
  metricSeriesTable,
  metricSummariesTable,
  tracesTable,
} from "../schema/tables.ts";

/** Tables of data points. */
export const pointTables: readonly TableSpec[] = [
  metricSamplesTable,
  metricHistogramsTable,
  metricExponentialHistogramsTable,
  metricSummariesTable,
];

/** Tables that hold telemetry; all others are made of them. */
export const exportedTables: readonly { readonly signal: Signal; readonly table: TableSpec }[] = [
  { signal: "traces", table: tracesTable },
  { signal: "logs", table: logsTable },
  ...[metricSeriesTable, ...pointTables, metricExemplarsTable].map((table) => ({
    signal: "metrics" as const,
    table,
  })),
];

/** What says how old a row is, as SQL: of exemplars the data point's time, so that both go together. */
export function timeOf(table: TableSpec): string {
  if (table === metricSeriesTable) return "toDateTime(SeenDay, 'UTC')";
  return table === metricExemplarsTable ? "PointTimestamp" : "Timestamp";
}

export function columnNames(table: TableSpec): readonly string[] {
  return storedColumns(table).map(({ name }) => name);
}

export function quoted(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
