import { defineFactory, type AnyFactory } from "../../../pipeline/component.ts";
import { checkOtlpGrpc, otlpGrpcConfig, type OtlpGrpcConfig } from "./config.ts";
import { createOtlpGrpcExporter } from "./otlp-grpc.ts";

/** Sends by OTLP/gRPC. */
export const otlpGrpcFactory: AnyFactory = defineFactory<OtlpGrpcConfig>({
  kind: "exporter",
  type: "otlp_grpc",
  aliases: [{ name: "otlp", deprecated: true }],
  summary: "Sends traces, metrics and logs by OTLP over gRPC.",
  config: otlpGrpcConfig,
  check: checkOtlpGrpc,
  signals: {
    traces: {
      stability: "stable",
      create: (settings, config) => createOtlpGrpcExporter(settings, "traces", config),
    },
    metrics: {
      stability: "stable",
      create: (settings, config) => createOtlpGrpcExporter(settings, "metrics", config),
    },
    logs: {
      stability: "stable",
      create: (settings, config) => createOtlpGrpcExporter(settings, "logs", config),
    },
  },
});
