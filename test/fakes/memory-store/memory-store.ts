/**
 * A store over arrays: plain and slow, what is asked for as `src/storage` words it. It stands in for the engine in tests of what lies above
 * storage, and is the oracle of the contract suite for everything but SQL and the arithmetic of counters and histograms.
 */
import { OtelierError } from "../../../src/base/error.ts";
import type { Store, StoreCounts, StoreStatus, WriteResult } from "../../../src/storage/store.ts";
import type { EmptyReason, Page, ReadContext } from "../../../src/storage/window.ts";
import type { Batch } from "../../../src/telemetry/batch.ts";
import { compareRows, exceptionsOf, fieldsOf, groupsOf, heatmapOf, structureOf } from "./span-analysis.ts";
import { fieldsOf as logFieldsOf, findLogs, patternsOf, volumeOf } from "./logs.ts";
import { gaugeLines, metricsOf, pointRows, type PointRow } from "./points.ts";
import { logRows, spanRows, type LogRow, type SpanRow } from "./rows.ts";
import { emptyReason, inWindow, type Question } from "./select.ts";
import { graphOf, operationsOf, servicesOf } from "./services.ts";
import { exportPiece, exportPieces, importPiece } from "./transfer.ts";
import { chosenSpans, fieldOfTrace, findTraces, linksTo, skeletonOf } from "./traces.ts";
import { usageOf } from "./usage.ts";

const status: StoreStatus = {
  engineUp: true,
  engineVersion: "memory",
  engineRestarts: 0,
  pendingSegments: 0,
  pendingBytes: 0,
  setAside: [],
  tables: [],
};

const counts: StoreCounts = {
  insertedRows: 0,
  insertedSegments: 0,
  rejectedItems: 0,
  beyondSeriesPoints: 0,
  droppedAttributeKeys: 0,
  setAsideRows: 0,
  droppedRows: 0,
  droppedBytes: 0,
  pendingSegments: 0,
  pendingBytes: 0,
  engineUp: true,
  engineRestarts: 0,
};

/** `initial`: spans that it holds from the beginning. */
export function createMemoryStore(initial: readonly SpanRow[] = []): Store {
  const spans: SpanRow[] = [...initial];
  const logs: LogRow[] = [];
  const points: PointRow[] = [];
  const listeners = new Set<Parameters<Store["onVisible"]>[0]>();
  const of = <T extends { readonly tenant: string }>(
    rows: readonly T[],
    { tenant, signal }: ReadContext,
  ): T[] => {
    signal?.throwIfAborted();
    return rows.filter((row) => row.tenant === tenant);
  };
  const batches: Batch[] = [];
  const own = (all: readonly Batch[], tenant: string): readonly Batch[] =>
    all.filter((batch) => batch.context.tenant === tenant);
  const write = (batch: Batch): WriteResult => {
    batches.push(batch);
    if (batch.signal === "traces") spans.push(...spanRows(batch));
    else if (batch.signal === "logs") logs.push(...logRows(batch));
    else points.push(...pointRows(batch));
    for (const listener of listeners) {
      listener(new Set([batch.signal]), new Set([batch.context.tenant]));
    }
    return { rejected: 0, reason: "" };
  };
  return {
    write: async (batch) => write(batch),
    services: async (window, steps, context) => {
      const own = of(spans, context);
      const items = servicesOf(own, of(logs, context), of(points, context), window, steps);
      return page(items, Infinity, own, { noun: "spans", window });
    },
    operations: async (window, service, steps, context) => {
      const own = of(spans, context);
      return page(operationsOf(own, window, service, steps), 1000, own, { noun: "spans", window, service });
    },
    serviceGraph: async (window, context) => {
      const own = of(spans, context);
      const edges = graphOf(own, window);
      return edges.length > 0 ? { edges } : { edges, empty: emptyReason(own, { noun: "spans", window }) };
    },
    searchTraces: async (search, context) => {
      const own = of(spans, context);
      return page(findTraces(own, search), search.limit, own, { noun: "spans", ...search });
    },
    trace: async (traceId, context) => {
      const own = of(spans, context);
      const found = own.filter((span) => span.traceId === traceId);
      if (found.length === 0) return { empty: emptyReason(own, { noun: "spans" }) };
      const ofTrace = of(logs, context).filter((log) => log.traceId === traceId);
      return { trace: skeletonOf(found, ofTrace) };
    },
    spans: async (traceId, spanIds, context) =>
      spanIds.flatMap((spanId) => {
        const found = of(spans, context).find((span) => span.traceId === traceId && span.spanId === spanId);
        if (found === undefined) return [];
        const { tenant: _, timeNano: __, ...detail } = found;
        return [detail];
      }),
    traceField: async (traceId, field, context) =>
      fieldOfTrace(
        of(spans, context).filter((span) => span.traceId === traceId),
        field,
      ),
    linkingSpans: async (traceId, context) => {
      const items = linksTo(of(spans, context), traceId);
      return { items: items.slice(0, 200), truncated: items.length > 200 };
    },
    spanGroups: async (filter, by, bounds, context) => {
      const own = of(spans, context);
      return orWhy(groupsOf(chosenSpans(own, filter), filter, by, bounds), own, filter);
    },
    durationHeatmap: async (filter, steps, context) => {
      const own = of(spans, context);
      return orWhy(heatmapOf(chosenSpans(own, filter), filter, steps), own, filter);
    },
    compareSpans: async (filter, selection, context) => {
      const own = of(spans, context);
      return orWhy(compareRows(chosenSpans(own, filter), filter, selection), own, filter);
    },
    traceStructure: async (filter, context) => {
      const own = of(spans, context);
      return orWhy(structureOf(own, chosenSpans(own, filter)), own, filter);
    },
    exceptions: async (filter, steps, context) => {
      const own = of(spans, context);
      const groups = exceptionsOf(chosenSpans(own, filter), filter, steps);
      return page(groups, 200, own, { noun: "spans", ...filter });
    },
    spanFields: async (filter, context) => {
      const own = of(spans, context);
      return page(fieldsOf(chosenSpans(own, filter)), 500, own, { noun: "spans", ...filter });
    },
    searchLogs: async (search, context) => {
      const own = of(logs, context);
      const found = findLogs(own, search).map(
        ({ tenant: _tenant, timeNano: _time, scopeAttributes: _scope, ...log }) => log,
      );
      return page(found, search.limit, own, { noun: "log records", ...search });
    },
    logVolume: async (search, steps, context) =>
      volumeOf(of(logs, context), search, search.window ?? { startMs: 0, endMs: 1 }, steps),
    logPatterns: async (search, context) => patternsOf(of(logs, context), search),
    logFields: async (search, context) => logFieldsOf(of(logs, context), search),
    metrics: async (window, service, context) => {
      const own = of(points, context);
      const chosen = own.filter(
        (point) => inWindow(point.timeNano, window) && (service === undefined || point.service === service),
      );
      return page(metricsOf(chosen), 5000, own, { noun: "data points", window, service });
    },
    metricSeries: async (query, context) => {
      const own = of(points, context).filter(
        (point) => query.service === undefined || point.service === query.service,
      );
      const named = own.filter((point) => point.metric === query.metric);
      const steps = Math.ceil((query.window.endMs - query.window.startMs) / query.stepMs);
      const timesMs = Array.from({ length: steps }, (_, step) => query.window.startMs + step * query.stepMs);
      const metric = metricsOf(named)[0];
      if (metric === undefined)
        return {
          timesMs,
          lines: [],
          omittedLines: 0,
          exemplars: [],
          empty: emptyReason(own, { noun: "data points" }),
        };
      if (metric.type !== "gauge") throw refusal(`draw the ${metric.type} "${query.metric}"`);
      const lines = gaugeLines(named, query);
      const kept = lines.slice(0, query.limit);
      return { metric, timesMs, lines: kept, omittedLines: lines.length - kept.length, exemplars: [] };
    },
    metricHeatmap: async ({ metric }) => {
      throw refusal(`lay out the histogram "${metric}"`);
    },
    sql: async () => {
      throw new OtelierError("cannot run SQL: this store has none", {
        code: "sql-refused",
        outcome: "permanent",
      });
    },
    storage: async (context) =>
      usageOf({ traces: of(spans, context), metrics: of(points, context), logs: of(logs, context) }),
    backup: async () => {
      throw new OtelierError("cannot back up: this store is in memory", {
        code: "backup-unsupported",
        outcome: "permanent",
      });
    },
    exportPieces: async (query, { tenant }) => exportPieces(own(batches, tenant), query),
    exportPiece: async (query, piece, { tenant }) => exportPiece(own(batches, tenant), query, piece),
    importPiece: (bytes, _, context) => importPiece(bytes, async (batch) => write(batch), context),
    status: async () => status,
    counts: () => counts,
    onVisible: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => listeners.clear(),
  };
}

function refusal(what: string): OtelierError {
  return new OtelierError(`cannot ${what}: this store draws gauges only`, {
    code: "unsupported",
    outcome: "permanent",
  });
}

/** The answer; with the reason when no span passed the filter. */
function orWhy<T extends object>(
  [answer, isEmpty]: readonly [T, boolean],
  rows: Parameters<typeof emptyReason>[0],
  filter: Omit<Question, "noun">,
): T & { readonly empty?: EmptyReason } {
  return isEmpty ? { ...answer, empty: emptyReason(rows, { noun: "spans", ...filter }) } : answer;
}

function page<T>(
  items: readonly T[],
  limit: number,
  rows: Parameters<typeof emptyReason>[0],
  question: Question,
): Page<T> {
  const kept = items.slice(0, limit);
  const truncated = items.length > kept.length;
  return kept.length > 0
    ? { items: kept, truncated }
    : { items: kept, truncated, empty: emptyReason(rows, question) };
}
