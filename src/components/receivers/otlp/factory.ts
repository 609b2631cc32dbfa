import { defineFactory, type AnyFactory } from "../../../pipeline/component.ts";
import type { SenderRegistry } from "../../../pipeline/senders/sender-registry.ts";
import { printComponentId } from "../../../pipeline/component-id.ts";
import { checkOtlpReceiver, otlpReceiverConfig, type Exposure, type OtlpReceiverConfig } from "./config.ts";
import { createOtlpReceiver, type ListeningUrls } from "./otlp.ts";

export interface OtlpReceiverFactoryOptions {
  /** Where senders are remembered; made by the stack, read by its API. */
  readonly senders: SenderRegistry;
  /** Default "warn", as the Collector; the stack says "refuse", and "allow" with --insecure-bind. */
  readonly exposure?: Exposure;
  /** Default false, as the Collector; the stack says true. */
  readonly refuseForeignOrigins?: boolean;
  /** "--otlp-grpc HOST:PORT" and "--otlp-http HOST:PORT", where such options exist. */
  readonly portOptions?: { readonly grpc: string; readonly http: string };
  /** Told of each receiver that listens. */
  readonly onListening?: (urls: ListeningUrls) => void;
  /** Told of each receiver that is made, whether its requests must name tenants. */
  readonly onTenancy?: (tenancy: { readonly receiver: string; readonly multitenancy: boolean }) => void;
}

/** The OTLP receiver: gRPC, gRPC-web, HTTP/protobuf and HTTP/JSON on each of its ports. */
export function otlpReceiverFactory(options: OtlpReceiverFactoryOptions): AnyFactory {
  return defineFactory<OtlpReceiverConfig>({
    kind: "receiver",
    type: "otlp",
    summary:
      "Receives traces, metrics and logs by OTLP: gRPC, gRPC-web, HTTP/protobuf and HTTP/JSON on each port.",
    config: otlpReceiverConfig,
    check: checkOtlpReceiver(options.exposure ?? "warn"),
    signals: { traces: "stable", metrics: "stable", logs: "stable" },
    create: (settings, config, next) => {
      options.onTenancy?.({
        receiver: printComponentId(settings.id),
        multitenancy: config.multitenancy_enabled,
      });
      return createOtlpReceiver({
        settings,
        config,
        next,
        senders: options.senders,
        refuseForeignOrigins: options.refuseForeignOrigins ?? false,
        ...(options.portOptions === undefined ? {} : { portOptions: options.portOptions }),
        ...(options.onListening === undefined ? {} : { onListening: options.onListening }),
      });
    },
  });
}
