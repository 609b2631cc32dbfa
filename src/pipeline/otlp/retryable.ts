import { OtelierError } from "../../base/error.ts";
import { grpcCode, type GrpcStatus } from "../../base/net/grpc-status.ts";

const retryableCodes: ReadonlySet<number> = new Set([
  grpcCode.cancelled,
  grpcCode.deadlineExceeded,
  grpcCode.aborted,
  grpcCode.outOfRange,
  grpcCode.unavailable,
  grpcCode.dataLoss,
]);

const codeNames: readonly string[] = [
  "OK",
  "Canceled",
  "Unknown",
  "InvalidArgument",
  "DeadlineExceeded",
  "NotFound",
  "AlreadyExists",
  "PermissionDenied",
  "ResourceExhausted",
  "FailedPrecondition",
  "Aborted",
  "OutOfRange",
  "Unimplemented",
  "Internal",
  "Unavailable",
  "DataLoss",
  "Unauthenticated",
];

/**
 * The error for a gRPC status that is not OK, as a client of OTLP must take it (OTLP specification, "Failures"; core exporter/otlpexporter):
 * RESOURCE_EXHAUSTED may be tried again only when the server says after which time.
 */
export function exportError(status: GrpcStatus): OtelierError {
  const { code, message, retryAfterMs } = status;
  const throttled = code === grpcCode.resourceExhausted && retryAfterMs !== undefined;
  const retryable = retryableCodes.has(code) || throttled;
  return new OtelierError(`rpc error: code = ${codeNames[code] ?? `Code(${code})`} desc = ${message}`, {
    code: "export-refused",
    outcome: retryable ? "retryable" : "permanent",
    grpcStatus: code,
    ...(retryable && retryAfterMs !== undefined ? { retryAfterMs } : {}),
  });
}
