/** OTLP over gRPC and gRPC-web: the Export method of three services. */
import { messageOf, OtelierError } from "../../../base/error.ts";
import {
  grpcHandler,
  type GrpcCall,
  type GrpcFlavour,
  type GrpcMethod,
} from "../../../base/net/grpc-server.ts";
import { GrpcError } from "../../../base/net/grpc-status.ts";
import type { HttpHandler, HttpRequest } from "../../../base/net/http-message.ts";
import type { Protocol } from "../../../telemetry/batch.ts";
import type { Signal } from "../../../telemetry/signal.ts";
import { malformed, tooLarge, wrongPort } from "./advice.ts";
import { responseMessage } from "./answer.ts";
import { admit, type Port } from "./port.ts";
import { statusOfError } from "./status.ts";

const serviceOf: Readonly<Record<Signal, string>> = {
  traces: "opentelemetry.proto.collector.trace.v1.TraceService",
  metrics: "opentelemetry.proto.collector.metrics.v1.MetricsService",
  logs: "opentelemetry.proto.collector.logs.v1.LogsService",
};

export function otlpGrpcHandler(port: Port): HttpHandler {
  const services = new Map<string, ReadonlyMap<string, GrpcMethod>>();
  for (const signal of ["traces", "metrics", "logs"] as const) {
    if (!port.ingest.takes(signal)) continue;
    services.set(serviceOf[signal], new Map([["Export", (call) => exportCall(port, signal, call)]]));
  }
  return grpcHandler({
    services,
    maxMessageBytes: port.maxMessageBytes,
    admit: (request, flavour) => admitCall(port, request, protocolOf(flavour)),
    onRefused: (request, flavour, status, error) => {
      if (error instanceof OtelierError && (error.code === "overloaded" || error.code === "body-timeout")) {
        port.ingest.refuse(request, protocolOf(flavour), error.code, {});
        return;
      }
      if (!(error instanceof GrpcError) || error.reason === undefined) return;
      const advice =
        error.reason === "too-large"
          ? tooLarge(port.maxMessageBytes, "protocols.grpc.max_recv_msg_size_mib")
          : malformed(status.message);
      port.ingest.refuse(request, protocolOf(flavour), error.reason, { advice });
    },
  });
}

async function admitCall(port: Port, request: HttpRequest, protocol: Protocol): Promise<void> {
  try {
    await admit(port, request, protocol);
  } catch (error) {
    throw new GrpcError(statusOfError(error));
  }
}

function protocolOf(flavour: GrpcFlavour): Protocol {
  return flavour === "grpc" ? "grpc" : "grpc-web";
}

async function exportCall(port: Port, signal: Signal, call: GrpcCall): Promise<Uint8Array> {
  const { request, message } = call;
  const protocol = protocolOf(call.flavour);
  const advice = wrongPort(protocol, request.localPort, port.ports(), request.encrypted ? "https" : "http");
  try {
    const rejected = await port.ingest.take({
      request,
      signal,
      protocol,
      bytes: message,
      compression: call.compression,
      wireBytes: call.wireBytes,
      keepMetadata: port.keepMetadata,
      ...(advice === undefined ? {} : { advice }),
    });
    return responseMessage(rejected);
  } catch (error) {
    if (error instanceof OtelierError && error.code === "malformed-otlp") {
      port.ingest.refuse(request, protocol, error.code, {
        advice: malformed(messageOf(error)),
        bytes: message,
      });
    }
    throw new GrpcError(statusOfError(error));
  }
}
