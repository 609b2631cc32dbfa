/** OTLP over HTTP, protobuf and JSON (opentelemetry-specification, protocol/otlp.md; texts of core receiver/otlpreceiver/otlphttp.go). */
import { messageOf, OtelierError } from "../../../base/error.ts";
import { decompress } from "../../../base/net/compression.ts";
import { grpcCode, GrpcError } from "../../../base/net/grpc-status.ts";
import {
  headerOf,
  textResponse,
  type HttpRequest,
  type HttpResponse,
} from "../../../base/net/http-message.ts";
import { otlpJsonToBytes } from "../../../telemetry/json/parse.ts";
import type { Signal } from "../../../telemetry/signal.ts";
import type { Advice } from "./advice.ts";
import { malformed, tooLarge, wrongPath, wrongPort } from "./advice.ts";
import { errorResponse, successResponse, type Encoding } from "./answer.ts";
import { admit, type Port } from "./port.ts";
import { statusOfError } from "./status.ts";

const encodingOfType: Readonly<Record<string, Encoding>> = {
  "application/x-protobuf": "protobuf",
  "application/json": "json",
};

const otlpSignals = ["traces", "metrics", "logs"] as const;

export async function serveHttpRequest(port: Port, request: HttpRequest): Promise<HttpResponse> {
  const contentType = headerOf(request, "content-type");
  const encoding = encodingOfType[(contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? ""];
  const protocol = encoding === "json" ? "http/json" : "http/protobuf";
  const signal = otlpSignals.find((candidate) => port.pathOf[candidate] === request.path);
  const scheme = request.encrypted ? "https" : "http";
  if (signal === undefined || !port.ingest.takes(signal)) {
    if (request.method === "POST") {
      const paths = otlpSignals
        .filter((known) => port.ingest.takes(known))
        .map((known) => port.pathOf[known]);
      const advice =
        signal === undefined ? { advice: wrongPath(request.path, request.localPort, paths, scheme) } : {};
      port.ingest.refuse(request, protocol, "unknown-path", advice);
    }
    return textResponse("404 page not found\n", 404);
  }
  if (request.method !== "POST") {
    return textResponse("405 method not allowed, supported: [POST]", 405, { allow: "POST" });
  }
  if (encoding === undefined) {
    const advice = malformed(`content type ${contentType === undefined ? "missing" : `"${contentType}"`}`);
    port.ingest.refuse(request, protocol, "content-type", { advice });
    return textResponse(
      "415 unsupported media type, supported: [application/json, application/x-protobuf]",
      415,
    );
  }
  try {
    await admit(port, request, protocol);
    return await receive(port, request, signal, encoding);
  } catch (error) {
    return refusal(error, encoding);
  }
}

async function receive(
  port: Port,
  request: HttpRequest,
  signal: Signal,
  encoding: Encoding,
): Promise<HttpResponse> {
  const protocol = encoding === "json" ? "http/json" : "http/protobuf";
  const compression = headerOf(request, "content-encoding") ?? "";
  let wireBytes = 0;
  let bytes: Uint8Array | undefined;
  try {
    const body = await request.readBody({ maxBytes: port.maxBodyBytes });
    wireBytes = body.length;
    const content = await inflate(port, request, body, compression);
    bytes = encoding === "json" ? parseJson(signal, content) : content;
    const advice = wrongPort(protocol, request.localPort, port.ports(), request.encrypted ? "https" : "http");
    const rejected = await port.ingest.take({
      request,
      signal,
      protocol,
      bytes,
      compression,
      wireBytes,
      keepMetadata: port.keepMetadata,
      ...(advice === undefined ? {} : { advice }),
    });
    return successResponse(signal, encoding, rejected);
  } catch (error) {
    const refused = refusalOf(error, port);
    if (refused !== undefined) {
      port.ingest.refuse(request, protocol, refused.reason, {
        ...(refused.advice === undefined ? {} : { advice: refused.advice }),
        ...(bytes === undefined ? {} : { bytes }),
      });
    }
    throw error;
  }
}

async function inflate(port: Port, request: HttpRequest, body: Buffer, compression: string): Promise<Buffer> {
  if (compression === "" || compression === "identity") return body;
  const known = compression === "x-gzip" ? "gzip" : compression;
  if (!port.encodings.has(known)) {
    const message = `unsupported compression type "${compression}"`;
    throw new OtelierError(message, { code: "unsupported-encoding", outcome: "permanent" });
  }
  const content = await decompress(body, known, { maxBytes: port.maxBodyBytes });
  request.hold(content.length);
  return content;
}

function parseJson(signal: Signal, content: Buffer): Uint8Array {
  const parsed = otlpJsonToBytes(signal, content);
  if (parsed.ok) return parsed.bytes;
  throw new OtelierError(`cannot read ${signal}: ${parsed.message}`, {
    code: "malformed-otlp",
    outcome: "permanent",
  });
}

interface Refused {
  readonly reason: string;
  readonly advice?: Advice;
}

/** Requests that never became a batch are counted by reason; what the pipeline refused is counted in items. */
function refusalOf(error: unknown, port: Port): Refused | undefined {
  if (!(error instanceof OtelierError)) return undefined;
  switch (error.code) {
    case "malformed-otlp":
    case "malformed-compression":
    case "unsupported-encoding":
      return { reason: error.code, advice: malformed(messageOf(error)) };
    case "body-too-large":
      return {
        reason: "too-large",
        advice: tooLarge(port.maxBodyBytes, "protocols.http.max_request_body_size"),
      };
    case "overloaded":
    case "body-timeout":
      return { reason: error.code };
    default:
      return undefined;
  }
}

function refusal(error: unknown, encoding: Encoding): HttpResponse {
  if (error instanceof OtelierError && error.code === "body-too-large") {
    return errorResponse(encoding, { code: grpcCode.invalidArgument, message: messageOf(error) }, 413);
  }
  if (error instanceof OtelierError && error.code === "body-timeout") {
    return errorResponse(encoding, { code: grpcCode.deadlineExceeded, message: messageOf(error) }, 408);
  }
  const status = statusOfError(error);
  const response = errorResponse(encoding, status);
  if (error instanceof GrpcError && status.code === grpcCode.unauthenticated) {
    return { ...response, headers: { ...response.headers, "www-authenticate": "Basic, Bearer" } };
  }
  return response;
}
