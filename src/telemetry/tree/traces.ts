import {
  eventSpec,
  linkSpec,
  resourceSpansSpec,
  scopeSpansSpec,
  spanSpec,
  statusSpec,
  tracesSpec,
} from "../wire/traces-spec.ts";
import type { Attributes } from "./attributes.ts";
import { InstrumentationScope, Resource } from "./common.ts";
import { defineFields } from "./fields.ts";
import { Message } from "./message.ts";
import type { MessageList } from "./message-list.ts";

export class SpanEvent extends Message {
  declare timeUnixNano: bigint;
  declare name: string;
  declare readonly attributes: Attributes;
  declare droppedAttributesCount: number;
}
defineFields(SpanEvent, eventSpec);

export class SpanLink extends Message {
  /** 16 bytes in valid telemetry; received bytes are shared and must not be written to. */
  declare traceId: Uint8Array;
  /** 8 bytes in valid telemetry. */
  declare spanId: Uint8Array;
  declare traceState: string;
  declare readonly attributes: Attributes;
  declare droppedAttributesCount: number;
  declare flags: number;
}
defineFields(SpanLink, linkSpec);

export class SpanStatus extends Message {
  declare message: string;
  /** 0 unset, 1 ok, 2 error. */
  declare code: number;
}
defineFields(SpanStatus, statusSpec);

export class Span extends Message {
  /** 16 bytes in valid telemetry; received bytes are shared and must not be written to. */
  declare traceId: Uint8Array;
  /** 8 bytes in valid telemetry. */
  declare spanId: Uint8Array;
  declare traceState: string;
  /** Empty for a root span. */
  declare parentSpanId: Uint8Array;
  declare flags: number;
  declare name: string;
  /** 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  declare kind: number;
  declare startTimeUnixNano: bigint;
  declare endTimeUnixNano: bigint;
  declare readonly attributes: Attributes;
  declare droppedAttributesCount: number;
  declare readonly events: MessageList<SpanEvent>;
  declare droppedEventsCount: number;
  declare readonly links: MessageList<SpanLink>;
  declare droppedLinksCount: number;
  declare status: SpanStatus;
}
defineFields(Span, spanSpec, { events: SpanEvent, links: SpanLink, status: SpanStatus });

export class ScopeSpans extends Message {
  declare scope: InstrumentationScope;
  declare readonly spans: MessageList<Span>;
  declare schemaUrl: string;
}
defineFields(ScopeSpans, scopeSpansSpec, { scope: InstrumentationScope, spans: Span });

export class ResourceSpans extends Message {
  declare resource: Resource;
  declare readonly scopeSpans: MessageList<ScopeSpans>;
  declare schemaUrl: string;
}
defineFields(ResourceSpans, resourceSpansSpec, { resource: Resource, scopeSpans: ScopeSpans });

/** The root of a batch of traces. */
export class TracesData extends Message {
  declare readonly resourceSpans: MessageList<ResourceSpans>;
}
defineFields(TracesData, tracesSpec, { resourceSpans: ResourceSpans });
