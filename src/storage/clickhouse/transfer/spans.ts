/** Rows of `otel_traces` back to OTLP: the reverse of the span transcoder (writer/transcode/transcode.reference.ts). */
import {
  ResourceSpans,
  ScopeSpans,
  Span,
  SpanEvent,
  SpanLink,
  TracesData,
} from "../../../telemetry/tree/traces.ts";
import { fillAttributes, type RawValues } from "./attributes.ts";
import { entryOf, fillResource, fillScope, resourceKey, scopeKey } from "./origins.ts";
import { bytesOfHex, pairsOf, type Row } from "./row.ts";

const kinds = ["Unspecified", "Internal", "Server", "Client", "Producer", "Consumer"];
const codes = ["Unset", "Ok", "Error"];

export function spansOf(rows: readonly Row[]): TracesData {
  const tree = new TracesData();
  const resources = new Map<
    string,
    { readonly entry: ResourceSpans; readonly scopes: Map<string, ScopeSpans> }
  >();
  for (const row of rows) {
    const raw: RawValues = new Map(row.pairs("RawAttributes"));
    const { entry, scopes } = entryOf(resources, resourceKey(row, raw, true), () => {
      const made = tree.resourceSpans.push(new ResourceSpans());
      made.schemaUrl = row.text("ResourceSchemaUrl");
      fillResource(made.resource, row, raw, true);
      return { entry: made, scopes: new Map<string, ScopeSpans>() };
    });
    const scope = entryOf(scopes, scopeKey(row, raw, true), () => {
      const made = entry.scopeSpans.push(new ScopeSpans());
      made.schemaUrl = row.text("ScopeSchemaUrl");
      fillScope(made.scope, row, raw, true);
      return made;
    });
    fillSpan(scope.spans.push(new Span()), row, raw);
  }
  return tree;
}

function fillSpan(span: Span, row: Row, raw: RawValues): void {
  span.traceId = row.id("TraceId");
  span.spanId = row.id("SpanId");
  span.parentSpanId = row.id("ParentSpanId");
  span.traceState = row.text("TraceState");
  span.flags = row.number("Flags");
  span.name = row.text("SpanName");
  span.kind = Math.max(0, kinds.indexOf(row.text("SpanKind")));
  span.startTimeUnixNano = row.bigint("Timestamp");
  span.endTimeUnixNano = row.bigint("Timestamp") + row.bigint("Duration");
  span.status.code = Math.max(0, codes.indexOf(row.text("StatusCode")));
  span.status.message = row.text("StatusMessage");
  span.droppedAttributesCount = row.number("DroppedAttributesCount");
  span.droppedEventsCount = row.number("DroppedEventsCount");
  span.droppedLinksCount = row.number("DroppedLinksCount");
  fillAttributes(span.attributes, row.pairs("SpanAttributes"), row.text("SpanAttributeTypes"), raw, "s");
  fillEvents(span, row, raw);
  fillLinks(span, row, raw);
}

function fillEvents(span: Span, row: Row, raw: RawValues): void {
  const names = row.list("Events.Name");
  const maps = row.list("Events.Attributes");
  const types = row.list("Events.AttributeTypes");
  const dropped = row.list("Events.DroppedAttributesCount");
  row.list("Events.Timestamp").forEach((time, index) => {
    const event = span.events.push(new SpanEvent());
    event.timeUnixNano = time as bigint;
    event.name = String(names[index] ?? "");
    event.droppedAttributesCount = Number(dropped[index] ?? 0);
    fillAttributes(
      event.attributes,
      pairsOf(maps[index] ?? []),
      String(types[index] ?? ""),
      raw,
      `e${index}`,
    );
  });
}

function fillLinks(span: Span, row: Row, raw: RawValues): void {
  const spanIds = row.list("Links.SpanId");
  const states = row.list("Links.TraceState");
  const flags = row.list("Links.Flags");
  const maps = row.list("Links.Attributes");
  const types = row.list("Links.AttributeTypes");
  const dropped = row.list("Links.DroppedAttributesCount");
  row.list("Links.TraceId").forEach((traceId, index) => {
    const link = span.links.push(new SpanLink());
    link.traceId = bytesOfHex(String(traceId));
    link.spanId = bytesOfHex(String(spanIds[index] ?? ""));
    link.traceState = String(states[index] ?? "");
    link.flags = Number(flags[index] ?? 0);
    link.droppedAttributesCount = Number(dropped[index] ?? 0);
    fillAttributes(link.attributes, pairsOf(maps[index] ?? []), String(types[index] ?? ""), raw, `l${index}`);
  });
}
