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
import { tenantHeader } from "../../telemetry/tenant.ts";
import { lossesOf, senderLossesOf } from "./losses.ts";
import { LiveFeed } from "./live.ts";
import { Parameters } from "./parameters.ts";
import { findRoute } from "./routes.ts";
import { storageRoutes } from "./storage-routes.ts";
import { askingTenant } from "./tenant.ts";
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
  /** Each request must name its tenant. */
  readonly multitenancy: () => boolean;
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
      if (!options.multitenancy()) return await dispatch(request, options, live, "");
      const tenant = askingTenant(request);
      const response = await dispatch(request, options, live, tenant);
      // So that a page can tell whose telemetry it shows, whoever named the tenant.
      return { ...response, headers: { ...response.headers, [tenantHeader]: tenant } };
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
  tenant: string,
): Promise<HttpResponse> {
  const ofViews = await answerViews(request, options.views, options.clock, tenant);
  if (ofViews !== undefined) return ofViews;
  const isSql = request.path === "/api/sql";
  const moving = Object.hasOwn(storageRoutes, request.path) ? storageRoutes[request.path] : undefined;
  const wanted = moving?.method ?? (isSql ? "POST" : "GET");
  if (request.method !== wanted) {
    return jsonResponse(error("method-not-allowed", `${request.path} takes ${wanted} only`), 405, {
      allow: wanted,
    });
  }
  const context: ReadContext = { tenant, signal: request.closed };
  if (isSql) {
    if (options.multitenancy()) throw sqlOfSeveral();
    const query = (await request.readBody({ maxBytes: maxSqlBytes })).toString("utf8");
    return jsonResponse(await options.store.sql(query, context));
  }
  switch (request.path) {
    case "/api/senders":
      return jsonResponse({
        senders: options.senders.list(tenant),
        endpoints: options.endpoints,
      } satisfies SendersAnswer);
    case "/api/status":
      return jsonResponse(await status(options, tenant));
    case "/api/live":
      return live.open(request.closed, tenant);
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

/** Of the whole stack; of senders only those of the tenant, when one is named. */
async function status(options: ExploreApiOptions, tenant: string): Promise<StatusAnswer> {
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
    senderLosses: senderLossesOf(options.senders.list(tenant === "" ? undefined : tenant)),
    notices: options.notices(),
  };
}

/** Nothing in a user's SQL names the tenant. */
function sqlOfSeveral(): OtelierError {
  return new OtelierError("cannot run the query: several tenants share this store", {
    code: "sql-refused",
    outcome: "permanent",
  });
}

function error(code: string, message: string, hint?: string): ErrorAnswer {
  return { error: { code, message, ...(hint === undefined ? {} : { hint }) } };
}

/** Codes whose HTTP status is not that of their outcome. */
const statusOfCode: Readonly<Record<string, number>> = {
  "no-org-id": 401,
  "bad-parameter": 400,
  "sql-refused": 400,
  "body-too-large": 413,
  "query-timeout": 504,
  "query-memory": 422,
};

const hintOfCode: Readonly<Record<string, string>> = {
  "no-org-id": "name the tenant by the header X-Scope-OrgID or the cookie otelier_tenant",
};

function errorResponse(thrown: unknown): HttpResponse {
  if (!(thrown instanceof OtelierError)) return jsonResponse(error("internal", messageOf(thrown)), 500);
  const status = statusOfCode[thrown.code] ?? (isPermanent(thrown) ? 400 : 503);
  return jsonResponse(error(thrown.code, thrown.message, hintOfCode[thrown.code]), status);
}
