import type { Diagnostic } from "../../../base/diagnostic.ts";
import type { ConfigNode } from "../../../pipeline/settings/config-node.ts";
import { checkGrpcClient, grpcClientFields, type GrpcClientConfig } from "../../../pipeline/settings/grpc.ts";
import { duration, section } from "../../../pipeline/settings/options.ts";
import { configProblem } from "../../../pipeline/settings/problem.ts";
import {
  checkQueue,
  checkRetry,
  queueOption,
  retryOption,
  type QueueConfig,
  type RetryConfig,
} from "../../../pipeline/settings/queue.ts";
import type { Section } from "../../../pipeline/settings/schema.ts";

export interface OtlpGrpcConfig extends GrpcClientConfig {
  readonly timeout: number;
  readonly retry_on_failure: RetryConfig;
  readonly sending_queue: QueueConfig | undefined;
}

/** Options, defaults and texts of core exporter/otlpexporter. */
export const otlpGrpcConfig: Section<OtlpGrpcConfig> = section<OtlpGrpcConfig>({
  ...grpcClientFields({ compression: "gzip" }),
  timeout: duration({ default: "5s", doc: "longest time for one attempt; 0: no limit" }),
  retry_on_failure: retryOption,
  sending_queue: queueOption,
});

export function checkOtlpGrpc(config: OtlpGrpcConfig, node: ConfigNode, path: string): readonly Diagnostic[] {
  const found = [
    ...checkGrpcClient(config, node, path),
    ...checkRetry(config.retry_on_failure, node, path),
    ...checkQueue(config.sending_queue, node, path),
  ];
  if (config.timeout < 0) {
    found.push(
      configProblem({
        code: "bad-timeout",
        node,
        path,
        key: "timeout",
        text: "'timeout' must be non-negative",
      }),
    );
  }
  if (config.compression === "zstd" || config.compression === "snappy") {
    const text = `compression "${config.compression}" is not supported`;
    const hint = "use gzip, zlib, deflate or none";
    found.push(
      configProblem({ code: "unsupported-compression", node, path, key: "compression", text, hint }),
    );
  }
  return found;
}
