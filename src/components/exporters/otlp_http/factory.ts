import { defineFactory, type AnyFactory } from "../../../pipeline/component.ts";
import { checkOtlpHttp, otlpHttpConfig, type OtlpHttpConfig } from "./config.ts";
import { createOtlpHttpExporter } from "./otlp-http.ts";

/** Sends by OTLP/HTTP. */
export const otlpHttpFactory: AnyFactory = defineFactory<OtlpHttpConfig>({
  kind: "exporter",
  type: "otlp_http",
  aliases: [{ name: "otlphttp", deprecated: true }],
  summary: "Sends traces, metrics and logs by OTLP over HTTP, as protobuf or JSON.",
  config: otlpHttpConfig,
  check: checkOtlpHttp,
  signals: {
    traces: {
      stability: "stable",
      create: (settings, config) => createOtlpHttpExporter(settings, "traces", config),
    },
    metrics: {
      stability: "stable",
      create: (settings, config) => createOtlpHttpExporter(settings, "metrics", config),
    },
    logs: {
      stability: "stable",
      create: (settings, config) => createOtlpHttpExporter(settings, "logs", config),
    },
  },
});
