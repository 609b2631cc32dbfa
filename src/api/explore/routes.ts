/**
 * The table of the JSON API: each path with the function that answers it from the store. Knows neither HTTP nor ClickHouse; `server.ts` joins
 * it to a connection. The parameters of each path stand in `wire.ts`.
 */
import type { LogCursor, LogSearch } from "../../storage/logs.ts";
import type { MetricFunction } from "../../storage/metrics.ts";
import type { Store } from "../../storage/store.ts";
import type { ReadContext } from "../../storage/window.ts";
import { OtelierError } from "../../base/error.ts";
import type { Parameters } from "./parameters.ts";

export type Answer = (
  store: Store,
  parameters: Parameters,
  context: ReadContext,
  path: PathParts,
) => Promise<unknown>;

/** Words of the path that stand for `{name}` in the pattern. */
export type PathParts = Readonly<Record<string, string>>;

const routes: readonly { readonly pattern: string; readonly answer: Answer }[] = [
  {
    pattern: "/api/services",
    answer: (store, p, context) => checked(p, store.services.bind(store), p.window(), steps(p), context),
  },
  {
    pattern: "/api/operations",
    answer: (store, p, context) =>
      checked(p, store.operations.bind(store), p.window(), p.text("service"), steps(p), context),
  },
  {
    pattern: "/api/graph",
    answer: (store, p, context) => checked(p, store.serviceGraph.bind(store), p.window(), context),
  },
  { pattern: "/api/traces", answer: (store, p, context) => searchTraces(store, p, context) },
  {
    pattern: "/api/traces/{traceId}",
    answer: (store, p, context, path) => checked(p, store.trace.bind(store), traceId(p, path), context),
  },
  {
    pattern: "/api/traces/{traceId}/spans",
    answer: (store, p, context, path) =>
      checked(p, store.spans.bind(store), traceId(p, path), spanIds(p), context),
  },
  {
    pattern: "/api/logs",
    answer: (store, p, context) => checked(p, store.searchLogs.bind(store), logSearch(p), context),
  },
  {
    pattern: "/api/logs/volume",
    answer: (store, p, context) =>
      checked(p, store.logVolume.bind(store), { ...logSearch(p), window: p.window() }, steps(p), context),
  },
  {
    pattern: "/api/logs/patterns",
    answer: (store, p, context) => checked(p, store.logPatterns.bind(store), logSearch(p), context),
  },
  {
    pattern: "/api/logs/fields",
    answer: (store, p, context) => checked(p, store.logFields.bind(store), logSearch(p), context),
  },
  {
    pattern: "/api/metrics",
    answer: (store, p, context) =>
      checked(p, store.metrics.bind(store), p.window(), p.text("service"), context),
  },
  { pattern: "/api/metrics/series", answer: (store, p, context) => metricSeries(store, p, context) },
];

/** Calls the store only when no parameter was wrong. */
function checked<A extends readonly unknown[], T>(
  parameters: Parameters,
  call: (...values: A) => Promise<T>,
  ...values: A
): Promise<T> {
  if (parameters.problems.length > 0) return Promise.reject(badParameters(parameters));
  return call(...values);
}

function badParameters(parameters: Parameters): OtelierError {
  return new OtelierError(parameters.problems.join("; "), { code: "bad-parameter", outcome: "permanent" });
}

function steps(parameters: Parameters): number {
  return parameters.integer("steps", 30, 1, 1000);
}

function searchTraces(store: Store, p: Parameters, context: ReadContext): Promise<unknown> {
  const minDurationNano = p.durationNano("minDuration");
  const maxDurationNano = p.durationNano("maxDuration");
  const status = p.choice("status", ["Unset", "Ok", "Error"]);
  const search = {
    window: p.window(),
    ...optional("service", p.text("service")),
    ...optional("operation", p.text("operation")),
    ...optional("minDurationNano", minDurationNano),
    ...optional("maxDurationNano", maxDurationNano),
    ...optional("status", status),
    ...optional("text", p.text("text")),
    attributes: p.attributes(),
    order: p.choice("order", ["newest", "slowest"], "newest"),
    limit: p.integer("limit", 100, 1, 1000),
  };
  return checked(p, store.searchTraces.bind(store), search, context);
}

function logSearch(p: Parameters): LogSearch {
  const window = p.optionalWindow();
  const traceId = p.text("trace")?.toLowerCase();
  // A log query without a trace must be bounded in time.
  const bounded = window ?? (traceId === undefined ? p.window() : undefined);
  return {
    ...optional("window", bounded),
    ...optional("service", p.text("service")),
    ...optional("traceId", traceId),
    ...optional("spanId", p.text("span")?.toLowerCase()),
    ...optional(
      "minSeverity",
      p.text("severity") === undefined ? undefined : p.integer("severity", 1, 1, 24),
    ),
    ...optional("text", p.text("text")),
    attributes: p.attributes(),
    order: p.choice("order", ["newest", "oldest"], "newest"),
    limit: p.integer("limit", 200, 1, 5000),
    ...optional("after", cursor(p)),
  };
}

function cursor(p: Parameters): LogCursor | undefined {
  const text = p.text("after");
  if (text === undefined) return undefined;
  const match = /^(\d+):(\d{1,9})$/.exec(text);
  if (match === null) {
    p.problems.push(`cannot use "after=${text}": must be <unix nanoseconds>:<records to skip>`);
    return undefined;
  }
  return { timeUnixNano: match[1] ?? "0", skip: Number(match[2]) };
}

const functions: readonly MetricFunction[] = ["rate", "average", "last", "sum", "p50", "p95", "p99"];

function metricSeries(store: Store, p: Parameters, context: ReadContext): Promise<unknown> {
  const metric = p.text("metric");
  if (metric === undefined) p.problems.push(`"metric" is missing: name the metric to read`);
  const window = p.window();
  const wanted = Math.ceil((window.endMs - window.startMs) / 120 / 1000) * 1000;
  const query = {
    metric: metric ?? "",
    window,
    stepMs: Math.max(1000, Math.round((p.durationNano("step") ?? wanted * 1e6) / 1e6)),
    function: p.choice("function", functions, "average"),
    ...optional("service", p.text("service")),
    attributes: p.attributes(),
    ...optional("groupBy", p.text("groupBy")),
    limit: p.integer("limit", 20, 1, 100),
  };
  if ((window.endMs - window.startMs) / query.stepMs > 11_000) {
    p.problems.push(
      `the window holds more than 11,000 steps of ${query.stepMs} ms: use a longer step or a shorter window`,
    );
  }
  return checked(p, store.metricSeries.bind(store), query, context);
}

function traceId(p: Parameters, path: PathParts): string {
  const id = (path["traceId"] ?? "").toLowerCase();
  if (!/^[0-9a-f]{1,32}$/.test(id))
    p.problems.push(`"${id}" is no trace id: must be 32 hexadecimal characters`);
  return id.padStart(32, "0");
}

function spanIds(p: Parameters): readonly string[] {
  const ids = p.all("id").map((id) => id.toLowerCase());
  if (ids.length === 0) p.problems.push(`"id" is missing: name the spans to read`);
  if (ids.length > 200) p.problems.push(`${ids.length} spans asked for, at most 200 a request`);
  for (const id of ids)
    if (!/^[0-9a-f]{16}$/.test(id))
      p.problems.push(`"${id}" is no span id: must be 16 hexadecimal characters`);
  return ids;
}

function optional<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  if (value === undefined) return {};
  const entry: Partial<Record<K, V>> = {};
  entry[key] = value;
  return entry;
}

/** Finds the route of a path; undefined when there is none. */
export function findRoute(
  pathname: string,
): { readonly answer: Answer; readonly path: PathParts } | undefined {
  for (const { pattern, answer } of routes) {
    const path = matchPath(pattern, pathname);
    if (path !== undefined) return { answer, path };
  }
  return undefined;
}

function matchPath(pattern: string, pathname: string): PathParts | undefined {
  const wanted = pattern.split("/");
  const given = pathname.split("/");
  if (wanted.length !== given.length) return undefined;
  const path: Record<string, string> = {};
  for (const [at, word] of wanted.entries()) {
    const value = given[at] ?? "";
    if (word.startsWith("{")) path[word.slice(1, -1)] = value;
    else if (word !== value) return undefined;
  }
  return path;
}
