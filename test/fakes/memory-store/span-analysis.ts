/** What sets of spans have in common, counted plainly row by row. */
import type {
  CallPath,
  DurationHeatmap,
  ExceptionGroup,
  FieldDifference,
  FieldUse,
  SpanComparison,
  SpanGroups,
  SpanSelection,
  TraceStructure,
} from "../../../src/storage/span-analysis.ts";
import type { SpanField, SpanFilter } from "../../../src/storage/traces.ts";
import { valueOf, type SpanRow } from "./rows.ts";
import { groupBy, inWindow, quantile, stepOf } from "./select.ts";
import { fieldOf } from "./traces.ts";

/** The answer, and whether no span was there to make it of. */
type Found<T> = readonly [answer: T, isEmpty: boolean];

const failed = (span: SpanRow): boolean => span.status === "Error";
const stepMsOf = ({ window }: SpanFilter, steps: number): number => (window.endMs - window.startMs) / steps;

function seriesOf(spans: readonly SpanRow[], { window }: SpanFilter, steps: number): number[] {
  const series = Array.from({ length: steps }, () => 0);
  for (const span of spans) series[stepOf(span.timeNano, window, steps)]! += 1;
  return series;
}

export function groupsOf(
  spans: readonly SpanRow[],
  filter: SpanFilter,
  by: SpanField | undefined,
  { steps, limit }: { readonly steps: number; readonly limit: number },
): Found<SpanGroups> {
  const all = [...groupBy(spans, (span) => (by === undefined ? "" : fieldOf(span, by)))].toSorted(
    (a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1),
  );
  const groups = all.slice(0, limit).map(([value, group]) => {
    const durations = group.map((span) => span.durationNano);
    return {
      value,
      count: group.length,
      errorCount: group.filter(failed).length,
      p50Nano: quantile(durations, 0.5),
      p90Nano: quantile(durations, 0.9),
      p99Nano: quantile(durations, 0.99),
      countSeries: seriesOf(group, filter, steps),
      errorSeries: seriesOf(group.filter(failed), filter, steps),
      p90Series: Array.from({ length: steps }, (_, step) => {
        const within = group.filter((span) => stepOf(span.timeNano, filter.window, steps) === step);
        return within.length === 0
          ? null
          : quantile(
              within.map((span) => span.durationNano),
              0.9,
            );
      }),
    };
  });
  const omitted = all.slice(limit);
  const answer = {
    startMs: filter.window.startMs,
    stepMs: stepMsOf(filter, steps),
    groups,
    omittedGroups: omitted.length,
    omittedSpans: omitted.reduce((sum, [, group]) => sum + group.length, 0),
  };
  return [answer, groups.length === 0];
}

export function heatmapOf(
  spans: readonly SpanRow[],
  filter: SpanFilter,
  steps: number,
): Found<DurationHeatmap> {
  const rowOf = (span: SpanRow): number => Math.floor(2 * Math.log2(Math.max(1, span.durationNano)));
  const cells = [...groupBy(spans, (span) => `${stepOf(span.timeNano, filter.window, steps)} ${rowOf(span)}`)]
    .map(([key, group]) => ({ step: Number(key.split(" ")[0]), row: Number(key.split(" ")[1]), group }))
    .toSorted((a, b) => a.step - b.step || a.row - b.row);
  const answer = {
    startMs: filter.window.startMs,
    stepMs: stepMsOf(filter, steps),
    steps,
    step: cells.map(({ step }) => step),
    row: cells.map(({ row }) => row),
    count: cells.map(({ group }) => group.length),
    errorCount: cells.map(({ group }) => group.filter(failed).length),
  };
  return [answer, cells.length === 0];
}

type Field = readonly [scope: FieldDifference["scope"], key: string, value: string];

function allFields(span: SpanRow): Field[] {
  const cut = (value: string): string => value.slice(0, 300);
  return [
    ...span.attributes.map(({ key, value }): Field => ["span", key, cut(value)]),
    ...span.resource.map(({ key, value }): Field => ["resource", key, cut(value)]),
    ["", "service", span.service],
    ["", "name", span.name],
    ["", "kind", span.kind],
    ["", "status", span.status],
  ];
}

export function compareRows(
  spans: readonly SpanRow[],
  filter: SpanFilter,
  selection: SpanSelection,
): Found<SpanComparison> {
  const { startMs = filter.window.startMs, endMs = filter.window.endMs } = selection;
  const isSelected = (span: SpanRow): boolean =>
    inWindow(span.timeNano, { startMs, endMs }) &&
    span.durationNano >= (selection.minDurationNano ?? 0) &&
    span.durationNano <= (selection.maxDurationNano ?? Infinity) &&
    (selection.status ?? span.status) === span.status;
  const sides = groupBy(spans, (span) => String(isSelected(span)));
  const selected = sides.get("true") ?? [];
  const baseline = sides.get("false") ?? [];
  const counts = { selectionCount: selected.length, baselineCount: baseline.length };
  if (selected.length === 0 || baseline.length === 0)
    return [{ ...counts, selectionRead: 0, baselineRead: 0, fields: [] }, spans.length === 0];
  const countIn = (side: readonly SpanRow[], field: string): Map<string, number> => {
    const own = side.flatMap(allFields).filter(([scope, key]) => `${scope} ${key}` === field);
    return new Map([...groupBy(own, ([, , value]) => value)].map(([value, group]) => [value, group.length]));
  };
  const names = [...groupBy(spans.flatMap(allFields), ([scope, key]) => `${scope} ${key}`).keys()];
  const fields = names.map((name) => {
    const inSelection = countIn(selected, name);
    const inBaseline = countIn(baseline, name);
    const values = [...new Set([...inSelection.keys(), ...inBaseline.keys()])]
      .map((value) => ({
        value,
        selectionCount: inSelection.get(value) ?? 0,
        baselineCount: inBaseline.get(value) ?? 0,
      }))
      .map((one) => ({
        one,
        difference: Math.abs(one.selectionCount / selected.length - one.baselineCount / baseline.length),
      }))
      .toSorted((a, b) => b.difference - a.difference || (a.one.value < b.one.value ? -1 : 1));
    const at = name.indexOf(" ");
    return {
      scope: name.slice(0, at) as FieldDifference["scope"],
      key: name.slice(at + 1),
      difference: values[0]?.difference ?? 0,
      values: values.slice(0, 10).map(({ one }) => one),
      omittedValues: Math.max(0, values.length - 10),
    };
  });
  const order = (one: FieldDifference): string => `${one.scope} ${one.key}`;
  return [
    {
      ...counts,
      selectionRead: selected.length,
      baselineRead: baseline.length,
      fields: fields
        .toSorted((a, b) => b.difference - a.difference || (order(a) < order(b) ? -1 : 1))
        .slice(0, 100),
    },
    false,
  ];
}

export function structureOf(all: readonly SpanRow[], chosen: readonly SpanRow[]): Found<TraceStructure> {
  const traceIds = new Set(chosen.map((span) => span.traceId));
  const spans = all.filter((span) => traceIds.has(span.traceId));
  const idOf = (span: SpanRow): string => span.traceId + span.spanId;
  const byId = new Map(spans.map((span) => [idOf(span), span]));
  const parentOf = (span: SpanRow): SpanRow | undefined => byId.get(span.traceId + span.parentSpanId);
  const children = groupBy(
    spans.filter((span) => parentOf(span) !== undefined),
    (span) => span.traceId + span.parentSpanId,
  );
  const paths: CallPath[] = [];
  const visit = (level: readonly SpanRow[], parent: number): void => {
    const groups = [
      ...groupBy(level, (span) => JSON.stringify([span.service, span.name, span.kind])).values(),
    ];
    for (const group of groups.toSorted((a, b) => b.length - a.length)) {
      const first = group[0]!;
      const slowest = group.reduce((a, b) => (b.durationNano > a.durationNano ? b : a));
      const index =
        paths.push({
          parent,
          service: first.service,
          name: first.name,
          kind: first.kind,
          traceCount: new Set(group.map((span) => span.traceId)).size,
          spanCount: group.length,
          errorCount: group.filter(failed).length,
          totalNano: group.reduce((sum, span) => sum + span.durationNano, 0),
          selfNano: group.reduce((sum, span) => sum + selfTime(span, children.get(idOf(span)) ?? []), 0),
          slowestTraceId: slowest.traceId,
          slowestSpanId: slowest.spanId,
        }) - 1;
      visit(
        group.flatMap((span) => children.get(idOf(span)) ?? []),
        index,
      );
    }
  };
  visit(
    spans.filter((span) => parentOf(span) === undefined),
    -1,
  );
  const traceCount = traceIds.size;
  return [
    { paths, traceCount, tracesRead: traceCount, spansRead: spans.length, omittedSpans: 0 },
    paths.length === 0,
  ];
}

/** The span's duration without the union of its children's stretches. */
function selfTime(span: SpanRow, children: readonly SpanRow[]): number {
  let reached = 0;
  let covered = 0;
  for (const child of children.toSorted((a, b) => Number(a.timeNano - b.timeNano))) {
    const offset = Number(child.timeNano - span.timeNano);
    const start = Math.max(reached, offset);
    const end = Math.min(span.durationNano, offset + child.durationNano);
    if (end > start) {
      covered += end - start;
      reached = end;
    }
  }
  return Math.max(0, span.durationNano - covered);
}

export function exceptionsOf(spans: readonly SpanRow[], filter: SpanFilter, steps: number): ExceptionGroup[] {
  const raised = spans.flatMap((span) => {
    const events = span.events.filter(
      ({ name, attributes }) =>
        name === "exception" &&
        valueOf(attributes, "exception.type") + valueOf(attributes, "exception.message") !== "",
    );
    if (events.length === 0)
      return failed(span) ? [{ span, type: "", message: span.statusMessage, stack: "" }] : [];
    return events.map(({ attributes }) => ({
      span,
      type: valueOf(attributes, "exception.type"),
      message: valueOf(attributes, "exception.message"),
      stack: valueOf(attributes, "exception.stacktrace"),
    }));
  });
  const plain = (message: string): string =>
    message.replaceAll(/[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|0x[0-9a-fA-F]+|[0-9]+/g, "#");
  const groups = groupBy(raised, ({ span, type, message }) =>
    JSON.stringify([span.service, type, plain(message)]),
  );
  return [...groups.values()]
    .map((group) => {
      const times = group.map(({ span }) => Number(span.timeNano / 1_000_000n));
      const latest = group.reduce((a, b) => (b.span.timeNano > a.span.timeNano ? b : a));
      return {
        service: latest.span.service,
        type: latest.type,
        message: plain(latest.message),
        count: group.length,
        traceCount: new Set(group.map(({ span }) => span.traceId)).size,
        firstMs: Math.min(...times),
        lastMs: Math.max(...times),
        countSeries: seriesOf(
          group.map(({ span }) => span),
          filter,
          steps,
        ),
        exampleMessage: latest.message,
        stacktrace: latest.stack,
        traceId: latest.span.traceId,
        spanId: latest.span.spanId,
      };
    })
    .toSorted((a, b) => b.count - a.count || (a.service < b.service ? -1 : 1));
}

export function fieldsOf(spans: readonly SpanRow[]): FieldUse[] {
  const uses = spans.flatMap((span) => [
    ...span.attributes.map((one) => ({ scope: "span" as const, ...one })),
    ...span.resource.map((one) => ({ scope: "resource" as const, ...one })),
  ]);
  return [...groupBy(uses, ({ scope, key }) => `${scope} ${key}`).values()]
    .map((group) => ({
      scope: group[0]!.scope,
      key: group[0]!.key,
      share: group.length / spans.length,
      example: group
        .map(({ value }) => value)
        .toSorted()[0]!
        .slice(0, 200),
    }))
    .toSorted(
      (a, b) =>
        b.share - a.share || (a.scope > b.scope ? -1 : a.scope < b.scope ? 1 : a.key < b.key ? -1 : 1),
    );
}
