/** The traces behind the Collector's expected debug output, rebuilt from what that output says (core pdata/testdata). */
import type { AnyValue } from "../../../src/telemetry/tree/attributes.ts";
import {
  ResourceSpans,
  ScopeSpans,
  Span,
  SpanEvent,
  SpanLink,
  TracesData,
} from "../../../src/telemetry/tree/traces.ts";
import {
  addEntities,
  entityAttributes,
  eventTime,
  fill,
  hex,
  resourceAttributes,
  spanId,
  startTime,
  time,
  traceId,
} from "./shared-inputs.ts";

function traces(
  spans: readonly Span[],
  resource: Readonly<Record<string, AnyValue>>,
  entities = false,
): TracesData {
  const data = new TracesData();
  const resourceSpans = new ResourceSpans();
  fill(resourceSpans.resource.attributes, resource);
  const scopeSpans = new ScopeSpans();
  if (entities) {
    addEntities(resourceSpans.resource.entityRefs);
    scopeSpans.scope.name = "test-scope";
  }
  for (const span of spans) scopeSpans.spans.push(span);
  resourceSpans.scopeSpans.push(scopeSpans);
  data.resourceSpans.push(resourceSpans);
  return data;
}

function operationA(): Span {
  const span = new Span();
  span.traceId = traceId;
  span.spanId = spanId;
  span.name = "operationA";
  span.traceState = "ot=th:0";
  span.startTimeUnixNano = startTime;
  span.endTimeUnixNano = time;
  span.droppedAttributesCount = 1;
  span.droppedEventsCount = 1;
  span.status.code = 2;
  span.status.message = "status-cancelled";
  for (const name of ["event-with-attr", "event"]) {
    const event = new SpanEvent();
    event.name = name;
    event.timeUnixNano = eventTime;
    event.droppedAttributesCount = 2;
    if (name === "event-with-attr") event.attributes.set("span-event-attr", "span-event-attr-val");
    span.events.push(event);
  }
  return span;
}

function operationB(): Span {
  const span = new Span();
  span.name = "operationB";
  span.startTimeUnixNano = startTime;
  span.endTimeUnixNano = time;
  span.droppedLinksCount = 3;
  for (const attributes of [{ "span-link-attr": "span-link-attr-val" }, {}]) {
    const link = new SpanLink();
    link.droppedAttributesCount = 4;
    fill(link.attributes, attributes);
    span.links.push(link);
  }
  return span;
}

function testSpan(): Span {
  const span = new Span();
  span.traceId = traceId;
  span.spanId = hex("0102030405060708");
  span.name = "test-span";
  return span;
}

export const traceInputs: Readonly<Record<string, TracesData>> = {
  empty: new TracesData(),
  two_spans: traces([operationA(), operationB()], resourceAttributes),
  traces_with_entity_refs: traces([testSpan()], entityAttributes, true),
};
