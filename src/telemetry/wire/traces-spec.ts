import { keyValueSpec, resourceSpec, scopeSpec } from "./common-spec.ts";
import { FieldType, type MessageSpec } from "./field.ts";
import { messageSpec, ofSpan, ofTrace, ofMessage, repeated } from "./message-spec.ts";

const { string, id, uint32, fixed32, fixed64, message } = FieldType;
const attributes = ofMessage(keyValueSpec, repeated);

/** opentelemetry/proto/trace/v1/trace.proto (opentelemetry-proto 1.9). */
export const eventSpec: MessageSpec = messageSpec("Span.Event", () => [
  [1, "timeUnixNano", fixed64],
  [2, "name", string],
  [3, "attributes", message, attributes],
  [4, "droppedAttributesCount", uint32],
]);

export const linkSpec: MessageSpec = messageSpec("Span.Link", () => [
  [1, "traceId", id, ofTrace],
  [2, "spanId", id, ofSpan],
  [3, "traceState", string],
  [4, "attributes", message, attributes],
  [5, "droppedAttributesCount", uint32],
  [6, "flags", fixed32],
]);

export const statusSpec: MessageSpec = messageSpec("Status", () => [
  [2, "message", string],
  [3, "code", FieldType.enum, { enumNames: ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"] }],
]);

const spanKinds = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];

export const spanSpec: MessageSpec = messageSpec("Span", () => [
  [1, "traceId", id, ofTrace],
  [2, "spanId", id, ofSpan],
  [3, "traceState", string],
  [4, "parentSpanId", id, ofSpan],
  [16, "flags", fixed32],
  [5, "name", string],
  [6, "kind", FieldType.enum, { enumNames: spanKinds.map((name) => `SPAN_KIND_${name}`) }],
  [7, "startTimeUnixNano", fixed64],
  [8, "endTimeUnixNano", fixed64],
  [9, "attributes", message, attributes],
  [10, "droppedAttributesCount", uint32],
  [11, "events", message, ofMessage(eventSpec, repeated)],
  [12, "droppedEventsCount", uint32],
  [13, "links", message, ofMessage(linkSpec, repeated)],
  [14, "droppedLinksCount", uint32],
  [15, "status", message, ofMessage(statusSpec)],
]);

export const scopeSpansSpec: MessageSpec = messageSpec("ScopeSpans", () => [
  [1, "scope", message, ofMessage(scopeSpec)],
  [2, "spans", message, ofMessage(spanSpec, repeated)],
  [3, "schemaUrl", string],
]);

export const resourceSpansSpec: MessageSpec = messageSpec("ResourceSpans", () => [
  [1, "resource", message, ofMessage(resourceSpec)],
  [2, "scopeSpans", message, ofMessage(scopeSpansSpec, repeated)],
  [3, "schemaUrl", string],
]);

/** TracesData and ExportTraceServiceRequest are the same on the wire. */
export const tracesSpec: MessageSpec = messageSpec("TracesData", () => [
  [1, "resourceSpans", message, ofMessage(resourceSpansSpec, repeated)],
]);
