/** Search for traces, and one trace as columns. */
import type {
  LinkingSpan,
  SpanField,
  SpanFilter,
  SpanPart,
  TraceField,
  TraceSearch,
  TraceSkeleton,
  TraceSummary,
} from "../../../src/storage/traces.ts";
import { spanKinds, statusCodes, valueOf, type LogRow, type SpanRow } from "./rows.ts";
import { groupBy, inWindow, matches, wordsOf } from "./select.ts";

export function findTraces(spans: readonly SpanRow[], search: TraceSearch): TraceSummary[] {
  const rank = (span: SpanRow): number =>
    search.order === "newest" ? Number(span.timeNano) : span.durationNano;
  const best = (group: readonly SpanRow[]): SpanRow => group.reduce((a, b) => (rank(b) > rank(a) ? b : a));
  const whole = groupBy(spans, (span) => span.traceId);
  const matched = chosenSpans(spans, search);
  return [...groupBy(matched, (span) => span.traceId).values()]
    .map(best)
    .toSorted((a, b) => rank(b) - rank(a) || (a.traceId < b.traceId ? -1 : 1))
    .map((span) => ({
      ...summaryOf(whole.get(span.traceId) ?? [], span),
      columnValues: (search.columns ?? []).map((field) => fieldOf(span, field)),
    }));
}

/** Text of a field; '' where the span lacks it. */
export function fieldOf(span: SpanRow, field: SpanField): string {
  if ("field" in field) return span[field.field];
  const lists = { span: span.attributes, resource: span.resource, scope: span.scopeAttributes };
  const searched = field.scope === undefined ? Object.values(lists) : [lists[field.scope]];
  return searched.flat().find(({ key }) => key === field.key)?.value ?? "";
}

const parts: Readonly<Record<SpanPart, (span: SpanRow) => boolean>> = {
  all: () => true,
  entry: (span) => span.kind === "Server" || span.kind === "Consumer" || span.parentSpanId === "",
  root: (span) => span.parentSpanId === "",
  server: (span) => span.kind === "Server",
  client: (span) => span.kind === "Client",
  consumer: (span) => span.kind === "Consumer",
  database: (span) =>
    valueOf(span.attributes, "db.system.name") + valueOf(span.attributes, "db.system") !== "",
};

/** The spans of the filter, window included. */
export function chosenSpans(spans: readonly SpanRow[], filter: SpanFilter): SpanRow[] {
  return spans.filter((span) => inWindow(span.timeNano, filter.window) && fulfils(span, filter));
}

function fulfils(span: SpanRow, search: SpanFilter): boolean {
  const { attributes, resource, scopeAttributes, events, links } = span;
  const scopes = {
    span: [attributes],
    resource: [resource],
    scope: [scopeAttributes],
    event: events.map((event) => event.attributes),
    link: links.map((link) => link.attributes),
  };
  const texts = [span.name, span.statusMessage, ...attributes.map(({ value }) => value)].map((text) =>
    text.toLowerCase(),
  );
  return (
    parts[search.spans ?? "all"](span) &&
    (search.service === undefined || span.service === search.service) &&
    (search.operation === undefined || span.name === search.operation) &&
    (search.status === undefined || span.status === search.status) &&
    span.durationNano >= (search.minDurationNano ?? 0) &&
    span.durationNano <= (search.maxDurationNano ?? Infinity) &&
    (search.attributes ?? []).every((filter) => matches(filter, scopes)) &&
    wordsOf(search.text ?? "").every(
      (word) => texts.some((text) => text.includes(word)) || word === span.traceId || word === span.spanId,
    )
  );
}

function summaryOf(spans: readonly SpanRow[], matched: SpanRow): Omit<TraceSummary, "columnValues"> {
  const sorted = spans.toSorted(byStart);
  const root = sorted.find((span) => span.parentSpanId === "");
  const { startNano, durationNano } = extentOf(spans);
  return {
    traceId: matched.traceId,
    rootService: (root ?? sorted[0])?.service ?? "",
    rootName: (root ?? sorted[0])?.name ?? "",
    rootMissing: root === undefined,
    startUnixNano: String(startNano),
    durationNano,
    spanCount: spans.length,
    errorCount: spans.filter((span) => span.status === "Error").length,
    services: [...groupBy(spans, (span) => span.service)]
      .map(([name, group]) => ({ name, spanCount: group.length }))
      .toSorted((a, b) => b.spanCount - a.spanCount || (a.name < b.name ? -1 : 1)),
    matchedSpanId: matched.spanId,
  };
}

const byStart = (a: SpanRow, b: SpanRow): number => Number(a.timeNano - b.timeNano);

function extentOf(spans: readonly SpanRow[]): { startNano: bigint; durationNano: number } {
  const first = spans.toSorted(byStart)[0]?.timeNano ?? 0n;
  const ends = spans.map((span) => Number(span.timeNano - first) + span.durationNano);
  return { startNano: first, durationNano: Math.max(0, ...ends) };
}

/** The trace in preorder; spans of a cycle hang below the earliest of them. */
export function skeletonOf(spans: readonly SpanRow[], logs: readonly LogRow[]): TraceSkeleton {
  const sorted = spans.toSorted(byStart);
  const known = new Set(sorted.map((span) => span.spanId));
  const children = groupBy(sorted, (span) => span.parentSpanId);
  const order: SpanRow[] = [];
  const parents: number[] = [];
  const place = (span: SpanRow, parent: number): void => {
    if (order.includes(span)) return;
    const at = order.push(span) - 1;
    parents.push(parent);
    for (const child of children.get(span.spanId) ?? []) place(child, at);
  };
  for (const span of sorted) if (!known.has(span.parentSpanId)) place(span, -1);
  for (const span of sorted) place(span, -1);
  const { startNano, durationNano } = extentOf(spans);
  const names = [...new Set(order.map((span) => span.name))];
  const services = [...new Set(order.map((span) => span.service))];
  const withLogs = new Set(logs.map((log) => log.spanId));
  const flag = (bit: number, isSet: boolean): number => (isSet ? bit : 0);
  return {
    traceId: order[0]?.traceId ?? "",
    startUnixNano: String(startNano),
    durationNano,
    spanIds: order.map((span) => span.spanId),
    parents,
    starts: order.map((span) => Number(span.timeNano - startNano)),
    durations: order.map((span) => span.durationNano),
    name: order.map((span) => names.indexOf(span.name)),
    service: order.map((span) => services.indexOf(span.service)),
    kind: order.map((span) => spanKinds.indexOf(span.kind)),
    status: order.map((span) => statusCodes.indexOf(span.status)),
    flags: order.map(
      (span) =>
        flag(1, span.parentSpanId !== "" && !known.has(span.parentSpanId)) |
        flag(2, span.events.length > 0) |
        flag(4, span.links.length > 0) |
        flag(8, withLogs.has(span.spanId)),
    ),
    names,
    services,
    omitted: 0,
  };
}

export function fieldOfTrace(spans: readonly SpanRow[], field: SpanField): TraceField {
  const having = spans.filter((span) => fieldOf(span, field) !== "");
  const groups = [...groupBy(having, (span) => fieldOf(span, field).slice(0, 200))].toSorted(
    (a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1),
  );
  const values = groups.map(([value]) => value);
  return {
    values,
    spanIds: having.map((span) => span.spanId),
    value: having.map((span) => values.indexOf(fieldOf(span, field).slice(0, 200))),
  };
}

const dayNano = 86_400_000_000_000n;

export function linksTo(spans: readonly SpanRow[], traceId: string): LinkingSpan[] {
  const times = spans.filter((span) => span.traceId === traceId).map((span) => span.timeNano);
  if (times.length === 0) return [];
  const first = times.reduce((a, b) => (b < a ? b : a));
  const last = times.reduce((a, b) => (b > a ? b : a));
  return spans
    .filter((span) => span.timeNano >= first - dayNano && span.timeNano <= last + dayNano)
    .toSorted(byStart)
    .flatMap((span) => {
      const link = span.links.find((one) => one.traceId === traceId);
      if (link === undefined || span.traceId === traceId) return [];
      const { service, name, startUnixNano, durationNano, status } = span;
      const found = { service, name, startUnixNano, durationNano, status };
      return [{ ...found, traceId: span.traceId, spanId: span.spanId, linkedSpanId: link.spanId }];
    });
}
