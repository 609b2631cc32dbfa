/**
 * The OTLP receiver: up to two ports, each of which takes gRPC, gRPC-web, HTTP/protobuf and HTTP/JSON, plain or encrypted. Bytes in, batches out;
 * nothing is decoded on the way. Read next: http-route.ts and grpc-route.ts, which meet in ingest.ts.
 */
import { OtelierError } from "../../../base/error.ts";
import { grpcFlavour } from "../../../base/net/grpc-server.ts";
import { headerOf, type HttpHandler } from "../../../base/net/http-message.ts";
import { serveHttp, type HttpServer } from "../../../base/net/http-server.ts";
import { serverAuthenticator } from "../../../pipeline/authenticators.ts";
import type { ComponentSettings, Consumer, Host, Receiver } from "../../../pipeline/component.ts";
import type { SenderRegistry } from "../../../pipeline/senders/sender-registry.ts";
import type { GrpcServerConfig } from "../../../pipeline/settings/grpc.ts";
import type { Signal } from "../../../telemetry/signal.ts";
import { addressOf, type OtlpHttpConfig, type OtlpReceiverConfig } from "./config.ts";
import { preflight, withCors } from "./cors.ts";
import { otlpGrpcHandler } from "./grpc-route.ts";
import { serveHttpRequest } from "./http-route.ts";
import { Ingest } from "./ingest.ts";
import type { Port } from "./port.ts";
import { problemSighting } from "./advice.ts";
import { limitsOf, portSettings } from "./port-settings.ts";
import { loadServerTls, watchServerTls } from "../../../pipeline/settings/server-tls.ts";

export interface OtlpReceiverOptions {
  readonly settings: ComponentSettings;
  readonly config: OtlpReceiverConfig;
  readonly next: Partial<Readonly<Record<Signal, Consumer>>>;
  readonly senders: SenderRegistry;
  /** Refuse pages whose origin is not in `cors.allowed_origins`, instead of only hiding the answer from them. */
  readonly refuseForeignOrigins: boolean;
  /** The options that choose other ports, for the message about a busy one. */
  readonly portOptions?: { readonly grpc: string; readonly http: string };
  /** Told once both ports listen, with base URLs; the first of each is a numeric address of this machine. */
  readonly onListening?: (urls: ListeningUrls) => void;
}

export interface ListeningUrls {
  readonly grpc: readonly string[];
  readonly http: readonly string[];
}

/** Longest wait for requests that run at shutdown. */
const graceMs = 5000;

type Role = "grpc" | "http";

export interface OtlpReceiver extends Receiver {
  /** Ports listened on, known once started: with port 0 the system chose. */
  readonly ports: { readonly grpc: number | undefined; readonly http: number | undefined };
}

export function createOtlpReceiver(options: OtlpReceiverOptions): OtlpReceiver {
  const { settings, config, senders, next } = options;
  const { grpc, http } = config.protocols;
  const ingest = new Ingest({ settings, senders, next, multitenancy: config.multitenancy_enabled });
  const servers = new Map<Role, HttpServer>();
  const stopWatching: (() => void)[] = [];
  let stopping = false;

  const ports = {
    get grpc(): number | undefined {
      return servers.get("grpc")?.port;
    },
    get http(): number | undefined {
      return servers.get("http")?.port;
    },
  };

  const startPort = async (role: Role, own: GrpcServerConfig | OtlpHttpConfig, host: Host): Promise<void> => {
    const address = addressOf(own);
    if ("problem" in address) {
      throw new OtelierError(`invalid endpoint: ${address.problem}`, {
        code: "bad-endpoint",
        outcome: "permanent",
      });
    }
    const port: Port = {
      ...portSettings(config, own, options.refuseForeignOrigins),
      ingest,
      authenticator: own.auth === undefined ? undefined : serverAuthenticator(host, own.auth.authenticator),
      ports: () => ports,
      isStopping: () => stopping,
    };
    const tls = own.tls === undefined ? undefined : await loadServerTls(own.tls);
    const portOption = options.portOptions?.[role];
    const server = await serveHttp({
      endpoint: address,
      handler: portHandler(port, http?.response_headers ?? new Map()),
      limits: limitsOf(own, config),
      clock: settings.clock,
      ...(tls === undefined ? {} : { tls }),
      ...(portOption === undefined ? {} : { portOption }),
      onError: (error) =>
        settings.log.error("a request ended with an internal error", { error: String(error), port: role }),
      onProblem: (problem) => senders.record(problemSighting(role, problem)),
    });
    servers.set(role, server);
    if (own.tls !== undefined) {
      stopWatching.push(watchServerTls(own.tls, settings, (renewed) => server.renewTls(renewed)));
    }
    settings.log.info(`Starting ${role === "grpc" ? "GRPC" : "HTTP"} server`, {
      endpoint: server.urls.join(", "),
    });
  };

  return {
    ports,
    start: async (host) => {
      if (grpc !== undefined) await startPort("grpc", grpc, host);
      if (http !== undefined) await startPort("http", http, host);
      options.onListening?.({ grpc: servers.get("grpc")?.urls ?? [], http: servers.get("http")?.urls ?? [] });
    },
    shutdown: async () => {
      stopping = true;
      for (const stop of stopWatching) stop();
      // Until what is inside has been answered, newcomers are told to come again rather than finding nobody.
      const waited = new AbortController();
      await Promise.race([ingest.idle(), settings.clock.sleep(graceMs, waited.signal)]);
      waited.abort();
      await Promise.all([...servers.values()].map((server) => server.close()));
    },
  };
}

/** All that happens to a request on one port. */
function portHandler(port: Port, responseHeaders: ReadonlyMap<string, string>): HttpHandler {
  const grpc = otlpGrpcHandler(port);
  const added = Object.fromEntries([...responseHeaders].map(([name, value]) => [name.toLowerCase(), value]));
  return async (request) => {
    const early = preflight(request, port.cors);
    if (early !== undefined) return early;
    const isGrpc = grpcFlavour(headerOf(request, "content-type")) !== undefined;
    const response = isGrpc ? await grpc(request) : await serveHttpRequest(port, request);
    const shared = withCors(request, response, port.cors);
    return responseHeaders.size === 0 || isGrpc
      ? shared
      : { ...shared, headers: { ...added, ...shared.headers } };
  };
}
