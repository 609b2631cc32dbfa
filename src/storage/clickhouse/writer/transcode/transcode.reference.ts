/**
 * What the transcoders must produce, written plainly on the typed tree: one object a row, by column name. The oracle of transcode.test.ts; slow and simple on purpose.
 * Fingerprints stand as the text of what they identify. Read spans first, then logs, then metrics.
 */
import { anyValueToString } from "../../../../telemetry/attributes/text.ts";
import type { Batch } from "../../../../telemetry/batch.ts";
import { writeAnyValue, type AnyValue, type Attributes } from "../../../../telemetry/tree/attributes.ts";
import type { InstrumentationScope, Resource } from "../../../../telemetry/tree/common.ts";
import type { Span } from "../../../../telemetry/tree/traces.ts";
import type { LogRecord } from "../../../../telemetry/tree/logs.ts";
import { Writer } from "../../../../telemetry/wire/writer.ts";
import type { NativeValue } from "../native/read-block.ts";
import { letterOf } from "./attribute-writer.ts";
import { samplingThreshold } from "./sampling-threshold.ts";
import type { TranscodeContext } from "./transcoder.ts";

export type ReferenceRow = Readonly<Record<string, NativeValue>>;

interface Encoded {
  readonly map: NativeValue;
  readonly types: string;
  /** Pairs of RawAttributes. */
  readonly raw: readonly NativeValue[];
}

const maxTime = (1n << 63n) - 1n;

export function isPossible(time: bigint): boolean {
  return time <= maxTime;
}

export function clampTime(time: bigint): bigint {
  return isPossible(time) ? time : maxTime;
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** The AnyValue message, one character a byte. */
export function binary(value: AnyValue): string {
  const writer = new Writer();
  writeAnyValue(writer, value);
  return Buffer.from(writer.finish()).toString("latin1");
}

export function encodeAttributes(attributes: Attributes, owner: string): Encoded {
  const entries = [...attributes.entries()];
  const letters = entries.map(([, value]) => String.fromCharCode(letterOf(value)));
  return {
    map: entries.map(([key, value]) => [key, anyValueToString(value)]),
    types: letters.join(""),
    raw: entries
      .filter((_, index) => "amy".includes(letters[index] ?? ""))
      .map(([key, value]) => [`${owner}:${key}`, binary(value)]),
  };
}

export interface Origin {
  readonly resource: Resource;
  readonly resourceUrl: string;
  readonly scope: InstrumentationScope;
  readonly scopeUrl: string;
}

/** Columns of resource and scope, and the raw pairs of both. */
export function originColumns({ resource, resourceUrl, scope, scopeUrl }: Origin): {
  readonly columns: ReferenceRow;
  readonly raw: readonly NativeValue[];
} {
  const ofResource = encodeAttributes(resource.attributes, "r");
  const ofScope = encodeAttributes(scope.attributes, "c");
  return {
    columns: {
      ServiceName: anyValueToString(resource.attributes.get("service.name") ?? null),
      ResourceSchemaUrl: resourceUrl,
      ResourceAttributes: ofResource.map,
      ResourceAttributeTypes: ofResource.types,
      ResourceDroppedAttributesCount: resource.droppedAttributesCount,
      ScopeSchemaUrl: scopeUrl,
      ScopeName: scope.name,
      ScopeVersion: scope.version,
      ScopeAttributes: ofScope.map,
      ScopeAttributeTypes: ofScope.types,
      ScopeDroppedAttributesCount: scope.droppedAttributesCount,
    },
    raw: [...ofResource.raw, ...ofScope.raw],
  };
}

/** Rows of `otel_traces`. */
export function referenceSpans(batch: Batch, context: TranscodeContext): readonly ReferenceRow[] {
  const rows: ReferenceRow[] = [];
  for (const { resource, schemaUrl: resourceUrl, scopeSpans } of batch.traces().resourceSpans) {
    for (const { scope, schemaUrl: scopeUrl, spans } of scopeSpans) {
      for (const span of spans) {
        if (!isPossible(span.startTimeUnixNano) || !isPossible(span.endTimeUnixNano)) continue;
        rows.push(spanRow(span, { resource, resourceUrl, scope, scopeUrl }, context));
      }
    }
  }
  return rows;
}

const kinds = ["Unspecified", "Internal", "Server", "Client", "Producer", "Consumer"];
const codes = ["Unset", "Ok", "Error"];

function spanRow(span: Span, origin: Origin, context: TranscodeContext): ReferenceRow {
  const { columns, raw } = originColumns(origin);
  const own = encodeAttributes(span.attributes, "s");
  const events = [...span.events].map((event, index) => ({
    event,
    encoded: encodeAttributes(event.attributes, `e${index}`),
  }));
  const links = [...span.links].map((link, index) => ({
    link,
    encoded: encodeAttributes(link.attributes, `l${index}`),
  }));
  const duration = span.endTimeUnixNano - span.startTimeUnixNano;
  return {
    ...columns,
    Timestamp: span.startTimeUnixNano,
    TraceId: hex(span.traceId),
    SpanId: hex(span.spanId),
    ParentSpanId: hex(span.parentSpanId),
    TraceState: span.traceState,
    SpanName: span.name,
    SpanKind: kinds[span.kind] ?? "",
    SpanAttributes: own.map,
    SpanAttributeTypes: own.types,
    Duration: duration > 0n ? duration : 0n,
    StatusCode: codes[span.status.code] ?? "",
    StatusMessage: span.status.message,
    "Events.Timestamp": events.map(({ event }) => clampTime(event.timeUnixNano)),
    "Events.Name": events.map(({ event }) => event.name),
    "Events.Attributes": events.map(({ encoded }) => encoded.map),
    "Events.AttributeTypes": events.map(({ encoded }) => encoded.types),
    "Events.DroppedAttributesCount": events.map(({ event }) => event.droppedAttributesCount),
    "Links.TraceId": links.map(({ link }) => hex(link.traceId)),
    "Links.SpanId": links.map(({ link }) => hex(link.spanId)),
    "Links.TraceState": links.map(({ link }) => link.traceState),
    "Links.Flags": links.map(({ link }) => link.flags),
    "Links.Attributes": links.map(({ encoded }) => encoded.map),
    "Links.AttributeTypes": links.map(({ encoded }) => encoded.types),
    "Links.DroppedAttributesCount": links.map(({ link }) => link.droppedAttributesCount),
    Flags: span.flags,
    SamplingThreshold: samplingThreshold(span.traceState),
    DroppedAttributesCount: span.droppedAttributesCount,
    DroppedEventsCount: span.droppedEventsCount,
    DroppedLinksCount: span.droppedLinksCount,
    RawAttributes: [
      ...raw,
      ...own.raw,
      ...events.flatMap(({ encoded }) => encoded.raw),
      ...links.flatMap(({ encoded }) => encoded.raw),
    ],
    Tenant: context.tenant,
    IngestTime: BigInt(context.arrivedMs),
  };
}

/** Rows of `otel_logs`. */
export function referenceLogs(batch: Batch, context: TranscodeContext): readonly ReferenceRow[] {
  const rows: ReferenceRow[] = [];
  for (const { resource, schemaUrl: resourceUrl, scopeLogs } of batch.logs().resourceLogs) {
    for (const { scope, schemaUrl: scopeUrl, logRecords } of scopeLogs) {
      for (const record of logRecords) {
        const time = record.timeUnixNano || record.observedTimeUnixNano;
        if (!isPossible(time)) continue;
        rows.push(logRow(record, time, { resource, resourceUrl, scope, scopeUrl }, context));
      }
    }
  }
  return rows;
}

function logRow(record: LogRecord, time: bigint, origin: Origin, context: TranscodeContext): ReferenceRow {
  const { columns, raw } = originColumns(origin);
  const own = encodeAttributes(record.attributes, "s");
  const bodyType = String.fromCharCode(letterOf(record.body));
  return {
    ...columns,
    Timestamp: time || BigInt(context.arrivedMs) * 1_000_000n,
    TraceId: hex(record.traceId),
    SpanId: hex(record.spanId),
    TraceFlags: record.flags % 256,
    SeverityText: record.severityText,
    SeverityNumber: record.severityNumber >= 0 && record.severityNumber < 256 ? record.severityNumber : 0,
    Body: anyValueToString(record.body),
    BodyType: bodyType,
    LogAttributes: own.map,
    LogAttributeTypes: own.types,
    EventName: record.eventName,
    ObservedTimestamp: clampTime(record.observedTimeUnixNano),
    TimeMissing: record.timeUnixNano === 0n ? 1 : 0,
    Flags: record.flags,
    DroppedAttributesCount: record.droppedAttributesCount,
    RawAttributes: [...raw, ...own.raw, ...("amy".includes(bodyType) ? [["body", binary(record.body)]] : [])],
    Tenant: context.tenant,
    IngestTime: BigInt(context.arrivedMs),
  };
}
