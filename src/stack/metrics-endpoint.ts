import { printAddress } from "../base/net/address.ts";
import { textResponse } from "../base/net/http-message.ts";
import { serveHttp } from "../base/net/http-server.ts";
import type { HttpServer } from "../base/net/http-server.ts";
import { printPrometheusText, prometheusContentType } from "../pipeline/self-metrics/prometheus-text.ts";
import type { MetricRegistry } from "../pipeline/self-metrics/registry.ts";
import type { MetricsEndpoint } from "../pipeline/service/telemetry-config.ts";

/** Serves our own metrics for Prometheus at `/metrics`. Rejects with "port-busy" and the like. */
export function serveMetrics(endpoint: MetricsEndpoint, metrics: MetricRegistry): Promise<HttpServer> {
  return serveHttp({
    endpoint: printAddress({ kind: "tcp", host: endpoint.host, port: endpoint.port }),
    portOption: "service.telemetry.metrics.readers",
    handler: (request) => {
      if (request.path !== "/metrics" && request.path !== "/") return textResponse("not found\n", 404);
      const text = printPrometheusText(metrics.collect(), { suffixes: endpoint.suffixes });
      return textResponse(text, 200, { "content-type": prometheusContentType });
    },
  });
}
