import { memoryShares } from "./memory-shares.ts";

/** The configuration that `otelier up` runs when the user gives none; `up --print-config` shows it, ready to be changed and run with `--config`. */
export interface BuiltInOptions {
  /** "localhost:4317". */
  readonly otlpGrpc: string;
  readonly otlpHttp: string;
  /** htpasswd file; '' for none. */
  readonly basicAuthFile: string;
  /** File with one token a line; '' for none. */
  readonly bearerTokenFile: string;
  /** Memory of program and engine together, MiB. */
  readonly memoryLimitMib: number;
  /** ClickHouse URL; '' for the embedded engine. */
  readonly clickhouse: string;
  /** Each request names its tenant. */
  readonly multitenancy: boolean;
}

/** Id of the authenticator of the built-in configuration; '' when it has none. */
export function builtInAuthenticator(options: BuiltInOptions): string {
  if (options.basicAuthFile !== "") return "basicauth";
  return options.bearerTokenFile === "" ? "" : "bearertokenauth";
}

/** Collector YAML. Nothing stands between the receiver and the store but the memory limit, so an answer means: safe on disk. */
export function builtInConfig(options: BuiltInOptions): string {
  const authenticator = builtInAuthenticator(options);
  const auth = (indent: string): string =>
    authenticator === "" ? "" : `\n${indent}auth: {authenticator: ${authenticator}}`;
  return `# What "otelier up" runs. Change it and run it with: otelier up --config FILE
receivers:
  otlp:${options.multitenancy ? "\n    # Each request names its tenant by X-Scope-OrgID.\n    multitenancy_enabled: true" : ""}
    protocols:
      # Both ports take gRPC, gRPC-web, HTTP/protobuf and HTTP/JSON, whatever they are called here.
      grpc:
        endpoint: ${quote(options.otlpGrpc)}${auth("        ")}
      http:
        endpoint: ${quote(options.otlpHttp)}${auth("        ")}
        cors:
          # Pages served from this machine may send telemetry.
          allowed_origins: ["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"]
          allowed_headers: ["*"]
processors:
  memory_limiter:
    check_interval: 1s
    # What --memory-limit leaves beside the engine.
    limit_mib: ${memoryShares(options.memoryLimitMib).processMib}
exporters:
  # Answers when the data is safe on disk. A batch processor or a sending_queue in front of it would answer earlier, and weaken that.
  clickhouse:${options.clickhouse === "" ? " {}" : `\n    endpoint: ${quote(options.clickhouse)}`}
${extensions(options)}service:${authenticator === "" ? "" : `\n  extensions: [${authenticator}]`}
  telemetry:
    logs:
      level: warn
    metrics:
      # Own metrics are at /metrics of the UI's port.
      readers: []
  pipelines:
    traces:
      receivers: [otlp]
      processors: [memory_limiter]
      exporters: [clickhouse]
    metrics:
      receivers: [otlp]
      processors: [memory_limiter]
      exporters: [clickhouse]
    logs:
      receivers: [otlp]
      processors: [memory_limiter]
      exporters: [clickhouse]
`;
}

function extensions(options: BuiltInOptions): string {
  if (options.basicAuthFile !== "") {
    return `extensions:\n  basicauth:\n    htpasswd:\n      file: ${quote(options.basicAuthFile)}\n`;
  }
  if (options.bearerTokenFile !== "")
    return `extensions:\n  bearertokenauth:\n    filename: ${quote(options.bearerTokenFile)}\n`;
  return "";
}

/** A YAML double-quoted string; JSON strings are. */
function quote(text: string): string {
  return JSON.stringify(text);
}
