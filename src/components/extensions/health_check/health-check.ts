/** Answers whether the service runs: 200 between the start of all pipelines and the beginning of their end, else 503. */
import type { Clock } from "../../../base/clock.ts";
import { printGoDuration } from "../../../base/duration.ts";
import { headerOf, jsonResponse, textResponse, type HttpResponse } from "../../../base/net/http-message.ts";
import { serveHttp, type HttpServer } from "../../../base/net/http-server.ts";
import { serverAuthenticator } from "../../../pipeline/authenticators.ts";
import type { ComponentSettings, Extension } from "../../../pipeline/component.ts";
import { loadServerTls } from "../../../pipeline/settings/server-tls.ts";
import type { HealthCheckConfig, ResponseBodyConfig } from "./config.ts";

/** What the Collector prints for a time that has not come. */
const never = "0001-01-01T00:00:00Z";

export interface HealthCheck extends Extension {
  /** Listening port, known once started. */
  readonly port: number | undefined;
}

export function createHealthCheck(settings: ComponentSettings, config: HealthCheckConfig): HealthCheck {
  const { clock } = settings;
  let server: HttpServer | undefined;
  let upSinceMs: number | undefined;
  return {
    get port() {
      return server?.port;
    },
    start: async (host) => {
      const authenticator =
        config.auth === undefined ? undefined : serverAuthenticator(host, config.auth.authenticator);
      const tls = config.tls === undefined ? undefined : await loadServerTls(config.tls);
      server = await serveHttp({
        endpoint: config.transport === "unix" ? { kind: "unix", path: config.endpoint } : config.endpoint,
        clock,
        ...(tls === undefined ? {} : { tls }),
        handler: async (request) => {
          if (config.path !== "/" && request.path !== config.path)
            return textResponse("404 page not found\n", 404);
          if (authenticator !== undefined) {
            const authorization = headerOf(request, "authorization");
            const headers = new Map(authorization === undefined ? [] : [["authorization", [authorization]]]);
            try {
              await authenticator.authenticate(headers);
            } catch {
              return textResponse("unauthorized\n", 401);
            }
          }
          return answer(clock, upSinceMs, config.response_body);
        },
      });
      settings.log.info("Starting health_check extension", { endpoint: server.urls.join(", ") });
    },
    shutdown: async () => server?.close(),
    pipelinesReady: () => {
      upSinceMs = clock.now();
    },
    pipelinesStopping: () => {
      upSinceMs = undefined;
    },
  };
}

function answer(
  clock: Clock,
  upSinceMs: number | undefined,
  body: ResponseBodyConfig | undefined,
): HttpResponse {
  const status = upSinceMs === undefined ? 503 : 200;
  if (body !== undefined) return textResponse(status === 200 ? body.healthy : body.unhealthy, status);
  if (upSinceMs === undefined) {
    return jsonResponse({ status: "Server not available", upSince: never, uptime: "" }, status);
  }
  const uptime = printGoDuration(clock.now() - upSinceMs);
  return jsonResponse(
    { status: "Server available", upSince: new Date(upSinceMs).toISOString(), uptime },
    status,
  );
}
