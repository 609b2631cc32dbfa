/** Telemetry as plain rows: what the memory store keeps of a batch. */
import { anyValueToString } from "../../../src/telemetry/attributes/text.ts";
import type { Batch } from "../../../src/telemetry/batch.ts";
import { Attributes, type AnyValue } from "../../../src/telemetry/tree/attributes.ts";
import type { InstrumentationScope, Resource } from "../../../src/telemetry/tree/common.ts";
import type { StoredAttribute } from "../../../src/storage/attributes.ts";
import type { StoredLog } from "../../../src/storage/logs.ts";
import type { SpanDetail, SpanKindName, StatusCodeName } from "../../../src/storage/traces.ts";

export interface Kept {
  readonly tenant: string;
  readonly timeNano: bigint;
  readonly scopeAttributes: readonly StoredAttribute[];
}

export type SpanRow = SpanDetail & Kept;
export type LogRow = StoredLog & Kept;

export const spanKinds: readonly SpanKindName[] = [
  "Unspecified",
  "Internal",
  "Server",
  "Client",
  "Producer",
  "Consumer",
];
export const statusCodes: readonly StatusCodeName[] = ["Unset", "Ok", "Error"];

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

export function stored(attributes: Attributes): StoredAttribute[] {
  return [...attributes.entries()].map(([key, value]) => ({
    key,
    value: anyValueToString(value),
    type: typeOf(value),
  }));
}

function typeOf(value: AnyValue): StoredAttribute["type"] {
  if (value === null) return "empty";
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "bigint") return "int";
  if (typeof value === "number") return "double";
  if (value instanceof Uint8Array) return "bytes";
  return value instanceof Attributes ? "map" : "array";
}

export function valueOf(attributes: readonly StoredAttribute[], key: string): string {
  return attributes.find((one) => one.key === key)?.value ?? "";
}

interface Origin {
  readonly service: string;
  readonly resource: readonly StoredAttribute[];
  readonly scopeName: string;
  readonly scopeVersion: string;
  readonly scopeAttributes: readonly StoredAttribute[];
}

export function originOf(resource: Resource, scope: InstrumentationScope): Origin {
  const attributes = stored(resource.attributes);
  return {
    service: valueOf(attributes, "service.name"),
    resource: attributes,
    scopeName: scope.name,
    scopeVersion: scope.version,
    scopeAttributes: stored(scope.attributes),
  };
}

export function spanRows(batch: Batch): SpanRow[] {
  const rows: SpanRow[] = [];
  for (const { resource, scopeSpans } of batch.traces().resourceSpans) {
    for (const { scope, spans } of scopeSpans) {
      const origin = originOf(resource, scope);
      for (const span of spans) {
        rows.push({
          ...origin,
          tenant: batch.context.tenant,
          timeNano: span.startTimeUnixNano,
          traceId: hex(span.traceId),
          spanId: hex(span.spanId),
          parentSpanId: hex(span.parentSpanId),
          traceState: span.traceState,
          flags: span.flags,
          name: span.name,
          kind: spanKinds[span.kind] ?? "Unspecified",
          startUnixNano: String(span.startTimeUnixNano),
          durationNano: Math.max(0, Number(span.endTimeUnixNano - span.startTimeUnixNano)),
          status: statusCodes[span.status.code] ?? "Unset",
          statusMessage: span.status.message,
          attributes: stored(span.attributes),
          events: [...span.events].map((event) => ({
            timeUnixNano: String(event.timeUnixNano),
            name: event.name,
            attributes: stored(event.attributes),
          })),
          links: [...span.links].map((link) => ({
            traceId: hex(link.traceId),
            spanId: hex(link.spanId),
            traceState: link.traceState,
            attributes: stored(link.attributes),
          })),
        });
      }
    }
  }
  return rows;
}

export function logRows(batch: Batch): LogRow[] {
  const rows: LogRow[] = [];
  for (const { resource, scopeLogs } of batch.logs().resourceLogs) {
    for (const { scope, logRecords } of scopeLogs) {
      const origin = originOf(resource, scope);
      for (const record of logRecords) {
        const timeNano = record.timeUnixNano === 0n ? record.observedTimeUnixNano : record.timeUnixNano;
        rows.push({
          ...origin,
          tenant: batch.context.tenant,
          timeNano,
          timeUnixNano: String(timeNano),
          severityNumber: record.severityNumber,
          severityText: record.severityText,
          body: anyValueToString(record.body),
          bodyType: typeOf(record.body),
          eventName: record.eventName,
          traceId: hex(record.traceId),
          spanId: hex(record.spanId),
          traceFlags: record.flags & 0xff,
          attributes: stored(record.attributes),
        });
      }
    }
  }
  return rows;
}
