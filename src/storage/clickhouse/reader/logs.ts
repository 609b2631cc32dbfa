import { OtelierError } from "../../../base/error.ts";
import { severityClasses, type LogSearch, type LogVolume, type StoredLog } from "../../logs.ts";
import type { ReadContext } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import type { ColumnTable } from "../client/column-table.ts";
import {
  attributeCondition,
  bodyTextCondition,
  inWindow,
  logMaps,
  ofTenant,
  time,
} from "./query/conditions.ts";
import { read } from "./query/read.ts";
import { select, sql, type Expression } from "./sql/ast.ts";
import { seriesOf, stepsOf } from "./query/steps.ts";
import { attributeTypeOf, storedAttributes } from "./stored-attributes.ts";

const maxLogs = 5000;
/** Records of one nanosecond that a cursor can step over. */
const maxSkip = 100_000;

export async function searchLogs(
  client: ClickHouseClient,
  search: LogSearch,
  context: ReadContext,
): Promise<{ items: StoredLog[]; truncated: boolean }> {
  const limit = Math.max(1, Math.min(Math.floor(search.limit), maxLogs));
  const skip = Math.min(search.after?.skip ?? 0, maxSkip);
  const direction = search.order === "newest" ? sql`DESC` : sql`ASC`;
  const table = await read(
    client,
    select(columns)
      .from("otel_logs")
      .where(ofTenant(context), ...logConditions(search), ...cursorCondition(search))
      // The rest of the order only makes it the same each time, so that a cursor's skip counts the same records, and one order the other's reverse.
      .orderBy(
        sql`Timestamp ${direction}`,
        sql`ServiceName ${direction}`,
        sql`TraceId ${direction}`,
        sql`SpanId ${direction}`,
        sql`cityHash64(Body) ${direction}`,
      )
      .limit(limit + 1 + skip),
    context,
    "search logs",
  );
  const from = skip;
  const to = Math.min(table.rows, from + limit);
  const items: StoredLog[] = [];
  for (let row = from; row < to; row++) items.push(logAt(table, row));
  return { items, truncated: table.rows > to };
}

function cursorCondition(search: LogSearch): Expression[] {
  if (search.after === undefined) return [];
  if (!/^-?\d{1,19}$/.test(search.after.timeUnixNano)) {
    throw new OtelierError(
      `cannot continue the log search: "${search.after.timeUnixNano}" is no time in Unix nanoseconds`,
      {
        code: "bad-cursor",
        outcome: "permanent",
      },
    );
  }
  const at = time(BigInt(search.after.timeUnixNano));
  return [search.order === "newest" ? sql`Timestamp <= ${at}` : sql`Timestamp >= ${at}`];
}

export function logConditions(search: LogSearch): Expression[] {
  const conditions: Expression[] = [];
  if (search.window !== undefined) conditions.push(inWindow(search.window));
  if (search.service !== undefined) conditions.push(sql`ServiceName = ${search.service}`);
  if (search.traceId !== undefined) conditions.push(sql`TraceId = ${search.traceId}`);
  if (search.spanId !== undefined) conditions.push(sql`SpanId = ${search.spanId}`);
  if (search.minSeverity !== undefined) conditions.push(sql`SeverityNumber >= ${search.minSeverity}`);
  for (const filter of search.attributes ?? []) conditions.push(attributeCondition(filter, logMaps));
  if (search.text !== undefined) conditions.push(bodyTextCondition(search.text));
  return conditions;
}

/** True when anything but the window and the service was asked for. */
export function isLogFiltered(search: LogSearch): boolean {
  const { traceId, spanId, minSeverity, attributes, text } = search;
  const single = [traceId, spanId, minSeverity, text];
  return single.some((one) => one !== undefined) || (attributes ?? []).length > 0;
}

const columns = {
  Time: sql`toString(toUnixTimestamp64Nano(Timestamp))`,
  Service: sql`toString(ServiceName)`,
  Severity: sql`SeverityNumber`,
  SeverityName: sql`toString(SeverityText)`,
  Message: sql`Body`,
  MessageType: sql`toString(BodyType)`,
  Event: sql`toString(EventName)`,
  Trace: sql`TraceId`,
  Span: sql`SpanId`,
  TraceFlags: sql`TraceFlags`,
  LogKeys: sql`mapKeys(LogAttributes)`,
  LogValues: sql`mapValues(LogAttributes)`,
  LogTypes: sql`toString(LogAttributeTypes)`,
  ResourceKeys: sql`mapKeys(ResourceAttributes)`,
  ResourceValues: sql`mapValues(ResourceAttributes)`,
  ResourceTypes: sql`toString(ResourceAttributeTypes)`,
  Scope: sql`toString(ScopeName)`,
  Version: sql`toString(ScopeVersion)`,
};

function logAt(table: ColumnTable, row: number): StoredLog {
  const text = (name: string): string => table.strings(name)[row] ?? "";
  const words = (name: string): readonly string[] => table.stringLists(name)[row] ?? [];
  return {
    timeUnixNano: text("Time"),
    service: text("Service"),
    severityNumber: table.numbers("Severity")[row] ?? 0,
    severityText: text("SeverityName"),
    body: text("Message"),
    bodyType: attributeTypeOf(text("MessageType") || "s"),
    eventName: text("Event"),
    traceId: text("Trace"),
    spanId: text("Span"),
    traceFlags: table.numbers("TraceFlags")[row] ?? 0,
    attributes: storedAttributes(words("LogKeys"), words("LogValues"), text("LogTypes")),
    resource: storedAttributes(words("ResourceKeys"), words("ResourceValues"), text("ResourceTypes")),
    scopeName: text("Scope"),
    scopeVersion: text("Version"),
  };
}

/** Index into severityClasses; OTLP groups severities by four: 1-4 trace, 5-8 debug, ... 21-24 fatal. */
export const severityClass: Expression = sql`toUInt8(if(SeverityNumber > 24, 0, intDiv(SeverityNumber + 3, 4)))`;

export async function readLogVolume(
  client: ClickHouseClient,
  search: LogSearch,
  stepCount: number,
  context: ReadContext,
): Promise<LogVolume> {
  const { window } = search;
  if (window === undefined) {
    throw new OtelierError("cannot count logs: a window must be given", {
      code: "window-missing",
      outcome: "permanent",
    });
  }
  const steps = stepsOf(window, stepCount);
  const table = await read(
    client,
    select({
      Step: steps.index,
      Class: severityClass,
      Records: sql`toFloat64(count())`,
    })
      .from("otel_logs")
      .where(ofTenant(context), ...logConditions(search))
      .groupBy(sql`Step`, sql`Class`),
    context,
    "count logs",
  );
  const stepColumn = table.numbers("Step");
  const records = table.numbers("Records");
  const byClass = table.numbers("Class");
  return {
    stepMs: steps.stepMs,
    startMs: window.startMs,
    classes: severityClasses.map((severity, index) => ({
      severity,
      counts: seriesOf(
        steps.count,
        stepColumn.filter((_, row) => byClass[row] === index),
        records.filter((_, row) => byClass[row] === index),
      ),
    })),
  };
}
