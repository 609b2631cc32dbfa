/** Own traces as OTLP. */
import { ResourceSpans, ScopeSpans, Span, TracesData } from "../../telemetry/tree/traces.ts";
import type { EndedSpan } from "./self-tracer.ts";

export interface OtlpTracesOptions {
  readonly resource: Readonly<Record<string, string>>;
  /** Name and version of the scope. */
  readonly scopeName: string;
  readonly scopeVersion: string;
}

const internal = 1;
const server = 2;
const failed = 2;
/** W3C trace flags: sampled. */
const sampled = 1;

export function tracesToOtlp(ended: readonly EndedSpan[], options: OtlpTracesOptions): TracesData {
  const tree = new TracesData();
  const resource = tree.resourceSpans.push(new ResourceSpans());
  for (const [key, value] of Object.entries(options.resource)) resource.resource.attributes.set(key, value);
  const scope = resource.scopeSpans.push(new ScopeSpans());
  scope.scope.name = options.scopeName;
  scope.scope.version = options.scopeVersion;
  for (const one of ended) {
    const span = scope.spans.push(new Span());
    span.traceId = one.traceId;
    span.spanId = one.spanId;
    span.parentSpanId = one.parentSpanId;
    span.flags = sampled;
    span.name = one.name;
    span.kind = one.parentSpanId.length === 0 ? server : internal;
    span.startTimeUnixNano = one.startUnixNano;
    span.endTimeUnixNano = one.endUnixNano;
    for (const [key, value] of Object.entries(one.attributes)) {
      span.attributes.set(key, typeof value === "number" ? BigInt(Math.round(value)) : value);
    }
    if (one.failure !== undefined) {
      span.status.code = failed;
      span.status.message = one.failure;
    }
  }
  return tree;
}
