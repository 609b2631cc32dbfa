/** The whole schema, in the order in which it is created. Start here; the DDL is made by render.ts, applied by migrate.ts. */
import { attributeKeysTable, attributeKeysViews } from "./catalogue-table.ts";
import { logsTable } from "./logs-table.ts";
import {
  metricExemplarsTable,
  metricExponentialHistogramsTable,
  metricHistogramsTable,
  metricSamplesTable,
  metricSeriesTable,
  metricSummariesTable,
} from "./metrics-tables.ts";
import { resourcesTable } from "./resources-table.ts";
import type { TableSpec, ViewSpec } from "./table-spec.ts";
import { tracesTable, traceTimesTable, traceTimesView } from "./traces-table.ts";

/** Those that the first migration creates. */
export const firstTables: readonly TableSpec[] = [
  tracesTable,
  traceTimesTable,
  logsTable,
  metricSeriesTable,
  metricSamplesTable,
  metricHistogramsTable,
  metricExponentialHistogramsTable,
  metricSummariesTable,
  metricExemplarsTable,
  attributeKeysTable,
];

export const tables: readonly TableSpec[] = [...firstTables, resourcesTable];

export const views: readonly ViewSpec[] = [traceTimesView, ...attributeKeysViews];

export {
  attributeKeysTable,
  attributeKeysViews,
  isKeyStream,
  keysBesideRowsSince,
  keysOfRows,
  keyStreams,
  type KeyStream,
} from "./catalogue-table.ts";
export { logsTable } from "./logs-table.ts";
export {
  metricExemplarsTable,
  metricExponentialHistogramsTable,
  metricHistogramsTable,
  metricSamplesTable,
  metricSeriesTable,
  metricSummariesTable,
} from "./metrics-tables.ts";
export { tracesTable } from "./traces-table.ts";
export { resourcesTable } from "./resources-table.ts";
