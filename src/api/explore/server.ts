/**
 * The JSON API over a connection: finds the route, reads the parameters, asks the store, and turns errors to answers. Types of the answers and
 * the table of paths: `wire.ts`.
 */
import type { Clock } from "../../base/clock.ts";
import { isPermanent, messageOf, OtelierError } from "../../base/error.ts";
import { jsonResponse, queryOf, type HttpRequest, type HttpResponse } from "../../base/net/http-message.ts";
import type { MetricRegistry } from "../../pipeline/self-metrics/registry.ts";
import type { SenderRegistry } from "../../pipeline/senders/sender-registry.ts";
import type { SavedViews } from "../../storage/saved-views.ts";
import type { Store } from "../../storage/store.ts";
import type { ReadContext } from "../../storage/window.ts";
import { lossesOf, senderLossesOf } from "./losses.ts";
import { LiveFeed } from "./live.ts";
import { Parameters } from "./parameters.ts";
import { findRoute } from "./routes.ts";
import { storageRoutes } from "./storage-routes.ts";
import { answerViews } from "./views.ts";
import type { ErrorAnswer, SendersAnswer, StatusAnswer } from "./wire.ts";

export interface ExploreApiOptions {
  readonly store: Store;
  readonly views: SavedViews;
  readonly senders: SenderRegistry;
  readonly metrics: MetricRegistry;
  readonly clock: Clock;
  readonly version: string;
  readonly endpoints: SendersAnswer["endpoints"];
  readonly notices: () => StatusAnswer["notices"];
  readonly startedUnixMs: number;
}

/** Most bytes of a SQL text. */
const maxSqlBytes = 64 * 1024;

export interface ExploreApi {
  /** Answers a path under /api; undefined for a path that is not of this API. */
  answer(request: HttpRequest): Promise<HttpResponse | undefined>;
  /** Ends the streams of /api/live. */
  close(): void;
}

export function createExploreApi(options: ExploreApiOptions): ExploreApi {
  const live = new LiveFeed(options.store, options.senders, options.clock);
  const answer = async (request: HttpRequest): Promise<HttpResponse | undefined> => {
    if (request.path !== "/api" && !request.path.startsWith("/api/")) return undefined;
    try {
      return await dispatch(request, options, live);
    } catch (error) {
      return errorResponse(error);
    }
  };
  return { answer, close: () => live.close() };
}

async function dispatch(
  request: HttpRequest,
  options: ExploreApiOptions,
  live: LiveFeed,
): Promise<HttpResponse> {
  const ofViews = await answerViews(request, options.views, options.clock);
  if (ofViews !== undefined) return ofViews;
  const isSql = request.path === "/api/sql";
  const moving = Object.hasOwn(storageRoutes, request.path) ? storageRoutes[request.path] : undefined;
  const wanted = moving?.method ?? (isSql ? "POST" : "GET");
  if (request.method !== wanted) {
    return jsonResponse(error("method-not-allowed", `${request.path} takes ${wanted} only`), 405, {
      allow: wanted,
    });
  }
  const context: ReadContext = { tenant: "", signal: request.closed };
  if (isSql) {
    const query = (await request.readBody({ maxBytes: maxSqlBytes })).toString("utf8");
    return jsonResponse(await options.store.sql(query, context));
  }
  switch (request.path) {
    case "/api/senders":
      return jsonResponse({
        senders: options.senders.list(),
        endpoints: options.endpoints,
      } satisfies SendersAnswer);
    case "/api/status":
      return jsonResponse(await status(options));
    case "/api/live":
      return live.open(request.closed);
  }
  const parameters = new Parameters(queryOf(request), options.clock.now());
  if (moving !== undefined) return moving.answer(options.store, parameters, request, context);
  const route = findRoute(request.path);
  if (route === undefined) {
    return jsonResponse(
      error("not-found", `there is no "${request.path}" here`, "see docs/reference/api.md"),
      404,
    );
  }
  const value = await route.answer(options.store, parameters, context, route.path);
  return jsonResponse(value, 200, { "cache-control": "no-store" });
}

async function status(options: ExploreApiOptions): Promise<StatusAnswer> {
  const families = options.metrics.collect();
  const counters = families.flatMap(({ name, series }) =>
    series.flatMap((one) => ("value" in one ? [{ name, labels: one.labels, value: one.value }] : [])),
  );
  return {
    version: options.version,
    startedUnixMs: options.startedUnixMs,
    store: await options.store.status(),
    counters,
    losses: lossesOf(families),
    senderLosses: senderLossesOf(options.senders.list()),
    notices: options.notices(),
  };
}

function error(code: string, message: string, hint?: string): ErrorAnswer {
  return { error: { code, message, ...(hint === undefined ? {} : { hint }) } };
}

/** Codes whose HTTP status is not that of their outcome. */
const statusOfCode: Readonly<Record<string, number>> = {
  "bad-parameter": 400,
  "sql-refused": 400,
  "body-too-large": 413,
  "query-timeout": 504,
  "query-memory": 422,
};

function errorResponse(thrown: unknown): HttpResponse {
  if (!(thrown instanceof OtelierError)) return jsonResponse(error("internal", messageOf(thrown)), 500);
  const status = statusOfCode[thrown.code] ?? (isPermanent(thrown) ? 400 : 503);
  return jsonResponse(error(thrown.code, thrown.message), status);
}
