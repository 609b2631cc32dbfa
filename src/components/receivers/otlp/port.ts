/** One listening port of the receiver: what both protocols need to know about it. */
import type { HttpRequest } from "../../../base/net/http-message.ts";
import { headerOf } from "../../../base/net/http-message.ts";
import { matchesOrigin } from "../../../base/net/http-policy.ts";
import { grpcCode, GrpcError } from "../../../base/net/grpc-status.ts";
import { messageOf, OtelierError } from "../../../base/error.ts";
import type { ServerAuthenticator } from "../../../pipeline/component.ts";
import type { CorsConfig } from "../../../pipeline/settings/http.ts";
import type { Signal } from "../../../telemetry/signal.ts";
import type { Protocol } from "../../../telemetry/batch.ts";
import { tenantAdvice, unauthenticated, type Ports } from "./advice.ts";
import { metadataOf, type Ingest } from "./ingest.ts";
import { requestTenant } from "./tenant.ts";

export interface Port {
  readonly ingest: Ingest;
  readonly authenticator: ServerAuthenticator | undefined;
  /** Each request must name its tenant. */
  readonly multitenancy: boolean;
  readonly keepMetadata: boolean;
  /** Bytes of one gRPC message, compressed and not. */
  readonly maxMessageBytes: number;
  /** Bytes of one HTTP body, compressed and not. */
  readonly maxBodyBytes: number;
  /** Content encodings that HTTP requests may have; "" is none. */
  readonly encodings: ReadonlySet<string>;
  readonly pathOf: Readonly<Record<Signal, string>>;
  readonly cors: CorsConfig | undefined;
  /** Pages of other origins than these may not send, whatever their browser asks first; undefined: not checked, as the Collector does not. */
  readonly trustedOrigins: readonly string[] | undefined;
  readonly ports: () => Ports;
  /** True from the moment that the receiver shuts down. */
  readonly isStopping: () => boolean;
}

/** Lets a request in before its body is read, or throws what `statusOfError` understands. */
export async function admit(port: Port, request: HttpRequest, protocol: Protocol): Promise<void> {
  if (port.isStopping()) {
    throw new GrpcError({ code: grpcCode.unavailable, message: "the receiver is shutting down" });
  }
  const origin = headerOf(request, "origin");
  const trusted = port.trustedOrigins;
  if (
    origin !== undefined &&
    trusted !== undefined &&
    !trusted.some((pattern) => matchesOrigin(pattern, origin))
  ) {
    port.ingest.refuse(request, protocol, "foreign-origin", {});
    const message = `pages of ${origin} may not send here; allow it with cors.allowed_origins`;
    throw new GrpcError({ code: grpcCode.permissionDenied, message });
  }
  if (port.authenticator !== undefined) await authenticate(port, port.authenticator, request, protocol);
  if (port.multitenancy) checkTenant(port, request, protocol);
}

async function authenticate(
  port: Port,
  authenticator: ServerAuthenticator,
  request: HttpRequest,
  protocol: Protocol,
): Promise<void> {
  try {
    await authenticator.authenticate(metadataOf(request));
  } catch (error) {
    port.ingest.refuse(request, protocol, "unauthenticated", { advice: unauthenticated(messageOf(error)) });
    throw new GrpcError({ code: grpcCode.unauthenticated, message: messageOf(error) });
  }
}

function checkTenant(port: Port, request: HttpRequest, protocol: Protocol): void {
  try {
    requestTenant(request);
  } catch (error) {
    if (!(error instanceof OtelierError)) throw error;
    const code = error.code === "no-org-id" ? error.code : "bad-org-id";
    port.ingest.refuse(request, protocol, code, { advice: tenantAdvice(code, messageOf(error)) });
    throw error;
  }
}
