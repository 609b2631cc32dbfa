import type { Diagnostic } from "../../../base/diagnostic.ts";
import type { ConfigNode } from "../../../pipeline/settings/config-node.ts";
import { checkHttpClient, httpClientFields, type HttpClientConfig } from "../../../pipeline/settings/http.ts";
import { enumOf, section, text } from "../../../pipeline/settings/options.ts";
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
import type { Signal } from "../../../telemetry/signal.ts";

export interface OtlpHttpConfig extends HttpClientConfig {
  readonly traces_endpoint: string;
  readonly metrics_endpoint: string;
  readonly logs_endpoint: string;
  readonly profiles_endpoint: string;
  readonly encoding: "proto" | "json";
  readonly retry_on_failure: RetryConfig;
  readonly sending_queue: QueueConfig | undefined;
}

/** Options, defaults and texts of core exporter/otlphttpexporter. */
export const otlpHttpConfig: Section<OtlpHttpConfig> = section<OtlpHttpConfig>({
  ...httpClientFields({ timeout: "30s", compression: "gzip" }),
  traces_endpoint: text({ default: "", doc: "whole URL for traces; empty: endpoint + /v1/traces" }),
  metrics_endpoint: text({ default: "", doc: "whole URL for metrics; empty: endpoint + /v1/metrics" }),
  logs_endpoint: text({ default: "", doc: "whole URL for logs; empty: endpoint + /v1/logs" }),
  profiles_endpoint: text({
    default: "",
    doc: "whole URL for profiles",
    ignored: "profiles are not supported",
  }),
  encoding: enumOf(["proto", "json"] as const, {
    default: "proto",
    doc: "how telemetry is written",
    problem: (value) => `invalid encoding type: ${value}`,
  }),
  retry_on_failure: retryOption,
  sending_queue: queueOption,
});

const endpointKeys = ["endpoint", "traces_endpoint", "metrics_endpoint", "logs_endpoint"] as const;
const supportedCompressions: ReadonlySet<string> = new Set(["", "none", "gzip", "zlib", "deflate"]);

export function checkOtlpHttp(config: OtlpHttpConfig, node: ConfigNode, path: string): readonly Diagnostic[] {
  const found = [
    ...checkHttpClient(config, node, path),
    ...checkRetry(config.retry_on_failure, node, path),
    ...checkQueue(config.sending_queue, node, path),
  ];
  const problem = (code: string, key: string, text: string, hint: string): void => {
    found.push(configProblem({ code, node, path, key, text, hint }));
  };
  if ([...endpointKeys, "profiles_endpoint" as const].every((key) => config[key] === "")) {
    problem(
      "no-endpoint",
      "endpoint",
      "at least one endpoint must be specified",
      "set endpoint: http://host:4318",
    );
  }
  for (const key of endpointKeys) {
    const given = config[key];
    if (given === "") continue;
    const url = URL.canParse(given) ? new URL(given) : undefined;
    if (url !== undefined && /^https?:$/.test(url.protocol) && url.host !== "") continue;
    problem(
      "bad-endpoint",
      key,
      `'${key}' must be a valid URL, got "${given}"`,
      "write it with its scheme: http://host:4318",
    );
  }
  if (!supportedCompressions.has(config.compression)) {
    const text = `compression "${config.compression}" is not supported`;
    problem("unsupported-compression", "compression", text, "use gzip, zlib, deflate or none");
  }
  const { level } = config.compression_params;
  if (level !== 0 && (!Number.isInteger(level) || level < -1 || level > 9)) {
    const text = `unsupported parameters {Level:${level}} for compression type "${config.compression}"`;
    problem(
      "bad-compression-level",
      "compression_params",
      text,
      "a level from 1 to 9, or -1 for zlib's default",
    );
  }
  return found;
}

/** The URL that a signal is sent to, undefined when there is none. */
export function signalUrl(config: OtlpHttpConfig, signal: Signal): URL | undefined {
  const own = config[`${signal}_endpoint`];
  if (own !== "") return new URL(own);
  return config.endpoint === "" ? undefined : new URL(`${config.endpoint.replace(/\/$/, "")}/v1/${signal}`);
}
