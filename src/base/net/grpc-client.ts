/** Unary gRPC over one HTTP/2 connection, which is opened when first needed and anew after it broke. */
import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
} from "node:http2";
import { connect as connectSocket } from "node:net";
import { systemClock, type Cancel, type Clock } from "../clock.ts";
import { messageOf } from "../error.ts";
import { connectionOptions, type ClientTls } from "./client-tls.ts";
import { decompress } from "./compression.ts";
import { frameHeaderBytes, unaryFrame } from "./grpc-frame.ts";
import { decodeGrpcMessage, decodeRpcStatus, grpcCode, GrpcError, type GrpcStatus } from "./grpc-status.ts";

export interface GrpcClientOptions {
  /** "host:port", or the path of a Unix socket. */
  readonly target: { readonly hostPort: string } | { readonly path: string };
  /** Absent: no encryption (h2c). */
  readonly tls?: ClientTls;
  /** Value of ":authority"; default: the target. */
  readonly authority?: string;
  readonly userAgent: string;
  /** Ping a silent server; with `withoutCalls` also while no call runs. */
  readonly keepalive?: {
    readonly timeMs: number;
    readonly timeoutMs: number;
    readonly withoutCalls: boolean;
  };
  /** Largest answer. Default 4 MiB. */
  readonly maxResponseBytes?: number;
  readonly clock?: Clock;
}

export interface GrpcCallOptions {
  /** "/package.Service/Method". */
  readonly path: string;
  /** The message in pieces, already compressed when `compression` says how. */
  readonly message: readonly Uint8Array[];
  readonly compression?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Told to the server. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** HTTP status of an answer that is not gRPC, as a code (github.com/grpc/grpc, doc/http-grpc-status-mapping.md). */
const codeOfHttpStatus: Readonly<Record<number, number>> = {
  400: grpcCode.internal,
  401: grpcCode.unauthenticated,
  403: grpcCode.permissionDenied,
  404: grpcCode.unimplemented,
  429: grpcCode.unavailable,
  502: grpcCode.unavailable,
  503: grpcCode.unavailable,
  504: grpcCode.unavailable,
};

export class GrpcClient {
  readonly #options: GrpcClientOptions;
  readonly #clock: Clock;
  #session: ClientHttp2Session | undefined;
  #calls = 0;

  constructor(options: GrpcClientOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Resolves to the answer's message; rejects with a `GrpcError` for every other outcome, a broken connection being UNAVAILABLE. */
  async unary(call: GrpcCallOptions): Promise<Buffer> {
    this.#calls++;
    try {
      return await this.#exchange(this.#open(call), call);
    } finally {
      this.#calls--;
    }
  }

  close(): void {
    this.#session?.close();
    this.#session = undefined;
  }

  #open(call: GrpcCallOptions): ClientHttp2Stream {
    const session = this.#connection();
    const { target, tls, authority, userAgent } = this.#options;
    const size = call.message.reduce((sum, piece) => sum + piece.length, 0);
    const stream = session.request(
      {
        ":method": "POST",
        ":scheme": tls === undefined ? "http" : "https",
        ":authority": authority ?? ("path" in target ? "localhost" : target.hostPort),
        ":path": call.path,
        "content-type": "application/grpc",
        te: "trailers",
        "user-agent": userAgent,
        "grpc-accept-encoding": "identity,gzip,deflate",
        ...(call.compression === undefined ? {} : { "grpc-encoding": call.compression }),
        ...(call.timeoutMs === undefined || call.timeoutMs <= 0
          ? {}
          : { "grpc-timeout": timeoutText(call.timeoutMs) }),
        ...call.headers,
      },
      call.signal === undefined ? {} : { signal: call.signal },
    );
    const head = Buffer.allocUnsafe(frameHeaderBytes);
    head[0] = call.compression === undefined ? 0 : 1;
    head.writeUInt32BE(size, 1);
    stream.cork();
    stream.write(head);
    for (const piece of call.message) stream.write(piece);
    stream.end();
    stream.uncork();
    return stream;
  }

  #exchange(stream: ClientHttp2Stream, call: GrpcCallOptions): Promise<Buffer> {
    const maxBytes = this.#options.maxResponseBytes ?? 4 * 1024 * 1024;
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      let headers: IncomingHttpHeaders = {};
      let trailers: IncomingHttpHeaders | undefined;
      stream.on("response", (received) => {
        headers = received;
        if (received["grpc-status"] !== undefined) trailers = received;
      });
      stream.on("trailers", (received) => (trailers = received));
      stream.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size <= maxBytes + frameHeaderBytes) chunks.push(chunk);
        else stream.close(constants.NGHTTP2_CANCEL);
      });
      stream.on("error", (error) => reject(callFailed(error, call.signal)));
      stream.on("close", () => {
        const status = statusOf(headers, trailers, size > maxBytes + frameHeaderBytes);
        if (status.code !== grpcCode.ok) reject(new GrpcError(status));
        else readMessage(Buffer.concat(chunks), headers, maxBytes).then(resolve, reject);
      });
    });
  }

  #connection(): ClientHttp2Session {
    const current = this.#session;
    if (current !== undefined && !current.closed && !current.destroyed) return current;
    const { target, tls } = this.#options;
    const authority = `${tls === undefined ? "http" : "https"}://${"path" in target ? "localhost" : target.hostPort}`;
    const session = connect(authority, {
      ...(tls === undefined ? {} : connectionOptions(tls)),
      ...("path" in target ? { createConnection: () => connectSocket(target.path) } : {}),
      settings: { enablePush: false },
    });
    // Each call gets its own error; this one only keeps the process alive.
    session.on("error", () => undefined);
    const forget = (): void => {
      if (this.#session === session) this.#session = undefined;
    };
    session.once("close", forget);
    session.once("goaway", () => {
      forget();
      session.close();
    });
    this.#keepAlive(session);
    this.#session = session;
    return session;
  }

  #keepAlive(session: ClientHttp2Session): void {
    const { keepalive } = this.#options;
    if (keepalive === undefined || keepalive.timeMs <= 0) return;
    let cancel: Cancel = () => undefined;
    const wait = (): void => {
      cancel = this.#clock.schedule(keepalive.timeMs, () => {
        if (session.destroyed || session.connecting || (this.#calls === 0 && !keepalive.withoutCalls)) wait();
        else ping();
      });
    };
    const ping = (): void => {
      cancel = this.#clock.schedule(keepalive.timeoutMs, () => session.destroy());
      session.ping(() => {
        cancel();
        wait();
      });
    };
    wait();
    session.once("close", () => cancel());
  }
}

async function readMessage(body: Buffer, headers: IncomingHttpHeaders, maxBytes: number): Promise<Buffer> {
  const received = unaryFrame(body, maxBytes);
  if (!received.compressed) return received.message;
  return decompress(received.message, String(headers["grpc-encoding"] ?? ""), { maxBytes });
}

function statusOf(
  headers: IncomingHttpHeaders,
  trailers: IncomingHttpHeaders | undefined,
  isTooLarge: boolean,
): GrpcStatus {
  if (isTooLarge)
    return { code: grpcCode.resourceExhausted, message: "grpc: received message larger than max" };
  const httpStatus = Number(headers[":status"] ?? 0);
  const code = trailers?.["grpc-status"];
  if (trailers === undefined || code === undefined) {
    if (httpStatus === 0)
      return { code: grpcCode.unavailable, message: "the connection was closed before an answer came" };
    const message = `unexpected HTTP status code received from server: ${httpStatus}`;
    return { code: codeOfHttpStatus[httpStatus] ?? grpcCode.unknown, message };
  }
  const message = decodeGrpcMessage(String(trailers["grpc-message"] ?? ""));
  const details = trailers["grpc-status-details-bin"];
  const decoded = details === undefined ? undefined : decodeRpcStatus(Buffer.from(String(details), "base64"));
  const retryAfterMs = decoded?.retryAfterMs;
  return retryAfterMs === undefined
    ? { code: Number(code), message }
    : { code: Number(code), message, retryAfterMs };
}

function callFailed(error: Error & { readonly code?: string }, signal: AbortSignal | undefined): GrpcError {
  if (signal?.aborted === true) {
    return new GrpcError({ code: grpcCode.deadlineExceeded, message: "context deadline exceeded" });
  }
  const notHttp2 = error.code === "ERR_HTTP2_ERROR" || error.code === "ERR_HTTP2_SESSION_ERROR";
  const hint = notHttp2 ? "; does the server speak gRPC there?" : "";
  const message = `connection error: ${messageOf(error)}${hint}`;
  return new GrpcError({ code: grpcCode.unavailable, message });
}

/** The header has at most 8 digits. */
function timeoutText(timeoutMs: number): string {
  return timeoutMs < 1e8
    ? `${Math.ceil(timeoutMs)}m`
    : `${Math.min(Math.ceil(timeoutMs / 1000), 99_999_999)}S`;
}
