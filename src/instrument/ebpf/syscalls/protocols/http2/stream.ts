import type { HeaderTable } from "../../../../../base/net/http2/stream.ts";
import type { SpanRecord } from "../../../spans/record.ts";
import type { Origin } from "../../ancestry/origin.ts";

/** One request and its answer, under way. */
export interface Stream {
  readonly thread: number;
  readonly startNs: bigint;
  endNs: bigint;
  readonly origin: Origin;
  readonly request: HeaderTable;
  answered: boolean;
  status: number;
  /** By grpc-status. */
  code: number | undefined;
  requestBytes: number;
  responseBytes: number;
  failed: boolean;
}

/** Where a stream belongs. */
export interface StreamPlace {
  readonly side: "client" | "server";
  readonly process: number;
  readonly secure: boolean;
  /** "10.0.0.1:80", of the connection. */
  readonly server: string;
  readonly peer: string;
}

/** A call of gRPC over HTTP/2 (grpc, doc/PROTOCOL-HTTP2.md); gRPC-Web is not. */
function isRpc(request: HeaderTable): boolean {
  return /^application\/grpc(?:[+;]|$)/i.test(request["content-type"] ?? "");
}

export function recordOf(stream: Stream, place: StreamPlace): SpanRecord {
  const { origin, request, startNs, endNs } = stream;
  const { side, process } = place;
  const head = { process, startNs, endNs, ...origin, failed: stream.failed };
  const authority = request[":authority"] ?? request["host"] ?? place.server;
  const address = request[":path"] ?? "";
  const mark = address.indexOf("?");
  const path = mark === -1 ? address : address.slice(0, mark);
  if (isRpc(request)) {
    const kind = side === "client" ? "rpc-client" : "rpc-server";
    const failed = stream.failed || (stream.answered && stream.code === undefined);
    return { kind, ...head, failed, code: stream.code, method: path, target: authority };
  }
  return {
    kind: side === "client" ? "http-client" : "http-server",
    ...head,
    status: stream.status,
    secure: place.secure || request[":scheme"] === "https",
    method: request[":method"] ?? "",
    path,
    query: mark === -1 ? "" : address.slice(mark + 1),
    pattern: "",
    host: authority,
    peer: place.peer,
    protocol: "2",
    requestBytes: stream.requestBytes,
    responseBytes: stream.responseBytes,
  };
}
