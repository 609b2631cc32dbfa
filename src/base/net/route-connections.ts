import type { Socket } from "node:net";
import {
  createServer as createTlsServer,
  type Server as TlsServer,
  type TlsOptions,
  type TLSSocket,
} from "node:tls";
import type { Clock } from "../clock.ts";
import { plainPeer } from "./address.ts";
import type { HttpLimits } from "./http-limits.ts";
import type { ServerTls } from "./server-tls.ts";
import { sniff } from "./sniff.ts";

/** Why a connection did not become HTTP. */
export interface ConnectionProblem {
  readonly kind: "tls-on-plain-port" | "plain-on-tls-port" | "not-http" | "tls-failed";
  readonly peerAddress: string;
  readonly localPort: number;
  readonly message: string;
}

export interface RouteOptions {
  readonly limits: HttpLimits;
  readonly clock: Clock;
  readonly tls?: ServerTls;
  readonly onHttp1: (socket: Socket) => void;
  readonly onHttp2: (socket: Socket) => void;
  readonly onProblem: (problem: ConnectionProblem) => void;
}

export interface ConnectionRouter {
  accept(socket: Socket): void;
  /** Replaces the certificate for new connections. */
  renewTls(tls: ServerTls): void;
  /** Closes connections whose first bytes have not come yet. */
  refuseNew(): void;
  destroyAll(): void;
}

const plainOnTls =
  "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\nthis port takes TLS only: use https\n";

/** Gives each new connection to the protocol that its first bytes speak. */
export function routeConnections(options: RouteOptions): ConnectionRouter {
  const { limits, clock, onProblem } = options;
  const open = new Set<Socket>();
  const unknown = new Set<Socket>();
  const problem = (socket: Socket, kind: ConnectionProblem["kind"], message: string): void =>
    onProblem({
      kind,
      message,
      peerAddress: plainPeer(socket.remoteAddress),
      localPort: socket.localPort ?? 0,
    });

  const routeHttp = (socket: Socket, onKnown: () => void): void =>
    sniff(socket, { timeoutMs: limits.headerTimeoutMs, clock }, (protocol) => {
      onKnown();
      if (protocol === "http2") options.onHttp2(socket);
      else if (protocol === "http1") options.onHttp1(socket);
      else {
        if (protocol === "tls") problem(socket, "tls-on-plain-port", "a TLS client on a port without TLS");
        else if (protocol === "unknown") problem(socket, "not-http", "neither HTTP nor gRPC");
        socket.destroy();
      }
    });

  const tlsServer =
    options.tls === undefined
      ? undefined
      : createTls(options.tls, limits, (socket) => routeHttp(socket, ignore));
  tlsServer?.on("tlsClientError", (error: Error, socket: TLSSocket) => {
    problem(socket, "tls-failed", error.message);
    socket.destroy();
  });

  return {
    accept: (socket) => {
      open.add(socket);
      unknown.add(socket);
      socket.once("close", () => {
        open.delete(socket);
        unknown.delete(socket);
      });
      socket.on("error", ignore);
      if (tlsServer === undefined) {
        routeHttp(socket, () => unknown.delete(socket));
        return;
      }
      sniff(socket, { timeoutMs: limits.headerTimeoutMs, clock }, (protocol) => {
        unknown.delete(socket);
        if (protocol === "tls") {
          tlsServer.emit("connection", socket);
        } else if (protocol === "silent") {
          socket.destroy();
        } else {
          problem(socket, "plain-on-tls-port", "a client without TLS on a port with TLS");
          if (protocol === "http1") sayGoodbye(socket, clock);
          else socket.destroy();
        }
      });
    },
    renewTls: (tls) => tlsServer?.setSecureContext(tlsOptions(tls)),
    refuseNew: () => {
      for (const socket of unknown) socket.destroy();
    },
    destroyAll: () => {
      for (const socket of open) socket.destroy();
      tlsServer?.removeAllListeners("secureConnection");
    },
  };
}

function ignore(): void {}

/** Reads on while the answer leaves: closing over unread bytes would reset the connection before the client sees it. */
function sayGoodbye(socket: Socket, clock: Clock): void {
  socket.end(plainOnTls);
  socket.resume();
  const cancel = clock.schedule(1000, () => socket.destroy());
  socket.once("close", cancel);
}

function createTls(tls: ServerTls, limits: HttpLimits, onSecure: (socket: TLSSocket) => void): TlsServer {
  const server = createTlsServer({
    ...tlsOptions(tls),
    ALPNProtocols: ["h2", "http/1.1"],
    handshakeTimeout: limits.headerTimeoutMs,
  });
  return server.on("secureConnection", (socket) => {
    socket.on("error", ignore);
    onSecure(socket);
  });
}

function tlsOptions(tls: ServerTls): TlsOptions {
  return {
    cert: tls.cert,
    key: tls.key,
    minVersion: tls.minVersion ?? "TLSv1.2",
    ...(tls.maxVersion === undefined ? {} : { maxVersion: tls.maxVersion }),
    ...(tls.ciphers === undefined ? {} : { ciphers: tls.ciphers }),
    ...(tls.ecdhCurve === undefined ? {} : { ecdhCurve: tls.ecdhCurve }),
    ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }),
  };
}
