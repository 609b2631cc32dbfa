import type { Span, SpanEvent, SpanLink, TracesData } from "../../../telemetry/tree/traces.ts";
import { printId, printTime, TextWriter } from "./text-writer.ts";

const kinds = ["Unspecified", "Internal", "Server", "Client", "Producer", "Consumer"];
const statuses = ["Unset", "Ok", "Error"];

/** Every detail of every span, in the Collector's wording. */
export function printTraces(traces: TracesData): string {
  const writer = new TextWriter();
  for (const [number, resourceSpans] of [...traces.resourceSpans].entries()) {
    writer.line(`ResourceSpans #${number}`);
    writer.line(`Resource SchemaURL: ${resourceSpans.schemaUrl}`);
    writer.resource(resourceSpans.resource);
    for (const [scopeNumber, scopeSpans] of [...resourceSpans.scopeSpans].entries()) {
      writer.line(`ScopeSpans #${scopeNumber}`);
      writer.line(`ScopeSpans SchemaURL: ${scopeSpans.schemaUrl}`);
      writer.scope(scopeSpans.scope);
      for (const [spanNumber, span] of [...scopeSpans.spans].entries()) printSpan(writer, span, spanNumber);
    }
  }
  return writer.toString();
}

function printSpan(writer: TextWriter, span: Span, number: number): void {
  writer.line(`Span #${number}`);
  writer.field("Trace ID", printId(span.traceId));
  writer.field("Parent ID", printId(span.parentSpanId));
  writer.field("ID", printId(span.spanId));
  writer.field("Name", span.name);
  writer.field("Kind", kinds[span.kind] ?? "");
  if (span.traceState !== "") writer.field("TraceState", span.traceState);
  writer.field("Start time", printTime(span.startTimeUnixNano));
  writer.field("End time", printTime(span.endTimeUnixNano));
  writer.field("Status code", statuses[span.status.code] ?? "");
  writer.field("Status message", span.status.message);
  writer.line(`    DroppedAttributesCount: ${span.droppedAttributesCount}`);
  writer.line(`    DroppedEventsCount: ${span.droppedEventsCount}`);
  writer.line(`    DroppedLinksCount: ${span.droppedLinksCount}`);
  writer.attributes("Attributes", span.attributes);
  if (span.events.length > 0) writer.line("Events:");
  for (const [at, event] of [...span.events].entries()) printEvent(writer, event, at);
  if (span.links.length > 0) writer.line("Links:");
  for (const [at, link] of [...span.links].entries()) printLink(writer, link, at);
}

function printEvent(writer: TextWriter, event: SpanEvent, number: number): void {
  writer.line(`SpanEvent #${number}`);
  writer.line(`     -> Name: ${event.name}`);
  writer.line(`     -> Timestamp: ${printTime(event.timeUnixNano)}`);
  writer.line(`     -> DroppedAttributesCount: ${event.droppedAttributesCount}`);
  writer.attributes("     -> Attributes:", event.attributes);
}

function printLink(writer: TextWriter, link: SpanLink, number: number): void {
  writer.line(`SpanLink #${number}`);
  writer.line(`     -> Trace ID: ${printId(link.traceId)}`);
  writer.line(`     -> ID: ${printId(link.spanId)}`);
  writer.line(`     -> TraceState: ${link.traceState}`);
  writer.line(`     -> DroppedAttributesCount: ${link.droppedAttributesCount}`);
  writer.attributes("     -> Attributes:", link.attributes);
}
