/** Matching of spans, metrics and log records against `include` and `exclude`, compiled once (the Collector's internal/filter). */
import { anyValueToString } from "../../telemetry/attributes/text.ts";
import type { AnyValue, Attributes } from "../../telemetry/tree/attributes.ts";
import type { InstrumentationScope, Resource } from "../../telemetry/tree/common.ts";
import type { LogRecord } from "../../telemetry/tree/logs.ts";
import type { Metric } from "../../telemetry/tree/metrics.ts";
import type { Span } from "../../telemetry/tree/traces.ts";
import type { AttributeMatch, MatchConfig } from "./match-config.ts";
import { compileRegexp } from "./regexp.ts";
import { anyValueOf } from "./value.ts";

/** Decides for one item, given where it stands. */
export type Match<T> = (item: T, scope: InstrumentationScope, resource: Resource) => boolean;

const spanKinds = [
  "SPAN_KIND_UNSPECIFIED",
  "SPAN_KIND_INTERNAL",
  "SPAN_KIND_SERVER",
  "SPAN_KIND_CLIENT",
  "SPAN_KIND_PRODUCER",
  "SPAN_KIND_CONSUMER",
];

/** Whether an item is acted upon: it must match `include` when given, and must not match `exclude`. Undefined when every item is. */
export function compileSelection<T>(
  include: MatchConfig | undefined,
  exclude: MatchConfig | undefined,
  compile: (config: MatchConfig) => Match<T>,
): Match<T> | undefined {
  if (include === undefined && exclude === undefined) return undefined;
  const wanted = include === undefined ? () => true : compile(include);
  const unwanted = exclude === undefined ? () => false : compile(exclude);
  return (item, scope, resource) => wanted(item, scope, resource) && !unwanted(item, scope, resource);
}

export function matchSpans(config: MatchConfig): Match<Span> {
  const common = commonMatch(config);
  const services = textMatch(config, config.services);
  const names = textMatch(config, config.span_names);
  const kinds = textMatch(config, config.span_kinds);
  return (span, scope, resource) =>
    services(serviceName(resource)) &&
    names(span.name) &&
    kinds(spanKinds[span.kind] ?? "") &&
    common(span.attributes, scope, resource);
}

export function matchLogs(config: MatchConfig): Match<LogRecord> {
  const common = commonMatch(config);
  const bodies = textMatch(config, config.log_bodies);
  const severities = textMatch(config, config.log_severity_texts);
  const number = config.log_severity_number;
  return (record, scope, resource) =>
    (config.log_bodies.length === 0 || (typeof record.body === "string" && bodies(record.body))) &&
    severities(record.severityText) &&
    (number === undefined ||
      (record.severityNumber === 0 ? number.match_undefined : record.severityNumber >= number.min)) &&
    common(record.attributes, scope, resource);
}

export function matchMetrics(config: MatchConfig): Match<Metric> {
  const names = textMatch(config, config.metric_names);
  const resources = config.resources.map((wanted) => attributeMatch(config, wanted));
  return (metric, _, resource) =>
    names(metric.name) && resources.every((matches) => matches(resource.attributes));
}

function commonMatch(
  config: MatchConfig,
): (attributes: Attributes, scope: InstrumentationScope, resource: Resource) => boolean {
  const attributes = config.attributes.map((wanted) => attributeMatch(config, wanted));
  const resources = config.resources.map((wanted) => attributeMatch(config, wanted));
  const libraries = config.libraries.map(({ name, version }) => ({
    name: textMatch(config, [name]),
    version: version === undefined ? () => true : textMatch(config, [version]),
  }));
  return (own, scope, resource) =>
    (libraries.length === 0 ||
      libraries.some((library) => library.name(scope.name) && library.version(scope.version))) &&
    resources.every((matches) => matches(resource.attributes)) &&
    attributes.every((matches) => matches(own));
}

/** True when one of the names fits; always true for an empty list. */
function textMatch(config: MatchConfig, wanted: readonly string[]): (text: string) => boolean {
  if (wanted.length === 0) return () => true;
  if (config.match_type === "strict") {
    const set = new Set(wanted);
    return (text) => set.has(text);
  }
  const expressions = wanted.map(matcherOf);
  return (text) => expressions.some((matches) => matches(text));
}

function matcherOf(source: string): (text: string) => boolean {
  const compiled = compileRegexp(source);
  return "problem" in compiled ? () => false : (text) => compiled.matches(text);
}

function attributeMatch(
  config: MatchConfig,
  { key, value: node }: AttributeMatch,
): (attributes: Attributes) => boolean {
  if (node === undefined) return (attributes) => attributes.get(key) !== undefined;
  const wanted = anyValueOf(node);
  if (config.match_type === "regexp" && typeof wanted === "string") {
    const matches = matcherOf(wanted);
    return (attributes) => {
      const value = attributes.get(key);
      return value !== undefined && matches(anyValueToString(value));
    };
  }
  return (attributes) => {
    const value = attributes.get(key);
    return value !== undefined && equal(value, wanted);
  };
}

function equal(left: AnyValue, right: AnyValue): boolean {
  if (left === right) return true;
  return (
    typeof left === "object" &&
    typeof right === "object" &&
    anyValueToString(left) === anyValueToString(right)
  );
}

function serviceName(resource: Resource): string {
  const name = resource.attributes.get("service.name");
  return typeof name === "string" ? name : "";
}
