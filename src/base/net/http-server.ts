/**
 * One server for HTTP/1.1 and HTTP/2, plain or encrypted, on one port: the first bytes of each connection decide. A handler gets an `HttpRequest`
 * and gives an `HttpResponse`, whatever the protocol. The receivers and the UI/API port are built on it; gRPC is a handler too (grpc-server.ts).
 *
 *     const server = await serveHttp({ endpoint: "localhost:4319", handler: (request) => textResponse("hello") });
 *     server.urls;            // ["http://127.0.0.1:4319", "http://[::1]:4319"]
 *     await server.close();
 */
import { systemClock, type Clock } from "../clock.ts";
import { OtelierError } from "../error.ts";
import { parseTcpAddress, printAddress, type ListenAddress } from "./address.ts";
import { ByteBudget } from "./byte-budget.ts";
import { createHttp1 } from "./http1.ts";
import { createHttp2 } from "./http2-server.ts";
import type { HttpHandler } from "./http-message.ts";
import { defaultHttpLimits, type HttpLimits } from "./http-limits.ts";
import { listen } from "./listen.ts";
import { routeConnections, type ConnectionProblem } from "./route-connections.ts";
import type { ServerTls } from "./server-tls.ts";

export interface HttpServerOptions {
  /** "localhost:4319" listens on 127.0.0.1 and, where the machine has IPv6, on ::1; an address object names one place. */
  readonly endpoint: string | ListenAddress;
  readonly handler: HttpHandler;
  readonly tls?: ServerTls;
  readonly limits?: Partial<HttpLimits>;
  /** What to tell the user to change when the port is taken: "--http HOST:PORT". */
  readonly portOption?: string;
  /** A handler that rejected or threw; the client has been answered with the status of the error, 500 for an unknown one. */
  readonly onError?: (error: unknown) => void;
  /** A connection that could not become HTTP: TLS on a plain port, plain text on a TLS port, garbage, silence. */
  readonly onProblem?: (problem: ConnectionProblem) => void;
  readonly clock?: Clock;
}

export interface HttpServer {
  /** The port listened on, the same for all addresses; 0 for a Unix socket. */
  readonly port: number;
  /** Base URLs without a slash at the end, one for each address. */
  readonly urls: readonly string[];
  /**
   * Stops accepting, tells clients to go, waits up to `graceMs` (default 5000) for running requests, then cuts what remains.
   * A response that streams without end should watch its request's `closed` or end by itself.
   */
  close(graceMs?: number): Promise<void>;
  /** Replaces the certificate for connections made from now on; without effect on a server without TLS. */
  renewTls(tls: ServerTls): void;
}

/**
 * Listens and serves until closed. Rejects with an OtelierError: "invalid-address", or "port-busy" with what holds the port and the option that
 * chooses another.
 */
export async function serveHttp(options: HttpServerOptions): Promise<HttpServer> {
  const address = addressOf(options.endpoint);
  const clock = options.clock ?? systemClock;
  const limits: HttpLimits = { ...defaultHttpLimits, ...options.limits };
  const context = {
    handler: options.handler,
    limits,
    clock,
    budget: new ByteBudget(limits.maxBufferedBytes),
    onError: options.onError ?? ((): void => undefined),
  };
  const http1 = createHttp1(context);
  const http2 = createHttp2(context);
  const router = routeConnections({
    limits,
    clock,
    onHttp1: http1.accept,
    onHttp2: http2.accept,
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    onProblem: options.onProblem ?? ((): void => undefined),
  });
  const listener = await listen(address, {
    onConnection: (socket) => router.accept(socket),
    maxConnections: limits.maxConnections,
    ...(options.portOption === undefined ? {} : { portOption: options.portOption }),
  });
  const scheme = options.tls === undefined ? "http" : "https";
  return {
    port: listener.port,
    urls: listener.addresses.map((bound) =>
      bound.kind === "unix" ? printAddress(bound) : `${scheme}://${printAddress(bound)}`,
    ),
    close: async (graceMs = 5000) => {
      const stopped = listener.close();
      router.refuseNew();
      http1.drain();
      http2.drain();
      const done = new AbortController();
      await Promise.race([stopped, clock.sleep(graceMs, done.signal)]);
      done.abort();
      router.destroyAll();
      await stopped;
    },
    renewTls: (tls) => router.renewTls(tls),
  };
}

function addressOf(endpoint: string | ListenAddress): ListenAddress {
  if (typeof endpoint !== "string") return endpoint;
  const address = parseTcpAddress(endpoint);
  if (!("problem" in address)) return address;
  throw new OtelierError(`cannot listen on "${endpoint}": ${address.problem}`, {
    code: "invalid-address",
    outcome: "permanent",
  });
}
