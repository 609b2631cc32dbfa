import type { Diagnostic } from "../../../base/diagnostic.ts";
import { isLoopback, parseTcpAddress, type ListenAddress } from "../../../base/net/address.ts";
import type { ConfigNode } from "../../../pipeline/settings/config-node.ts";
import { checkGrpcServer, grpcServerFields, type GrpcServerConfig } from "../../../pipeline/settings/grpc.ts";
import { checkHttpServer, httpServerFields, type HttpServerConfig } from "../../../pipeline/settings/http.ts";
import type { AddressConfig } from "../../../pipeline/settings/net.ts";
import { bool, optionalSection, section, text } from "../../../pipeline/settings/options.ts";
import { configProblem } from "../../../pipeline/settings/problem.ts";
import type { Section } from "../../../pipeline/settings/schema.ts";

export interface OtlpHttpConfig extends HttpServerConfig {
  readonly traces_url_path: string;
  readonly metrics_url_path: string;
  readonly logs_url_path: string;
  readonly profiles_url_path: string;
}

export interface OtlpReceiverConfig {
  readonly protocols: {
    readonly grpc: GrpcServerConfig | undefined;
    readonly http: OtlpHttpConfig | undefined;
  };
  /** Not of the Collector: as Tempo's option of this name. */
  readonly multitenancy_enabled: boolean;
}

/** Options, defaults and texts of core receiver/otlpreceiver. */
export const otlpReceiverConfig: Section<OtlpReceiverConfig> = section<OtlpReceiverConfig>({
  protocols: section<OtlpReceiverConfig["protocols"]>(
    {
      grpc: optionalSection<GrpcServerConfig>(grpcServerFields("localhost:4317"), {
        doc: "a port named for gRPC; it takes HTTP too",
        whenNull: "defaults",
      }),
      http: optionalSection<OtlpHttpConfig>(
        {
          ...httpServerFields("localhost:4318"),
          traces_url_path: text({ default: "/v1/traces", doc: "path of traces" }),
          metrics_url_path: text({ default: "/v1/metrics", doc: "path of metrics" }),
          logs_url_path: text({ default: "/v1/logs", doc: "path of logs" }),
          profiles_url_path: text({
            default: "/v1development/profiles",
            doc: "path of profiles",
            ignored: "profiles are not supported",
          }),
        },
        { doc: "a port named for HTTP; it takes gRPC too", whenNull: "defaults" },
      ),
    },
    { doc: "ports to listen on" },
  ),
  multitenancy_enabled: bool({
    default: false,
    doc: "each request must name its tenant by X-Scope-OrgID (HTTP header, gRPC metadata)",
  }),
});

/** What an address that others can reach is: refused without authentication, warned about, or nothing. */
export type Exposure = "refuse" | "warn" | "allow";

/** Problems between options; texts of core receiver/otlpreceiver/config.go where it has one. */
export function checkOtlpReceiver(
  exposure: Exposure,
): (config: OtlpReceiverConfig, node: ConfigNode, path: string) => readonly Diagnostic[] {
  return (config, node, path) => {
    const { grpc, http } = config.protocols;
    if (grpc === undefined && http === undefined) {
      const text = "must specify at least one protocol when using the OTLP receiver";
      return [
        configProblem({
          code: "otlp-no-protocol",
          node,
          path,
          key: "protocols",
          text,
          hint: "write protocols: {grpc: , http: }",
        }),
      ];
    }
    const found: Diagnostic[] = [];
    if (grpc !== undefined) {
      found.push(...checkGrpcServer(grpc, node, path, ["protocols", "grpc"]));
      found.push(...checkPlace(grpc, "grpc", exposure, node, path));
    }
    if (http !== undefined) {
      found.push(...checkHttpServer(http, node, path, ["protocols", "http"]));
      found.push(...checkPlace(http, "http", exposure, node, path));
      found.push(...checkPaths(http, node, path));
    }
    return found;
  };
}

type Protocol = "grpc" | "http";

function checkPlace(
  config: GrpcServerConfig | OtlpHttpConfig,
  protocol: Protocol,
  exposure: Exposure,
  node: ConfigNode,
  path: string,
): Diagnostic[] {
  const at = ["protocols", protocol];
  const address = addressOf(config);
  if ("problem" in address) {
    const text = `invalid endpoint: ${address.problem}`;
    return [
      configProblem({ code: "bad-endpoint", node, path, at, key: "endpoint", text, hint: "write host:port" }),
    ];
  }
  if (exposure === "allow" || isLoopback(address) || (exposure === "refuse" && config.auth !== undefined))
    return [];
  const reach = `"${config.endpoint}" can be reached from other machines`;
  const refused = exposure === "refuse";
  const text = refused ? `${reach}, and nothing authenticates them` : reach;
  const hint = refused
    ? "set auth (basicauth, bearertokenauth), listen on localhost, or allow it with --insecure-bind"
    : "listen on localhost, or set tls and auth";
  return [
    configProblem({
      code: "insecure-bind",
      node,
      path,
      at,
      key: "endpoint",
      text,
      hint,
      severity: refused ? "error" : "warning",
    }),
  ];
}

/** The address to listen on; tcp4 and tcp6 choose one of the two that localhost stands for. */
export function addressOf(config: AddressConfig): ListenAddress | { readonly problem: string } {
  if (config.transport === "unix") return { kind: "unix", path: config.endpoint };
  const address = parseTcpAddress(config.endpoint);
  if ("problem" in address || address.host !== "localhost" || config.transport === "tcp") return address;
  return { ...address, host: config.transport === "tcp4" ? "127.0.0.1" : "::1" };
}

const pathOptions = ["traces_url_path", "metrics_url_path", "logs_url_path", "profiles_url_path"] as const;

function checkPaths(http: OtlpHttpConfig, node: ConfigNode, path: string): Diagnostic[] {
  return pathOptions.flatMap((key) => {
    const problem = urlProblem(http[key]);
    if (problem === undefined) return [];
    const text = `invalid HTTP URL path set for signal: parse ${JSON.stringify(http[key])}: ${problem}`;
    return [
      configProblem({
        code: "bad-url-path",
        node,
        path,
        at: ["protocols", "http"],
        key,
        text,
        hint: "write a path: /v1/traces",
      }),
    ];
  });
}

/** What Go's url.Parse finds wrong with a path; texts as there. */
function urlProblem(text: string): string | undefined {
  if (text.startsWith(":")) return "missing protocol scheme";
  const escape = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(text);
  if (escape !== null) return `invalid URL escape ${JSON.stringify(escape[0])}`;
  return /\p{Cc}/u.test(text) ? "net/url: invalid control character in URL" : undefined;
}

/** A path as requests have it: with a slash at the start (core: SanitizedURLPath). */
export function requestPath(configured: string): string {
  return configured.startsWith("/") ? configured : `/${configured}`;
}
