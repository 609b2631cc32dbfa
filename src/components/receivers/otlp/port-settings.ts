import { defaultHttpLimits, type HttpLimits } from "../../../base/net/http-limits.ts";
import type { GrpcServerConfig } from "../../../pipeline/settings/grpc.ts";
import { requestPath, type OtlpHttpConfig, type OtlpReceiverConfig } from "./config.ts";
import type { Port } from "./port.ts";

const defaultMaxMessageMiB = 4;
const defaultMaxBodyBytes = 20 * 1024 * 1024;
const defaultEncodings = ["", "gzip", "zstd", "zlib", "snappy", "deflate"];
const defaultBodyTimeoutMs = 60_000;

type Fixed =
  | "multitenancy"
  | "keepMetadata"
  | "maxMessageBytes"
  | "maxBodyBytes"
  | "encodings"
  | "pathOf"
  | "cors"
  | "trustedOrigins";

/**
 * What a port serves requests by. Every port takes every protocol: authentication, TLS and metadata are the port's own, sizes and paths come from
 * the protocol that a request speaks, whichever port it chose.
 */
export function portSettings(
  config: OtlpReceiverConfig,
  own: GrpcServerConfig | OtlpHttpConfig,
  refuseForeignOrigins: boolean,
): Pick<Port, Fixed> {
  const { grpc, http } = config.protocols;
  const maxMessageMiB = grpc?.max_recv_msg_size_mib ?? 0;
  const maxBodyBytes = http?.max_request_body_size ?? 0;
  return {
    multitenancy: config.multitenancy_enabled,
    keepMetadata: own.include_metadata,
    maxMessageBytes: holdable((maxMessageMiB > 0 ? maxMessageMiB : defaultMaxMessageMiB) * 1024 * 1024),
    maxBodyBytes: holdable(maxBodyBytes > 0 ? maxBodyBytes : defaultMaxBodyBytes),
    encodings: new Set(http?.compression_algorithms ?? defaultEncodings),
    pathOf: {
      traces: requestPath(http?.traces_url_path ?? "v1/traces"),
      metrics: requestPath(http?.metrics_url_path ?? "v1/metrics"),
      logs: requestPath(http?.logs_url_path ?? "v1/logs"),
    },
    cors: http?.cors,
    trustedOrigins: refuseForeignOrigins ? (http?.cors?.allowed_origins ?? []) : undefined,
  };
}

/** The check of the configuration warns of what is cut here. */
function holdable(bytes: number): number {
  return Math.min(bytes, defaultHttpLimits.maxBufferedBytes);
}

export function limitsOf(
  own: GrpcServerConfig | OtlpHttpConfig,
  config: OtlpReceiverConfig,
): Partial<HttpLimits> {
  const { grpc, http } = config.protocols;
  const keepalive = grpc?.keepalive?.server_parameters;
  const readTimeoutMs = http?.read_timeout ?? 0;
  const headerTimeoutMs = http?.read_header_timeout ?? 0;
  const maxStreams = grpc?.max_concurrent_streams ?? 0;
  return {
    bodyTimeoutMs: readTimeoutMs > 0 ? readTimeoutMs : defaultBodyTimeoutMs,
    ...(headerTimeoutMs > 0 ? { headerTimeoutMs } : {}),
    ...(maxStreams > 0 ? { maxStreams } : {}),
    idleTimeoutMs: "idle_timeout" in own ? own.idle_timeout : (keepalive?.max_connection_idle ?? 0),
    maxConnectionAgeMs: keepalive?.max_connection_age ?? 0,
    ...(keepalive === undefined || keepalive.time <= 0 ? {} : { pingAfterMs: keepalive.time }),
    ...(keepalive === undefined || keepalive.timeout <= 0 ? {} : { pingTimeoutMs: keepalive.timeout }),
    keepAlive: http?.keep_alives_enabled ?? true,
  };
}
