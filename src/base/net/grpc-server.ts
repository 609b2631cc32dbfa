/**
 * Unary gRPC and gRPC-web as an `HttpHandler`: frames, compression, deadlines, statuses in trailers. Streaming calls are not needed for OTLP.
 * Protocols: github.com/grpc/grpc, doc/PROTOCOL-HTTP2.md and doc/PROTOCOL-WEB.md; texts of errors as grpc-go's where clients know them.
 */
import { systemClock, type Clock } from "../clock.ts";
import { messageOf, OtelierError } from "../error.ts";
import { decompress } from "./compression.ts";
import { frame, frameHeaderBytes, messageTooLarge, trailersFrame, unaryFrame } from "./grpc-frame.ts";
import { encodeGrpcMessage, encodeRpcStatus, grpcCode, GrpcError, type GrpcStatus } from "./grpc-status.ts";
import {
  headerOf,
  textResponse,
  type HttpHandler,
  type HttpRequest,
  type HttpResponse,
} from "./http-message.ts";

export type GrpcFlavour = "grpc" | "grpc-web" | "grpc-web-text";

export interface GrpcCall {
  readonly request: HttpRequest;
  readonly flavour: GrpcFlavour;
  /** Decompressed. */
  readonly message: Buffer;
  /** `grpc-encoding`, "" for identity; clients leave small messages uncompressed all the same. */
  readonly compression: string;
  /** Bytes of the message as it came. */
  readonly wireBytes: number;
}

/** Gives the response message, or throws: a `GrpcError` is answered as it is, anything else as INTERNAL without details. */
export type GrpcMethod = (call: GrpcCall) => Promise<Uint8Array>;

export interface GrpcServerOptions {
  /** By service ("opentelemetry...TraceService"), then by method ("Export"). */
  readonly services: ReadonlyMap<string, ReadonlyMap<string, GrpcMethod>>;
  /** One message, compressed and decompressed, inclusive. */
  readonly maxMessageBytes: number;
  /** Runs before the body is read; a `GrpcError` refuses the call. */
  readonly admit?: (request: HttpRequest, flavour: GrpcFlavour) => Promise<void>;
  /** Every call that did not end OK, with what was thrown. */
  readonly onRefused?: (
    request: HttpRequest,
    flavour: GrpcFlavour,
    status: GrpcStatus,
    error: unknown,
  ) => void;
  readonly clock?: Clock;
}

const encodings = "identity,gzip,deflate,zstd,snappy";
const timeoutUnitMs: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** What a content type says; undefined when it is not gRPC at all. */
export function grpcFlavour(contentType: string | undefined): GrpcFlavour | undefined {
  if (contentType === "application/grpc") return "grpc";
  if (contentType === undefined || !contentType.startsWith("application/grpc")) return undefined;
  const match = /^application\/grpc(-web-text|-web)?(?=$|[+;\s])/.exec(contentType);
  if (match === null) return undefined;
  return match[1] === undefined ? "grpc" : match[1] === "-web" ? "grpc-web" : "grpc-web-text";
}

/** Milliseconds of a `grpc-timeout` header; undefined when absent or malformed. */
function parseGrpcTimeout(text: string | undefined): number | undefined {
  const match = /^(\d{1,8})([HMSmun])$/.exec(text ?? "");
  return match === null ? undefined : Number(match[1]) * (timeoutUnitMs[match[2] ?? ""] ?? 0);
}

/** Serves requests whose content type has a `grpcFlavour`; others get 415. */
export function grpcHandler(options: GrpcServerOptions): HttpHandler {
  return async (request) => {
    const flavour = grpcFlavour(headerOf(request, "content-type"));
    if (flavour === undefined) return textResponse("invalid gRPC request content-type\n", 415);
    if (flavour === "grpc" && request.version !== 2) return textResponse("gRPC requires HTTP/2\n", 505);
    if (request.method !== "POST") return textResponse("gRPC requires POST\n", 405, { allow: "POST" });
    try {
      return success(flavour, await call(options, request, flavour));
    } catch (error) {
      const status = statusOf(error);
      options.onRefused?.(request, flavour, status, error);
      return failure(flavour, status);
    }
  };
}

async function call(
  options: GrpcServerOptions,
  request: HttpRequest,
  flavour: GrpcFlavour,
): Promise<Uint8Array> {
  const method = findMethod(options, request.path);
  await options.admit?.(request, flavour);
  const timeoutMs = parseGrpcTimeout(headerOf(request, "grpc-timeout"));
  const answer = receive(options, request, flavour).then(method);
  if (timeoutMs === undefined) return answer;
  const clock = options.clock ?? systemClock;
  let cancel: (() => void) | undefined;
  const late = new Promise<never>((_, reject) => {
    cancel = clock.schedule(Math.min(timeoutMs, 2 ** 31 - 1), () =>
      reject(new GrpcError({ code: grpcCode.deadlineExceeded, message: "context deadline exceeded" })),
    );
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    cancel?.();
  }
}

function findMethod(options: GrpcServerOptions, path: string): GrpcMethod {
  const [, service = "", method = "", ...rest] = path.split("/");
  const fail = (message: string): GrpcError =>
    new GrpcError({ code: grpcCode.unimplemented, message }, "unknown-method");
  if (method === "" || rest.length > 0) throw fail(`malformed method name: "${path}"`);
  const methods = options.services.get(service);
  if (methods === undefined) throw fail(`unknown service ${service}`);
  const found = methods.get(method);
  if (found === undefined) throw fail(`unknown method ${method} for service ${service}`);
  return found;
}

async function receive(
  options: GrpcServerOptions,
  request: HttpRequest,
  flavour: GrpcFlavour,
): Promise<GrpcCall> {
  const { maxMessageBytes } = options;
  const text = flavour === "grpc-web-text";
  const maxFrameBytes = maxMessageBytes + frameHeaderBytes;
  const maxBytes = text ? Math.ceil(maxFrameBytes / 3) * 4 + 4 : maxFrameBytes;
  let body: Buffer;
  try {
    body = await request.readBody({ maxBytes });
  } catch (error) {
    const tooLarge = error instanceof OtelierError && error.code === "body-too-large";
    if (!tooLarge) throw error;
    const declared = Number(headerOf(request, "content-length") ?? maxBytes + 1);
    throw messageTooLarge(Math.max(declared - frameHeaderBytes, maxMessageBytes + 1), maxMessageBytes);
  }
  const received = unaryFrame(text ? decodeBase64(body) : body, maxMessageBytes);
  const encoding = headerOf(request, "grpc-encoding") ?? "identity";
  const compression = encoding === "identity" ? "" : encoding;
  const wireBytes = received.message.length;
  if (!received.compressed) return { request, flavour, message: received.message, compression, wireBytes };
  const message = await inflate(received.message, encoding, maxMessageBytes);
  holdMessage(request, message);
  return { request, flavour, message, compression, wireBytes };
}

async function inflate(bytes: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
  if (encoding === "identity") {
    const message = "grpc: compressed flag set with identity or empty encoding";
    throw new GrpcError({ code: grpcCode.internal, message }, "malformed-compression");
  }
  try {
    return await decompress(bytes, encoding, { maxBytes });
  } catch (error) {
    if (!(error instanceof OtelierError)) throw error;
    if (error.code === "body-too-large") {
      const message = `grpc: received message after decompression larger than max ${maxBytes}`;
      throw new GrpcError({ code: grpcCode.resourceExhausted, message }, "too-large");
    }
    if (error.code === "unsupported-encoding") {
      const message = `grpc: Decompressor is not installed for grpc-encoding "${encoding}"`;
      throw new GrpcError({ code: grpcCode.unimplemented, message }, "unsupported-encoding");
    }
    const message = `grpc: failed to decompress the received message: ${error.message}`;
    throw new GrpcError({ code: grpcCode.invalidArgument, message }, "malformed-compression");
  }
}

function holdMessage(request: HttpRequest, message: Buffer): void {
  try {
    request.hold(message.length);
  } catch (error) {
    if (!(error instanceof OtelierError) || error.code !== "body-too-large") throw error;
    throw new GrpcError({ code: grpcCode.resourceExhausted, message: `grpc: ${error.message}` }, "too-large");
  }
}

/** gRPC-web text may be several base64 texts in a row, each with its own padding. */
function decodeBase64(body: Buffer): Buffer {
  const text = body.toString("latin1");
  if (!/^[A-Za-z0-9+/=\s]*$/.test(text)) {
    const message = "the body of grpc-web-text is not base64";
    throw new GrpcError({ code: grpcCode.invalidArgument, message }, "malformed-frame");
  }
  const pieces = text.replace(/\s+/g, "").match(/[^=]+=*/g) ?? [];
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece, "base64")));
}

/** The status that an error stands for. Own failures are INTERNAL without details: they may hold what is not the client's business. */
function statusOf(error: unknown): GrpcStatus {
  if (error instanceof GrpcError) return error.status;
  if (error instanceof OtelierError) {
    const message = messageOf(error);
    if (error.code === "overloaded") {
      return { code: grpcCode.resourceExhausted, message, retryAfterMs: error.retryAfterMs ?? 1000 };
    }
    if (error.code === "body-timeout") return { code: grpcCode.deadlineExceeded, message };
    if (error.code === "body-aborted") return { code: grpcCode.cancelled, message };
  }
  return { code: grpcCode.internal, message: "internal error" };
}

/** Frozen, so that they are encoded once. */
const grpcHeaders = Object.freeze({
  "content-type": "application/grpc",
  "grpc-accept-encoding": encodings,
});
const grpcTrailers = Object.freeze({ "grpc-status": "0", "grpc-message": "" });

function success(flavour: GrpcFlavour, message: Uint8Array): HttpResponse {
  if (flavour === "grpc") {
    return {
      status: 200,
      headers: grpcHeaders,
      body: frame(message),
      trailers: grpcTrailers,
    };
  }
  return web(flavour, [frame(message)], { "grpc-status": "0" });
}

function failure(flavour: GrpcFlavour, status: GrpcStatus): HttpResponse {
  const trailers: Record<string, string> = {
    "grpc-status": String(status.code),
    "grpc-message": encodeGrpcMessage(status.message),
  };
  if (status.retryAfterMs !== undefined) {
    trailers["grpc-status-details-bin"] = encodeRpcStatus(status).toString("base64").replace(/=+$/, "");
  }
  if (flavour !== "grpc") return web(flavour, [], trailers);
  // "Trailers-Only": one HEADERS frame that also ends the stream.
  const headers = { "content-type": "application/grpc", "grpc-accept-encoding": encodings, ...trailers };
  return { status: 200, headers };
}

function web(
  flavour: GrpcFlavour,
  frames: readonly Buffer[],
  trailers: Readonly<Record<string, string>>,
): HttpResponse {
  const body = Buffer.concat([...frames, trailersFrame(trailers)]);
  const text = flavour === "grpc-web-text";
  return {
    status: 200,
    headers: { "content-type": `application/${flavour}+proto` },
    body: text ? body.toString("base64") : body,
  };
}
