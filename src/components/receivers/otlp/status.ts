import { messageOf, OtelierError } from "../../../base/error.ts";
import { grpcCode, GrpcError, type GrpcStatus } from "../../../base/net/grpc-status.ts";

const codeOfError: Readonly<Record<string, number>> = {
  "malformed-otlp": grpcCode.invalidArgument,
  "malformed-compression": grpcCode.invalidArgument,
  "unsupported-encoding": grpcCode.invalidArgument,
  "body-aborted": grpcCode.cancelled,
  "body-timeout": grpcCode.deadlineExceeded,
  unauthenticated: grpcCode.unauthenticated,
  "no-org-id": grpcCode.unauthenticated,
  "bad-org-id": grpcCode.invalidArgument,
};

/**
 * The gRPC status that answers an error of the pipeline (core receiver/otlpreceiver/internal/errors): its own when it carries one, else
 * UNAVAILABLE when trying again can help and INTERNAL when not. A wait that the pipeline asks for makes it RESOURCE_EXHAUSTED with RetryInfo.
 */
export function statusOfError(error: unknown): GrpcStatus {
  if (error instanceof GrpcError) return error.status;
  if (!(error instanceof OtelierError))
    return { code: grpcCode.unavailable, message: "internal error, retry later" };
  const message = messageOf(error);
  const known = error.grpcStatus ?? codeOfError[error.code];
  if (error.retryAfterMs !== undefined) {
    return { code: known ?? grpcCode.resourceExhausted, message, retryAfterMs: error.retryAfterMs };
  }
  return {
    code: known ?? (error.outcome === "retryable" ? grpcCode.unavailable : grpcCode.internal),
    message,
  };
}

const httpOfCode: Readonly<Record<number, number>> = {
  [grpcCode.cancelled]: 503,
  [grpcCode.deadlineExceeded]: 503,
  [grpcCode.aborted]: 503,
  [grpcCode.outOfRange]: 503,
  [grpcCode.unavailable]: 503,
  [grpcCode.dataLoss]: 503,
  [grpcCode.resourceExhausted]: 429,
  [grpcCode.invalidArgument]: 400,
  [grpcCode.unauthenticated]: 401,
  [grpcCode.permissionDenied]: 403,
  [grpcCode.unimplemented]: 404,
};

/** The HTTP status for a gRPC code (same source). */
export function httpStatusOf(code: number): number {
  return httpOfCode[code] ?? 500;
}
