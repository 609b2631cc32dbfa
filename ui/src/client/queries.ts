/** Every question to the server, as TanStack Query options: key, call with cancellation, and which live topics make the answer stale. */
import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  type QueryClient,
} from "@tanstack/react-query";
import type {
  LogFields,
  LogPatterns,
  LogVolume,
  MetricAnswer,
  MetricHeatmap,
  MetricSummary,
  OperationSummary,
  Page,
  SendersAnswer,
  ServiceGraph,
  ServiceSummary,
  SpanDetail,
  StatusAnswer,
  StoredLog,
  TraceAnswer,
  TraceSummary,
  ViewsAnswer,
} from "../../../src/api/explore/wire.ts";
import { getJson, sendText, type Parameters } from "./http.ts";
import type { LiveMeta, LiveTopic } from "./live.ts";

/** Parameters of a question over a window: `from` and `to` as in the address. */
export interface WindowParameters extends Record<string, string | number | readonly string[] | undefined> {
  readonly from: string;
  readonly to: string;
}

/** Figures over a whole window change little in a few seconds, and metrics are sent every 10 s or more: no need to ask at every event. */
const aggregateMs = 4000;
const metricMs = 10_000;

function liveMeta(parameters: Parameters, topics: readonly LiveTopic[], leastMs = 0): LiveMeta {
  return parameters.to === undefined || parameters.to === "now" ? { topics, leastMs } : {};
}

// Return types here are inferred: they carry the key's brand, which has no name of its own to write down.
export function question<T>(path: string, parameters: Parameters, topics: readonly LiveTopic[], leastMs = 0) {
  return queryOptions({
    queryKey: [path, parameters] as const,
    queryFn: ({ signal }) => getJson<T>(path, parameters, signal),
    placeholderData: keepPreviousData,
    meta: liveMeta(parameters, topics, leastMs),
  });
}
export type Question<T> = ReturnType<typeof question<T>>;

/** Steps of the RED series of a service: one answer serves every page. */
export const serviceSteps = 90;

export function servicesQuery(parameters: WindowParameters): Question<Page<ServiceSummary>> {
  return question("api/services", parameters, ["traces", "logs", "metrics"], aggregateMs);
}

export function operationsQuery(parameters: WindowParameters): Question<Page<OperationSummary>> {
  return question("api/operations", parameters, ["traces"], aggregateMs);
}

export function graphQuery(parameters: WindowParameters): Question<ServiceGraph> {
  return question("api/graph", parameters, ["traces"], aggregateMs);
}

export function tracesQuery(parameters: WindowParameters): Question<Page<TraceSummary>> {
  return question("api/traces", parameters, ["traces"]);
}

/** A trace refreshes while it is small and can still grow: its last span ended less than a minute ago. */
function mayGrow(data: unknown): boolean {
  const trace = (data as TraceAnswer | undefined)?.trace;
  if (trace === undefined) return true;
  const endMs = Number(trace.startUnixNano) / 1e6 + trace.durationNano / 1e6;
  return trace.spanIds.length < 5000 && Date.now() - endMs < 60_000;
}

export function traceQuery(traceId: string) {
  return queryOptions({
    queryKey: ["api/trace", traceId] as const,
    queryFn: ({ signal }) => getJson<TraceAnswer>(`api/traces/${encodeURIComponent(traceId)}`, {}, signal),
    meta: { topics: ["traces"], mayRefresh: mayGrow } satisfies LiveMeta,
  });
}

export function spanQuery(traceId: string, spanId: string) {
  return queryOptions({
    queryKey: ["api/span", traceId, spanId] as const,
    queryFn: ({ signal }) =>
      getJson<readonly SpanDetail[]>(
        `api/traces/${encodeURIComponent(traceId)}/spans`,
        { id: spanId },
        signal,
      ),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
}

const logPageSize = 200;
/** How far from a record its neighbours are looked for. */
const neighbourMs = 3_600_000;

export function logsQuery(parameters: Parameters) {
  return infiniteQueryOptions({
    queryKey: ["api/logs", parameters] as const,
    queryFn: ({ signal, pageParam }) =>
      getJson<Page<StoredLog>>("api/logs", { ...parameters, limit: logPageSize, after: pageParam }, signal),
    initialPageParam: "",
    getNextPageParam: (last, all) =>
      last.truncated ? cursorBehind(all.flatMap((page) => page.items)) : undefined,
    placeholderData: keepPreviousData,
    meta: {
      ...liveMeta(parameters, ["logs"]),
      // With more pages loaded the reader is looking back: a refresh would move the lines away.
      mayRefresh: (data) => ((data as { pages?: unknown[] } | undefined)?.pages?.length ?? 0) <= 1,
    } satisfies LiveMeta,
  });
}

/** "<nanos>:<skip>" behind the last of the records, which are in the page's order. */
export function cursorBehind(records: readonly StoredLog[]): string | undefined {
  const last = records.at(-1);
  if (last === undefined) return undefined;
  let skip = 0;
  for (let i = records.length - 1; i >= 0 && records[i]!.timeUnixNano === last.timeUnixNano; i--) skip++;
  return `${last.timeUnixNano}:${skip}`;
}

export function logVolumeQuery(parameters: WindowParameters): Question<LogVolume> {
  return question("api/logs/volume", parameters, ["logs"]);
}

export function logPatternsQuery(parameters: Parameters): Question<LogPatterns> {
  return question("api/logs/patterns", parameters, ["logs"], aggregateMs);
}

export function logFieldsQuery(parameters: Parameters): Question<LogFields> {
  return question("api/logs/fields", parameters, ["logs"], aggregateMs);
}

/** Lines of the same service just before ("newest") or after ("oldest") a record; what was around it does not change. */
export function logNeighboursQuery(record: StoredLog, order: "newest" | "oldest", limit: number) {
  const ms = Number(record.timeUnixNano) / 1e6;
  const parameters = {
    service: record.service,
    from: String(Math.floor(ms - neighbourMs)),
    to: String(Math.ceil(ms + neighbourMs)),
    order,
    limit,
    after: `${record.timeUnixNano}:1`,
  };
  return queryOptions({
    queryKey: ["api/logs", "around", parameters] as const,
    queryFn: ({ signal }) => getJson<Page<StoredLog>>("api/logs", parameters, signal),
    staleTime: Infinity,
  });
}

export function metricsQuery(parameters: WindowParameters): Question<Page<MetricSummary>> {
  return question("api/metrics", parameters, ["metrics"], metricMs);
}

export function metricSeriesQuery(parameters: WindowParameters): Question<MetricAnswer> {
  return question("api/metrics/series", parameters, ["metrics"], metricMs);
}

export function metricHeatmapQuery(parameters: WindowParameters): Question<MetricHeatmap> {
  return question("api/metrics/heatmap", parameters, ["metrics"], metricMs);
}

export function sendersQuery(): Question<SendersAnswer> {
  return question("api/senders", {}, ["senders", "traces", "logs", "metrics"]);
}

const viewsPath = "api/views";

export function viewsQuery(): Question<ViewsAnswer> {
  return question(viewsPath, {}, []);
}

/** `address`: path and query of the page, as the router has them. */
export async function saveView(client: QueryClient, name: string, address: string): Promise<void> {
  await sendText("PUT", `${viewsPath}/${encodeURIComponent(name)}`, address);
  await client.invalidateQueries({ queryKey: [viewsPath] });
}

export async function removeView(client: QueryClient, name: string): Promise<void> {
  await sendText("DELETE", `${viewsPath}/${encodeURIComponent(name)}`);
  await client.invalidateQueries({ queryKey: [viewsPath] });
}

export function statusQuery(): Question<StatusAnswer> {
  return question("api/status", {}, ["senders", "traces", "logs", "metrics"], metricMs);
}
