import type { SpanDetail, SpanKindName, StatusCodeName, StoredEvent, StoredLink } from "../../traces.ts";
import type { ReadContext } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import type { ColumnTable } from "../client/column-table.ts";
import { ofTenant, time } from "./query/conditions.ts";
import { read } from "./query/read.ts";
import { select, sql } from "./sql/ast.ts";
import { storedAttributes } from "./stored-attributes.ts";
import { readTraceTimes } from "./trace-skeleton.ts";

const maxSpans = 200;

export async function readSpans(
  client: ClickHouseClient,
  traceId: string,
  spanIds: readonly string[],
  context: ReadContext,
): Promise<readonly SpanDetail[]> {
  const wanted = [...new Set(spanIds)].slice(0, maxSpans);
  if (wanted.length === 0) return [];
  const times = await readTraceTimes(client, traceId, context);
  if (times === undefined) return [];
  const table = await read(
    client,
    select(columns)
      .from("otel_traces")
      .where(
        ofTenant(context),
        sql`TraceId = ${traceId}`,
        sql`SpanId IN ${wanted}`,
        sql`Timestamp >= ${time(times.startNano)} AND Timestamp <= ${time(times.endNano)}`,
      )
      .limit(maxSpans * 10),
    context,
    "read spans",
  );
  const found = new Map<string, SpanDetail>();
  table.strings("SpanId").forEach((spanId, row) => {
    if (!found.has(spanId)) found.set(spanId, spanAt(table, row, traceId));
  });
  return wanted.flatMap((spanId) => found.get(spanId) ?? []);
}

/** Maps are read as keys and values: a JSON object would lose their order and doubled keys. */
const columns = {
  SpanId: sql`SpanId`,
  ParentSpanId: sql`ParentSpanId`,
  TraceState: sql`TraceState`,
  Flags: sql`Flags`,
  Name: sql`toString(SpanName)`,
  Kind: sql`toString(SpanKind)`,
  Service: sql`toString(ServiceName)`,
  Start: sql`toString(toUnixTimestamp64Nano(Timestamp))`,
  Duration: sql`toFloat64(Duration)`,
  Status: sql`toString(StatusCode)`,
  StatusMessage: sql`StatusMessage`,
  SpanKeys: sql`mapKeys(SpanAttributes)`,
  SpanValues: sql`mapValues(SpanAttributes)`,
  SpanTypes: sql`toString(SpanAttributeTypes)`,
  ResourceKeys: sql`mapKeys(ResourceAttributes)`,
  ResourceValues: sql`mapValues(ResourceAttributes)`,
  ResourceTypes: sql`toString(ResourceAttributeTypes)`,
  Scope: sql`toString(ScopeName)`,
  Version: sql`toString(ScopeVersion)`,
  ScopeKeys: sql`mapKeys(ScopeAttributes)`,
  ScopeValues: sql`mapValues(ScopeAttributes)`,
  ScopeTypes: sql`toString(ScopeAttributeTypes)`,
  EventTimes: sql`arrayMap(one -> toString(toUnixTimestamp64Nano(one)), \`Events.Timestamp\`)`,
  EventNames: sql`\`Events.Name\``,
  EventKeys: sql`arrayMap(one -> mapKeys(one), \`Events.Attributes\`)`,
  EventValues: sql`arrayMap(one -> mapValues(one), \`Events.Attributes\`)`,
  EventTypes: sql`\`Events.AttributeTypes\``,
  LinkTraces: sql`\`Links.TraceId\``,
  LinkSpans: sql`\`Links.SpanId\``,
  LinkStates: sql`\`Links.TraceState\``,
  LinkKeys: sql`arrayMap(one -> mapKeys(one), \`Links.Attributes\`)`,
  LinkValues: sql`arrayMap(one -> mapValues(one), \`Links.Attributes\`)`,
  LinkTypes: sql`\`Links.AttributeTypes\``,
};

function spanAt(table: ColumnTable, row: number, traceId: string): SpanDetail {
  const text = (name: string): string => table.strings(name)[row] ?? "";
  const words = (name: string): readonly string[] => table.stringLists(name)[row] ?? [];
  return {
    traceId,
    spanId: text("SpanId"),
    parentSpanId: text("ParentSpanId"),
    traceState: text("TraceState"),
    flags: table.numbers("Flags")[row] ?? 0,
    name: text("Name"),
    kind: text("Kind") as SpanKindName,
    service: text("Service"),
    startUnixNano: text("Start"),
    durationNano: table.numbers("Duration")[row] ?? 0,
    status: text("Status") as StatusCodeName,
    statusMessage: text("StatusMessage"),
    attributes: storedAttributes(words("SpanKeys"), words("SpanValues"), text("SpanTypes")),
    resource: storedAttributes(words("ResourceKeys"), words("ResourceValues"), text("ResourceTypes")),
    scopeName: text("Scope"),
    scopeVersion: text("Version"),
    scopeAttributes: storedAttributes(words("ScopeKeys"), words("ScopeValues"), text("ScopeTypes")),
    events: eventsAt(table, row),
    links: linksAt(table, row),
  };
}

function eventsAt(table: ColumnTable, row: number): StoredEvent[] {
  const keys = nested(table, "EventKeys", row);
  const values = nested(table, "EventValues", row);
  const types = table.stringLists("EventTypes")[row] ?? [];
  const names = table.stringLists("EventNames")[row] ?? [];
  return (table.stringLists("EventTimes")[row] ?? []).map((timeUnixNano, index) => ({
    timeUnixNano,
    name: names[index] ?? "",
    attributes: storedAttributes(keys[index] ?? [], values[index] ?? [], types[index] ?? ""),
  }));
}

function linksAt(table: ColumnTable, row: number): StoredLink[] {
  const keys = nested(table, "LinkKeys", row);
  const values = nested(table, "LinkValues", row);
  const types = table.stringLists("LinkTypes")[row] ?? [];
  const spans = table.stringLists("LinkSpans")[row] ?? [];
  const states = table.stringLists("LinkStates")[row] ?? [];
  return (table.stringLists("LinkTraces")[row] ?? []).map((traceId, index) => ({
    traceId,
    spanId: spans[index] ?? "",
    traceState: states[index] ?? "",
    attributes: storedAttributes(keys[index] ?? [], values[index] ?? [], types[index] ?? ""),
  }));
}

function nested(table: ColumnTable, name: string, row: number): readonly (readonly string[])[] {
  return (table.stringLists(name)[row] ?? []) as unknown as readonly (readonly string[])[];
}
