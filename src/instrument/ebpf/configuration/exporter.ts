import type { Diagnostic } from "../../../base/diagnostic.ts";
import type { BeylaConfig } from "./schema.ts";

/**
 * The OTEL_* variables that say the same as the configuration's export sections. As in OBI the endpoint of a signal may be written without the
 * signal's path.
 */
export function exporterEnvironment(
  config: BeylaConfig,
  diagnostics: Diagnostic[],
): Readonly<Record<string, string>> {
  const environment: Record<string, string> = {};
  for (const signal of ["traces", "metrics"] as const) {
    const section = `otel_${signal}_export`;
    const { endpoint, protocol, interval } = config[`otel_${signal}_export`];
    const problem = (message: string, hint: string): void =>
      void diagnostics.push({ severity: "error", code: "bad-endpoint", message, hint });
    if (protocol !== undefined && protocol !== "http/protobuf") {
      problem(
        `cannot use "${section}.protocol": cannot send by "${protocol}"`,
        "write http/protobuf, and the receiver's port for it, which mostly is 4318",
      );
    }
    if (interval !== undefined) environment["OTEL_METRIC_EXPORT_INTERVAL"] = String(interval);
    if (endpoint === undefined) continue;
    const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) {
      problem(
        `cannot use "${section}.endpoint": "${endpoint}" is no http or https URL`,
        "such as http://127.0.0.1:4318",
      );
      continue;
    }
    if (protocol === undefined && url.port.endsWith("4317")) {
      problem(
        `cannot use "${section}.endpoint": port ${url.port} stands for gRPC, which cannot be sent`,
        "write the receiver's port for HTTP, which mostly is 4318, or protocol: http/protobuf if this one takes it",
      );
    }
    const path = url.pathname.replace(/\/+$/, "");
    url.pathname = path.endsWith(`/v1/${signal}`) ? path : `${path}/v1/${signal}`;
    environment[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`] = url.href;
  }
  return environment;
}
