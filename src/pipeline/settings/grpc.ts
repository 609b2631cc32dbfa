/** gRPC servers and clients (core config/configgrpc). */
import type { Diagnostic } from "../../base/diagnostic.ts";
import { authOption } from "./auth.ts";
import type { AuthConfig } from "./auth.ts";
import type { ConfigNode } from "./config-node.ts";
import { checkHoldable } from "./holdable.ts";
import { addressFields, middlewaresOption } from "./net.ts";
import type { AddressConfig, MiddlewareConfig } from "./net.ts";
import { bool, duration, enumOf, int, mapOf, optionalSection, secret, text } from "./options.ts";
import { configProblem } from "./problem.ts";
import type { Fields } from "./schema.ts";
import { checkTls, clientTlsOption, serverTlsOption } from "./tls.ts";
import type { ClientTlsConfig, ServerTlsConfig } from "./tls.ts";

export interface GrpcServerConfig extends AddressConfig {
  readonly tls: ServerTlsConfig | undefined;
  readonly auth: AuthConfig | undefined;
  /** MiB of one message after decompression; 0: 4. */
  readonly max_recv_msg_size_mib: number;
  /** 0: no limit. */
  readonly max_concurrent_streams: number;
  readonly keepalive: GrpcServerKeepaliveConfig | undefined;
  readonly include_metadata: boolean;
  readonly read_buffer_size: number;
  readonly write_buffer_size: number;
  readonly middlewares: readonly MiddlewareConfig[];
}

interface GrpcServerKeepaliveConfig {
  readonly server_parameters: KeepaliveServerParameters | undefined;
  readonly enforcement_policy: KeepaliveEnforcementPolicy | undefined;
}

interface KeepaliveServerParameters {
  readonly max_connection_idle: number;
  readonly max_connection_age: number;
  readonly max_connection_age_grace: number;
  readonly time: number;
  readonly timeout: number;
}

interface KeepaliveEnforcementPolicy {
  readonly min_time: number;
  readonly permit_without_stream: boolean;
}

const noBuffer = "the runtime sizes its buffers itself";

export function grpcServerFields(endpoint: string): Fields<GrpcServerConfig> {
  return {
    ...addressFields(endpoint),
    tls: serverTlsOption,
    auth: authOption,
    max_recv_msg_size_mib: int({
      default: 0,
      min: 0,
      unit: "MiB",
      doc: "largest message after decompression; 0: 4 MiB",
    }),
    max_concurrent_streams: int({
      default: 0,
      min: 0,
      doc: "requests at a time on one connection; 0: no limit",
    }),
    keepalive: optionalSection<GrpcServerKeepaliveConfig>(
      {
        server_parameters: optionalSection<KeepaliveServerParameters>(
          {
            max_connection_idle: duration({
              default: "0s",
              doc: "close a connection unused for so long; 0: never",
            }),
            max_connection_age: duration({ default: "0s", doc: "close a connection so old; 0: never" }),
            max_connection_age_grace: duration({
              default: "0s",
              doc: "time left to its requests then; 0: no limit",
            }),
            time: duration({ default: "0s", doc: "ping a silent client after; 0: two hours" }),
            timeout: duration({
              default: "0s",
              doc: "close it when the ping is not answered within; 0: 20s",
            }),
          },
          { doc: "how connections are kept" },
        ),
        enforcement_policy: optionalSection<KeepaliveEnforcementPolicy>(
          {
            min_time: duration({
              default: "0s",
              doc: "shortest time between a client's pings; 0: five minutes",
            }),
            permit_without_stream: bool({ default: false, doc: "allow pings without a request" }),
          },
          { doc: "what clients may do", ignored: "pings of clients are answered at any rate" },
        ),
      },
      { doc: "connections that live long" },
    ),
    include_metadata: bool({
      default: false,
      doc: "keep request metadata with the data, for components that read it",
    }),
    read_buffer_size: int({ default: 0, unit: "bytes", doc: "read buffer", ignored: noBuffer }),
    write_buffer_size: int({ default: 0, unit: "bytes", doc: "write buffer", ignored: noBuffer }),
    middlewares: middlewaresOption,
  };
}

const compressions = ["", "none", "gzip", "zstd", "snappy", "deflate", "zlib"] as const;
export type GrpcCompression = (typeof compressions)[number];

export interface GrpcClientConfig {
  /** "host:port", "http://host:port", "https://host:port", "unix://path" or "dns:///host:port". */
  readonly endpoint: string;
  readonly compression: GrpcCompression;
  readonly headers: ReadonlyMap<string, string>;
  readonly tls: ClientTlsConfig;
  readonly auth: AuthConfig | undefined;
  readonly keepalive: GrpcClientKeepaliveConfig | undefined;
  readonly authority: string;
  readonly user_agent: string;
  readonly balancer_name: string;
  readonly wait_for_ready: boolean;
  readonly read_buffer_size: number;
  readonly write_buffer_size: number;
  readonly middlewares: readonly MiddlewareConfig[];
}

interface GrpcClientKeepaliveConfig {
  readonly time: number;
  readonly timeout: number;
  readonly permit_without_stream: boolean;
}

export function grpcClientFields(defaults: {
  readonly compression: GrpcCompression;
}): Fields<GrpcClientConfig> {
  return {
    endpoint: text({ default: "", doc: "server to send to: host:port", example: "otel.example.com:4317" }),
    compression: enumOf(compressions, {
      default: defaults.compression,
      doc: "compression of messages",
      problem: (value) => `unsupported compression type "${value}"`,
    }),
    headers: mapOf(secret({ required: true, doc: "value" }), {
      doc: "metadata added to each request",
      pairs: true,
    }),
    tls: clientTlsOption,
    auth: authOption,
    keepalive: optionalSection<GrpcClientKeepaliveConfig>(
      {
        time: duration({ default: "10s", doc: "ping a silent server after" }),
        timeout: duration({ default: "10s", doc: "close the connection when a ping is not answered within" }),
        permit_without_stream: bool({ default: false, doc: "ping without a request, too" }),
      },
      { doc: "pings that keep a connection" },
    ),
    authority: text({ default: "", doc: 'value of the ":authority" header' }),
    user_agent: text({ default: "", doc: "user agent; empty: our name and version" }),
    balancer_name: text({
      default: "round_robin",
      doc: "how requests are spread over a name's addresses",
      ignored: "one connection is used; the system picks the address",
    }),
    wait_for_ready: bool({
      default: false,
      doc: "wait for the connection instead of failing",
      ignored: "a failed connection is retried by retry_on_failure",
    }),
    read_buffer_size: int({ default: 0, unit: "bytes", doc: "read buffer", ignored: noBuffer }),
    write_buffer_size: int({ default: 512 * 1024, unit: "bytes", doc: "write buffer", ignored: noBuffer }),
    middlewares: middlewaresOption,
  };
}

/** Problems between options of a gRPC server. */
export function checkGrpcServer(
  config: GrpcServerConfig,
  node: ConfigNode,
  path: string,
  at: readonly string[] = [],
): readonly Diagnostic[] {
  const sizes = { key: "max_recv_msg_size_mib", unit: "MiB", unitBytes: 1024 * 1024 };
  return [
    ...checkTls(config.tls, node, path, [...at, "tls"]),
    ...checkHoldable(config.max_recv_msg_size_mib, sizes, { node, path, at }),
  ];
}

/** Problems with a gRPC client; texts of core config/configgrpc and exporter/otlpexporter. */
export function checkGrpcClient(
  config: GrpcClientConfig,
  node: ConfigNode,
  path: string,
): readonly Diagnostic[] {
  const found = [...checkTls(config.tls, node, path)];
  const text = endpointProblem(config.endpoint);
  if (text !== undefined) {
    const hint = "write host:port, as otel.example.com:4317";
    found.push(configProblem({ code: "bad-endpoint", node, path, key: "endpoint", text, hint }));
  }
  return found;
}

function endpointProblem(endpoint: string): string | undefined {
  if (endpoint.startsWith("unix://")) {
    return endpoint === "unix://" ? "unix socket path cannot be empty" : undefined;
  }
  const target = endpoint.replace(/^https?:\/\//, "").replace(/^dns:\/\/[^/]*\//, "");
  if (target === "") return 'requires a non-empty "endpoint"';
  // The port is what follows the last colon outside brackets (Go: net.SplitHostPort).
  const match = /^(?:\[[^\]]*\]|[^:]*):([^:]*)$/.exec(target);
  if (match === null) {
    const many = !target.startsWith("[") && target.split(":").length > 2;
    return `address ${target}: ${many ? "too many colons in address" : "missing port in address"}`;
  }
  const port = match[1] ?? "";
  return /^\d{1,5}$/.test(port) && Number(port) <= 65_535 ? undefined : `invalid port "${port}"`;
}
