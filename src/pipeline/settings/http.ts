/** HTTP servers and clients (core config/confighttp). */
import type { Diagnostic } from "../../base/diagnostic.ts";
import { authOption, httpServerAuthOption } from "./auth.ts";
import type { AuthConfig, HttpServerAuthConfig } from "./auth.ts";
import type { ConfigNode } from "./config-node.ts";
import { checkHoldable } from "./holdable.ts";
import { addressFields, middlewaresOption } from "./net.ts";
import type { AddressConfig, MiddlewareConfig } from "./net.ts";
import {
  bool,
  duration,
  enumOf,
  int,
  list,
  mapOf,
  optionalSection,
  secret,
  section,
  text,
} from "./options.ts";
import { configProblem } from "./problem.ts";
import type { Fields } from "./schema.ts";
import { checkTls, clientTlsOption, serverTlsOption } from "./tls.ts";
import type { ClientTlsConfig, ServerTlsConfig } from "./tls.ts";

export interface HttpServerConfig extends AddressConfig {
  readonly tls: ServerTlsConfig | undefined;
  readonly cors: CorsConfig | undefined;
  readonly auth: HttpServerAuthConfig | undefined;
  /** After decompression. */
  readonly max_request_body_size: number;
  readonly include_metadata: boolean;
  readonly response_headers: ReadonlyMap<string, string>;
  readonly compression_algorithms: readonly string[];
  readonly read_timeout: number;
  readonly read_header_timeout: number;
  readonly write_timeout: number;
  readonly idle_timeout: number;
  readonly keep_alives_enabled: boolean;
  readonly middlewares: readonly MiddlewareConfig[];
}

export interface CorsConfig {
  readonly allowed_origins: readonly string[];
  readonly allowed_headers: readonly string[];
  readonly exposed_headers: readonly string[];
  /** Seconds. */
  readonly max_age: number;
}

const header = secret({ required: true, doc: "value" });
const name = text({ required: true, doc: "a name" });

export function httpServerFields(endpoint: string): Fields<HttpServerConfig> {
  return {
    ...addressFields(endpoint),
    tls: serverTlsOption,
    cors: optionalSection<CorsConfig>(
      {
        allowed_origins: list(name, {
          doc: "origins of browsers that may send",
          example: "[https://*.example.com]",
        }),
        allowed_headers: list(name, { doc: "request headers that scripts may set" }),
        exposed_headers: list(name, { doc: "answer headers that scripts may read" }),
        max_age: int({
          default: 0,
          min: 0,
          unit: "seconds",
          doc: "how long a browser may remember the permission",
        }),
      },
      { doc: "requests from browsers" },
    ),
    auth: httpServerAuthOption,
    max_request_body_size: int({
      default: 20 * 1024 * 1024,
      unit: "bytes",
      doc: "largest body after decompression; 0 or less: the default",
    }),
    include_metadata: bool({
      default: false,
      doc: "keep request headers with the data, for components that read them",
    }),
    response_headers: mapOf(header, { doc: "headers added to each answer", pairs: true }),
    compression_algorithms: list(name, {
      default: ["", "gzip", "zstd", "zlib", "snappy", "deflate", "lz4"],
      doc: "content encodings accepted",
    }),
    read_timeout: duration({ default: "0s", doc: "longest time to read a request; 0: no limit" }),
    read_header_timeout: duration({ default: "1m", doc: "longest time to read the headers" }),
    write_timeout: duration({ default: "30s", doc: "longest time to write an answer" }),
    idle_timeout: duration({ default: "1m", doc: "how long an unused connection stays open" }),
    keep_alives_enabled: bool({ default: true, doc: "keep connections open between requests" }),
    middlewares: middlewaresOption,
  };
}

const compressions = [
  "",
  "none",
  "gzip",
  "zstd",
  "zlib",
  "snappy",
  "deflate",
  "lz4",
  "x-snappy-framed",
] as const;
export type Compression = (typeof compressions)[number];

export interface HttpClientConfig {
  readonly endpoint: string;
  readonly timeout: number;
  readonly compression: Compression;
  readonly compression_params: { readonly level: number };
  readonly headers: ReadonlyMap<string, string>;
  readonly tls: ClientTlsConfig;
  readonly auth: AuthConfig | undefined;
  readonly proxy_url: string;
  readonly read_buffer_size: number;
  readonly write_buffer_size: number;
  readonly max_idle_conns: number;
  readonly max_idle_conns_per_host: number;
  readonly max_conns_per_host: number;
  readonly idle_conn_timeout: number;
  readonly disable_keep_alives: boolean;
  readonly force_attempt_http2: boolean;
  readonly http2_read_idle_timeout: number;
  readonly http2_ping_timeout: number;
  readonly cookies: CookiesConfig | undefined;
  readonly middlewares: readonly MiddlewareConfig[];
}

interface CookiesConfig {
  readonly enabled: boolean;
}

const noBuffer = "the runtime sizes its buffers itself";

export function httpClientFields(defaults: {
  readonly timeout: string;
  readonly compression: Compression;
}): Fields<HttpClientConfig> {
  return {
    endpoint: text({ default: "", doc: "URL to send to", example: "https://otel.example.com:4318" }),
    timeout: duration({ default: defaults.timeout, doc: "longest time for one request; 0: no limit" }),
    compression: enumOf(compressions, {
      default: defaults.compression,
      doc: "content encoding of requests",
      problem: (value) => `unsupported compression type "${value}"`,
    }),
    compression_params: section<{ readonly level: number }>(
      { level: int({ default: 0, doc: "level of the algorithm; 0: its default" }) },
      { doc: "how compression works" },
    ),
    headers: mapOf(header, { doc: "headers added to each request", pairs: true }),
    tls: clientTlsOption,
    auth: authOption,
    proxy_url: text({ default: "", doc: "proxy to send through", ignored: "proxies are not supported" }),
    read_buffer_size: int({ default: 0, unit: "bytes", doc: "read buffer", ignored: noBuffer }),
    write_buffer_size: int({ default: 0, unit: "bytes", doc: "write buffer", ignored: noBuffer }),
    max_idle_conns: int({ default: 100, doc: "unused connections kept open" }),
    max_idle_conns_per_host: int({ default: 0, doc: "the same for one host; 0: no limit of its own" }),
    max_conns_per_host: int({ default: 0, doc: "connections to one host; 0: no limit" }),
    idle_conn_timeout: duration({ default: "90s", doc: "how long an unused connection stays open" }),
    disable_keep_alives: bool({ default: false, doc: "a new connection for each request" }),
    force_attempt_http2: bool({
      default: true,
      doc: "HTTP/2 where the server offers it",
      ignored: "HTTP/1.1 is used",
    }),
    http2_read_idle_timeout: duration({
      default: "0s",
      doc: "ping after this silence",
      ignored: "HTTP/1.1 is used",
    }),
    http2_ping_timeout: duration({
      default: "0s",
      doc: "longest wait for a ping's answer",
      ignored: "HTTP/1.1 is used",
    }),
    cookies: optionalSection<CookiesConfig>(
      { enabled: bool({ default: false, doc: "send back cookies that the server sets" }) },
      { doc: "cookies", ignored: "cookies are not kept" },
    ),
    middlewares: middlewaresOption,
  };
}

/** Problems between options of an HTTP server. */
export function checkHttpServer(
  config: HttpServerConfig,
  node: ConfigNode,
  path: string,
  at: readonly string[] = [],
): readonly Diagnostic[] {
  const sizes = { key: "max_request_body_size", unit: "bytes", unitBytes: 1 };
  return [
    ...checkTls(config.tls, node, path, [...at, "tls"]),
    ...checkHoldable(config.max_request_body_size, sizes, { node, path, at }),
  ];
}

/** Problems between options of an HTTP client. */
export function checkHttpClient(
  config: HttpClientConfig,
  node: ConfigNode,
  path: string,
): readonly Diagnostic[] {
  const found = [...checkTls(config.tls, node, path)];
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
  return found;
}
