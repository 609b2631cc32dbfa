/** Unary gRPC over one HTTP/2 connection, which is opened when first needed and anew after it broke. */
import { systemClock, type Cancel, type Clock } from "../clock.ts";
import { messageOf } from "../error.ts";
import type { ClientTls } from "./client-tls.ts";
import { decompress } from "./compression.ts";
import { frameHeaderBytes, unaryFrame } from "./grpc-frame.ts";
import { decodeGrpcMessage, decodeRpcStatus, grpcCode, GrpcError, type GrpcStatus } from "./grpc-status.ts";
import { Http2Client } from "./http2-client.ts";
import { errorCodeName, Http2Error } from "./http2/protocol.ts";
import type { HeaderTable } from "./http2/stream.ts";

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
  #connection: Http2Client | undefined;
  #calls = 0;

  constructor(options: GrpcClientOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Resolves to the answer's message; rejects with a `GrpcError` for every other outcome, a broken connection being UNAVAILABLE. */
  async unary(call: GrpcCallOptions): Promise<Buffer> {
    if (call.signal?.aborted === true) throw new GrpcError(deadlineExceeded);
    this.#calls++;
    try {
      return await this.#exchange(call);
    } finally {
      this.#calls--;
    }
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  #exchange(call: GrpcCallOptions): Promise<Buffer> {
    const maxBytes = this.#options.maxResponseBytes ?? 4 * 1024 * 1024;
    const connection = this.#connected();
    const chunks: Buffer[] = [];
    let size = 0;
    let headers: HeaderTable = {};
    let trailers: HeaderTable | undefined;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => request.cancel();
      const request = connection.request(this.#headersOf(call), framed(call), {
        onFields: (fields) => {
          // An interim answer (100 to 199) says nothing yet.
          if (fields[":status"] === undefined) trailers = fields;
          else if (Number(fields[":status"]) >= 200) headers = fields;
        },
        onData: (chunk) => {
          size += chunk.length;
          request.consume(chunk.length);
          if (size <= maxBytes + frameHeaderBytes) chunks.push(chunk);
          else request.cancel();
        },
        onEnd: () => request.stopSending(),
        onClose: (code) => {
          call.signal?.removeEventListener("abort", onAbort);
          if (headers["grpc-status"] !== undefined) trailers = headers;
          const isTooLarge = size > maxBytes + frameHeaderBytes;
          if (call.signal?.aborted === true) reject(new GrpcError(deadlineExceeded));
          else if (code !== undefined && code !== 0 && trailers === undefined && !isTooLarge)
            reject(brokenCall(code, connection.failure));
          else {
            const status = statusOf(headers, trailers, isTooLarge);
            if (status.code !== grpcCode.ok) reject(new GrpcError(status));
            else readMessage(Buffer.concat(chunks), headers, maxBytes).then(resolve, reject);
          }
        },
      });
      call.signal?.addEventListener("abort", onAbort);
    });
  }

  #headersOf(call: GrpcCallOptions): Readonly<Record<string, string>> {
    const { target, tls, authority, userAgent } = this.#options;
    return {
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
    };
  }

  #connected(): Http2Client {
    const current = this.#connection;
    if (current !== undefined && !current.isGoingAway) return current;
    const { target, tls } = this.#options;
    let stopKeepAlive: Cancel = () => undefined;
    const connection = new Http2Client({
      target,
      ...(tls === undefined ? {} : { tls }),
      onGoingAway: () => {
        if (this.#connection === connection) this.#connection = undefined;
      },
      onClose: () => stopKeepAlive(),
    });
    stopKeepAlive = this.#keepAlive(connection);
    this.#connection = connection;
    return connection;
  }

  #keepAlive(connection: Http2Client): Cancel {
    const { keepalive } = this.#options;
    let cancel: Cancel = () => undefined;
    if (keepalive === undefined || keepalive.timeMs <= 0) return cancel;
    const wait = (): void => {
      cancel = this.#clock.schedule(keepalive.timeMs, () => {
        const isIdle = this.#calls === 0 && !keepalive.withoutCalls;
        if (connection.isConnecting || isIdle) wait();
        else ping();
      });
    };
    const ping = (): void => {
      cancel = this.#clock.schedule(keepalive.timeoutMs, () => connection.destroy());
      connection.ping(() => {
        cancel();
        wait();
      });
    };
    wait();
    return () => cancel();
  }
}

const deadlineExceeded: GrpcStatus = {
  code: grpcCode.deadlineExceeded,
  message: "context deadline exceeded",
};

/** The message with its frame's head in front. */
function framed(call: GrpcCallOptions): readonly Uint8Array[] {
  const head = Buffer.allocUnsafe(frameHeaderBytes);
  head[0] = call.compression === undefined ? 0 : 1;
  head.writeUInt32BE(
    call.message.reduce((sum, piece) => sum + piece.length, 0),
    1,
  );
  return [head, ...call.message];
}

async function readMessage(body: Buffer, headers: HeaderTable, maxBytes: number): Promise<Buffer> {
  const received = unaryFrame(body, maxBytes);
  if (!received.compressed) return received.message;
  return decompress(received.message, String(headers["grpc-encoding"] ?? ""), { maxBytes });
}

function statusOf(headers: HeaderTable, trailers: HeaderTable | undefined, isTooLarge: boolean): GrpcStatus {
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

/** A stream that ended without a status: by a reset of the server, or with its connection. */
function brokenCall(code: number, failure: Error | undefined): GrpcError {
  const hint = failure instanceof Http2Error ? "; does the server speak gRPC there?" : "";
  const why =
    code !== -1
      ? `the server reset the call with ${errorCodeName(code)}`
      : failure === undefined
        ? "the connection was closed before an answer came"
        : messageOf(failure);
  return new GrpcError({ code: grpcCode.unavailable, message: `connection error: ${why}${hint}` });
}

/** The header has at most 8 digits. */
function timeoutText(timeoutMs: number): string {
  return timeoutMs < 1e8
    ? `${Math.ceil(timeoutMs)}m`
    : `${Math.min(Math.ceil(timeoutMs / 1000), 99_999_999)}S`;
}
