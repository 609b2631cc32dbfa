/** Sends one OTLP message by each protocol, well-formed or not, and tells what came back in comparable words. */
import { GrpcClient } from "../../src/base/net/grpc-client.ts";
import { frame, splitFrames } from "../../src/base/net/grpc-frame.ts";
import { decodeRpcStatus, GrpcError } from "../../src/base/net/grpc-status.ts";
import type { Signal } from "../../src/telemetry/signal.ts";

export const exportPath: Readonly<Record<Signal, string>> = {
  traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
  metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
  logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
};

export interface Answer {
  /** HTTP status; 200 for gRPC whatever came of it. */
  readonly http: number;
  /** gRPC code; for HTTP errors the code in the body; undefined when there is none. */
  readonly grpc: number | undefined;
  readonly message: string;
  readonly retryAfterMs: number | undefined;
  readonly contentType: string;
  /** The answer's message, or the whole body of an HTTP answer. */
  readonly body: Buffer;
}

export async function sendGrpc(
  port: number,
  message: Buffer,
  options: { path?: string; compression?: string; headers?: Record<string, string>; timeoutMs?: number } = {},
): Promise<Answer> {
  const client = new GrpcClient({ target: { hostPort: `127.0.0.1:${port}` }, userAgent: "test" });
  const { path = exportPath.traces, ...rest } = options;
  try {
    const body = await client.unary({ path, message: [message], ...rest });
    return {
      http: 200,
      grpc: 0,
      message: "",
      retryAfterMs: undefined,
      contentType: "application/grpc",
      body,
    };
  } catch (error) {
    if (!(error instanceof GrpcError)) throw error;
    const { code, retryAfterMs } = error.status;
    const contentType = "application/grpc";
    return {
      http: 200,
      grpc: code,
      message: error.message,
      retryAfterMs,
      contentType,
      body: Buffer.alloc(0),
    };
  } finally {
    client.close();
  }
}

/** gRPC-web over HTTP/1, binary or text; `raw` sends the message without a frame, `textBody` anything as text. */
export async function sendGrpcWeb(
  port: number,
  message: Buffer,
  options: { path?: string; text?: boolean; textBody?: string; compression?: string; raw?: boolean } = {},
): Promise<Answer> {
  const isText = options.text === true || options.textBody !== undefined;
  const framed = options.raw === true ? message : frame(message, options.compression === undefined ? 0 : 1);
  const response = await fetch(`http://127.0.0.1:${port}${options.path ?? exportPath.traces}`, {
    method: "POST",
    body: isText ? (options.textBody ?? framed.toString("base64")) : framed,
    headers: {
      "content-type": `application/grpc-web${isText ? "-text" : ""}+proto`,
      ...(options.compression === undefined ? {} : { "grpc-encoding": options.compression }),
    },
  });
  const received = Buffer.from(await response.arrayBuffer());
  const bytes = isText ? Buffer.from(received.toString("latin1"), "base64") : received;
  const frames = splitFrames(bytes, 1_000_000);
  const trailers = new Map(
    (frames.find((found) => found.trailers)?.message.toString("latin1") ?? "")
      .split("\r\n")
      .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
  );
  const details = trailers.get("grpc-status-details-bin");
  return {
    http: response.status,
    grpc: Number(trailers.get("grpc-status")),
    message: decodeURIComponent(trailers.get("grpc-message") ?? ""),
    retryAfterMs:
      details === undefined ? undefined : decodeRpcStatus(Buffer.from(details, "base64"))?.retryAfterMs,
    contentType: response.headers.get("content-type") ?? "",
    body: frames.find((found) => !found.trailers)?.message ?? Buffer.alloc(0),
  };
}

export async function sendHttp(
  port: number,
  body: Buffer | string,
  options: { path?: string; type?: string; method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const type = options.type ?? "application/x-protobuf";
  const response = await fetch(`http://127.0.0.1:${port}${options.path ?? "/v1/traces"}`, {
    method: options.method ?? "POST",
    ...(options.method === "GET" ? {} : { body }),
    headers: { ...(type === "" ? {} : { "content-type": type }), ...options.headers },
  });
  const received = Buffer.from(await response.arrayBuffer());
  const contentType = response.headers.get("content-type") ?? "";
  const retryAfter = response.headers.get("retry-after");
  const status = response.status < 300 ? undefined : statusIn(contentType, received);
  return {
    http: response.status,
    grpc: status?.code,
    message: status?.message ?? received.toString(),
    retryAfterMs: retryAfter === null ? undefined : Number(retryAfter) * 1000,
    contentType,
    body: received,
  };
}

function statusIn(contentType: string, body: Buffer): { code: number; message: string } | undefined {
  if (contentType === "application/json")
    return JSON.parse(body.toString()) as { code: number; message: string };
  return contentType === "application/x-protobuf" ? decodeRpcStatus(body) : undefined;
}
