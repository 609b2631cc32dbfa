import { headerOf, textResponse } from "../base/net/http-message.ts";
import { printPrometheusText, prometheusContentType } from "../pipeline/self-metrics/prometheus-text.ts";
import type { MetricRegistry } from "../pipeline/self-metrics/registry.ts";
import type { Responder } from "./http-front.ts";

/** Own metrics for Prometheus at /metrics. A browser that goes there wants the UI's page of that name. */
export function ownMetrics(metrics: MetricRegistry): Responder {
  return (request) => {
    const isPage = (headerOf(request, "accept") ?? "").includes("text/html");
    if (request.path !== "/metrics" || isPage) return Promise.resolve(undefined);
    const text = printPrometheusText(metrics.collect(), { suffixes: false });
    return Promise.resolve(textResponse(text, 200, { "content-type": prometheusContentType }));
  };
}
