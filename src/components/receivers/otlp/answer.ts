/** Bodies of answers: Export*ServiceResponse and google.rpc.Status, as protobuf and as JSON. */
import { bytesField, encodeRpcStatus, varintField, type GrpcStatus } from "../../../base/net/grpc-status.ts";
import type { HttpResponse } from "../../../base/net/http-message.ts";
import type { Signal } from "../../../telemetry/signal.ts";
import { httpStatusOf } from "./status.ts";

export type Encoding = "protobuf" | "json";

/** Items that were refused while the others were taken. */
export interface Rejected {
  readonly items: number;
  readonly message: string;
}

const contentType: Readonly<Record<Encoding, string>> = {
  protobuf: "application/x-protobuf",
  json: "application/json",
};

const rejectedName: Readonly<Record<Signal, string>> = {
  traces: "rejectedSpans",
  metrics: "rejectedDataPoints",
  logs: "rejectedLogRecords",
};

/** Export*ServiceResponse {partial_success = 1 {rejected_* = 1, error_message = 2}}: the same field numbers for all signals. */
export function responseMessage(rejected: Rejected | undefined): Buffer {
  if (rejected === undefined) return Buffer.alloc(0);
  const partial = Buffer.concat([
    varintField(1, rejected.items),
    bytesField(2, Buffer.from(rejected.message)),
  ]);
  return bytesField(1, partial);
}

export function successResponse(
  signal: Signal,
  encoding: Encoding,
  rejected: Rejected | undefined,
): HttpResponse {
  if (encoding === "protobuf") {
    return {
      status: 200,
      headers: { "content-type": contentType.protobuf },
      body: responseMessage(rejected),
    };
  }
  const partialSuccess =
    rejected === undefined
      ? {}
      : { [rejectedName[signal]]: String(rejected.items), errorMessage: rejected.message };
  return {
    status: 200,
    headers: { "content-type": contentType.json },
    body: JSON.stringify({ partialSuccess }),
  };
}

/** An error in the encoding of the request. `httpStatus`: where HTTP has a better one than the code's, as 413. */
export function errorResponse(encoding: Encoding, status: GrpcStatus, httpStatus?: number): HttpResponse {
  const headers: Record<string, string> = { "content-type": contentType[encoding] };
  const code = httpStatus ?? httpStatusOf(status.code);
  if (status.retryAfterMs !== undefined && (code === 429 || code === 503)) {
    headers["retry-after"] = String(Math.max(1, Math.ceil(status.retryAfterMs / 1000)));
  }
  const json = { code: status.code, message: status.message };
  return {
    status: code,
    headers,
    body: encoding === "json" ? JSON.stringify(json) : encodeRpcStatus(status),
  };
}
