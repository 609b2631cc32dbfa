/** Rows of `otel_logs` back to OTLP: the reverse of the log transcoder. */
import { LogRecord, LogsData, ResourceLogs, ScopeLogs } from "../../../telemetry/tree/logs.ts";
import { fillAttributes, valueOf, type RawValues } from "./attributes.ts";
import { entryOf, fillResource, fillScope, resourceKey, scopeKey } from "./origins.ts";
import type { Row } from "./row.ts";

export function logsOf(rows: readonly Row[]): LogsData {
  const tree = new LogsData();
  const resources = new Map<
    string,
    { readonly entry: ResourceLogs; readonly scopes: Map<string, ScopeLogs> }
  >();
  for (const row of rows) {
    const raw: RawValues = new Map(row.pairs("RawAttributes"));
    const { entry, scopes } = entryOf(resources, resourceKey(row, raw, true), () => {
      const made = tree.resourceLogs.push(new ResourceLogs());
      made.schemaUrl = row.text("ResourceSchemaUrl");
      fillResource(made.resource, row, raw, true);
      return { entry: made, scopes: new Map<string, ScopeLogs>() };
    });
    const scope = entryOf(scopes, scopeKey(row, raw, true), () => {
      const made = entry.scopeLogs.push(new ScopeLogs());
      made.schemaUrl = row.text("ScopeSchemaUrl");
      fillScope(made.scope, row, raw, true);
      return made;
    });
    fillRecord(scope.logRecords.push(new LogRecord()), row, raw);
  }
  return tree;
}

function fillRecord(record: LogRecord, row: Row, raw: RawValues): void {
  const isTimed = row.number("TimeMissing") === 0;
  const time = row.bigint("Timestamp");
  const observed = row.bigint("ObservedTimestamp");
  if (isTimed) record.timeUnixNano = time;
  // A record without any time was given its arrival's; as observed time that survives a second arrival.
  record.observedTimeUnixNano = isTimed || observed !== 0n ? observed : time;
  record.severityNumber = row.number("SeverityNumber");
  record.severityText = row.text("SeverityText");
  record.body = valueOf(row.text("Body"), row.text("BodyType"), raw.get("body"));
  record.eventName = row.text("EventName");
  record.traceId = row.id("TraceId");
  record.spanId = row.id("SpanId");
  record.flags = row.number("Flags");
  record.droppedAttributesCount = row.number("DroppedAttributesCount");
  fillAttributes(record.attributes, row.pairs("LogAttributes"), row.text("LogAttributeTypes"), raw, "s");
}
