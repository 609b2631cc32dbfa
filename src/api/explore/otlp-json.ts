/** Stored spans as OTLP/JSON (opentelemetry-proto, TracesData): what a receiver takes again at /v1/traces. */
import type { StoredAttribute } from "../../storage/attributes.ts";
import type { SpanDetail, SpanKindName, StatusCodeName } from "../../storage/traces.ts";

const kinds: readonly SpanKindName[] = [
  "Unspecified",
  "Internal",
  "Server",
  "Client",
  "Producer",
  "Consumer",
];
const statuses: readonly StatusCodeName[] = ["Unset", "Ok", "Error"];

interface ResourceSpans {
  readonly resource: { readonly attributes: readonly unknown[] };
  readonly scopeSpans: {
    readonly scope: {
      readonly name: string;
      readonly version: string;
      readonly attributes: readonly unknown[];
    };
    readonly spans: unknown[];
  }[];
}

/** Spans of one resource and scope stand together, in the order given. */
export function tracesData(spans: readonly SpanDetail[]): {
  readonly resourceSpans: readonly ResourceSpans[];
} {
  const resources = new Map<string, ResourceSpans>();
  const scopes = new Map<string, ResourceSpans["scopeSpans"][number]>();
  for (const span of spans) {
    const resourceKey = JSON.stringify(span.resource);
    let resource = resources.get(resourceKey);
    if (resource === undefined) {
      resource = { resource: { attributes: attributesOf(span.resource) }, scopeSpans: [] };
      resources.set(resourceKey, resource);
    }
    const { scopeName: name, scopeVersion: version, scopeAttributes } = span;
    const scopeKey = JSON.stringify([resourceKey, name, version, scopeAttributes]);
    let scope = scopes.get(scopeKey);
    if (scope === undefined) {
      scope = { scope: { name, version, attributes: attributesOf(scopeAttributes) }, spans: [] };
      scopes.set(scopeKey, scope);
      resource.scopeSpans.push(scope);
    }
    scope.spans.push(spanOf(span));
  }
  return { resourceSpans: [...resources.values()] };
}

function spanOf(span: SpanDetail): unknown {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId === "" ? {} : { parentSpanId: span.parentSpanId }),
    ...(span.traceState === "" ? {} : { traceState: span.traceState }),
    flags: span.flags,
    name: span.name,
    kind: kinds.indexOf(span.kind),
    startTimeUnixNano: span.startUnixNano,
    endTimeUnixNano: String(BigInt(span.startUnixNano) + BigInt(Math.round(span.durationNano))),
    attributes: attributesOf(span.attributes),
    events: span.events.map((event) => ({
      timeUnixNano: event.timeUnixNano,
      name: event.name,
      attributes: attributesOf(event.attributes),
    })),
    links: span.links.map((link) => ({
      traceId: link.traceId,
      spanId: link.spanId,
      ...(link.traceState === "" ? {} : { traceState: link.traceState }),
      attributes: attributesOf(link.attributes),
    })),
    status: {
      code: statuses.indexOf(span.status),
      ...(span.statusMessage === "" ? {} : { message: span.statusMessage }),
    },
  };
}

function attributesOf(attributes: readonly StoredAttribute[]): readonly unknown[] {
  return attributes.map(({ key, value, type }) => ({ key, value: anyValue(value, type) }));
}

function anyValue(value: string, type: StoredAttribute["type"]): unknown {
  switch (type) {
    case "string":
      return { stringValue: value };
    case "bool":
      return { boolValue: value === "true" };
    case "int":
      return { intValue: value };
    case "double":
      // What JSON numbers cannot say is text in protobuf's JSON: "NaN", "Infinity".
      return { doubleValue: Number.isFinite(Number(value)) ? Number(value) : value };
    case "bytes":
      return { bytesValue: value };
    case "array":
    case "map":
      return nested(value);
    case "empty":
      return {};
  }
}

function nested(text: string): unknown {
  try {
    return ofJson(JSON.parse(text));
  } catch {
    return { stringValue: text };
  }
}

function ofJson(value: unknown): unknown {
  if (value === null || value === undefined) return {};
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number")
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(ofJson) } };
  return {
    kvlistValue: { values: Object.entries(value).map(([key, inner]) => ({ key, value: ofJson(inner) })) },
  };
}
