/** Cross-origin requests of browsers (fetch.spec.whatwg.org, as github.com/rs/cors, which the Collector uses). */
import { headerOf, type HttpRequest, type HttpResponse } from "../../../base/net/http-message.ts";
import { matchesOrigin } from "../../../base/net/http-policy.ts";
import type { CorsConfig } from "../../../pipeline/settings/http.ts";

/** Headers that gRPC-web answers carry and scripts must read. */
const grpcWebHeaders = ["grpc-status", "grpc-message", "grpc-status-details-bin"];
const alwaysAllowed = [
  "accept",
  "content-type",
  "x-requested-with",
  "x-grpc-web",
  "x-user-agent",
  "grpc-timeout",
];

/** The answer to a preflight request, undefined when the request is none. It needs no authentication: browsers send none with it. */
export function preflight(request: HttpRequest, cors: CorsConfig | undefined): HttpResponse | undefined {
  const wantedMethod = headerOf(request, "access-control-request-method");
  if (request.method !== "OPTIONS" || wantedMethod === undefined || cors === undefined) return undefined;
  const origin = allowedOrigin(request, cors);
  const vary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
  if (origin === undefined || wantedMethod !== "POST") return { status: 204, headers: { vary } };
  const wanted = (headerOf(request, "access-control-request-headers") ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
  const allowed = new Set([...alwaysAllowed, ...cors.allowed_headers.map((name) => name.toLowerCase())]);
  if (!allowed.has("*") && wanted.some((name) => !allowed.has(name)))
    return { status: 204, headers: { vary } };
  return {
    status: 204,
    headers: {
      vary,
      "access-control-allow-origin": origin,
      "access-control-allow-methods": "POST",
      ...(wanted.length === 0 ? {} : { "access-control-allow-headers": wanted.join(", ") }),
      ...(cors.max_age > 0 ? { "access-control-max-age": String(cors.max_age) } : {}),
    },
  };
}

/** The answer with what lets the page read it, when its origin may. */
export function withCors(
  request: HttpRequest,
  response: HttpResponse,
  cors: CorsConfig | undefined,
): HttpResponse {
  if (cors === undefined || headerOf(request, "origin") === undefined) return response;
  const origin = allowedOrigin(request, cors);
  if (origin === undefined) return { ...response, headers: { ...response.headers, vary: "Origin" } };
  return {
    ...response,
    headers: {
      ...response.headers,
      vary: "Origin",
      "access-control-allow-origin": origin,
      "access-control-expose-headers": [...grpcWebHeaders, "retry-after", ...cors.exposed_headers].join(", "),
    },
  };
}

function allowedOrigin(request: HttpRequest, cors: CorsConfig): string | undefined {
  const origin = headerOf(request, "origin");
  if (origin === undefined) return undefined;
  return cors.allowed_origins.some((pattern) => matchesOrigin(pattern, origin)) ? origin : undefined;
}
