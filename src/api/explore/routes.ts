/**
 * The table of the JSON API: each path with the function that answers it from the store. Knows neither HTTP nor ClickHouse; `server.ts` joins
 * it to a connection. The parameters of each path stand in `wire.ts`.
 */
import type { LogCursor, LogSearch } from "../../storage/logs.ts";
import type { MetricFunction, MetricHeatmapQuery } from "../../storage/metrics.ts";
import type { Store } from "../../storage/store.ts";
import type { ReadContext } from "../../storage/window.ts";
import { checked, optional, steps, type Answer, type PathParts, type Route } from "./answer.ts";
import type { Parameters } from "./parameters.ts";
import { spanRoutes } from "./span-routes.ts";
import { traceRoutes } from "./trace-routes.ts";

const routes: readonly Route[] = [
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
  ...spanRoutes,
  ...traceRoutes,
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
  {
    pattern: "/api/metrics/heatmap",
    answer: (store, p, context) =>
      checked(p, store.metricHeatmap.bind(store), chosenMetric(p, heatmapSteps), context),
  },
  { pattern: "/api/storage", answer: (store, p, context) => checked(p, store.storage.bind(store), context) },
];

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

const functions: readonly MetricFunction[] = [
  "rate",
  "average",
  "last",
  "sum",
  "p50",
  "p95",
  "p99",
  "percentiles",
];

/** Steps of a window when none is asked for: lines have one about every ten pixels, and a cell of a heat map has to be seen. */
const lineSteps = 120;
const heatmapSteps = 60;

function metricSeries(store: Store, p: Parameters, context: ReadContext): Promise<unknown> {
  const query = {
    ...chosenMetric(p, lineSteps),
    function: p.choice("function", functions, "average"),
    ...optional("groupBy", p.text("groupBy")),
    limit: p.integer("limit", 20, 1, 100),
  };
  return checked(p, store.metricSeries.bind(store), query, context);
}

function chosenMetric(p: Parameters, usualSteps: number): MetricHeatmapQuery {
  const metric = p.text("metric");
  if (metric === undefined) p.problems.push(`"metric" is missing: name the metric to read`);
  const window = p.window();
  const wanted = Math.ceil((window.endMs - window.startMs) / usualSteps / 1000) * 1000;
  const stepMs = Math.max(1000, Math.round((p.durationNano("step") ?? wanted * 1e6) / 1e6));
  if ((window.endMs - window.startMs) / stepMs > 11_000) {
    p.problems.push(
      `the window holds more than 11,000 steps of ${stepMs} ms: use a longer step or a shorter window`,
    );
  }
  return {
    metric: metric ?? "",
    window,
    stepMs,
    ...optional("service", p.text("service")),
    attributes: p.attributes(),
  };
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
