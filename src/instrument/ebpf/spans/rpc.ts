/** gRPC in the names of OpenTelemetry's semantic conventions for RPC (release candidate). */
import type { RpcRecord } from "./record.ts";

/** By their numbers (grpc, doc/statuscodes.md). */
const codes =
  "OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED".split(
    " ",
  );
/** Of a server only these are failures of its own. */
const serverErrors = new Set(
  "UNKNOWN DEADLINE_EXCEEDED UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS".split(" "),
);

export interface RpcSpan {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string | number>;
  readonly failed: boolean;
}

export function rpcSpan(record: RpcRecord): RpcSpan {
  const isServer = record.kind === "rpc-server";
  const asked = record.method.replace(/^\//, "");
  const status = record.code === undefined ? undefined : (codes[record.code] ?? String(record.code));
  // Callers choose what they ask a server for: what it may not have must not make new series.
  const method = isServer && status === "UNIMPLEMENTED" ? "_OTHER" : asked;
  const attributes = new Map<string, string | number>([
    ["rpc.system.name", "grpc"],
    ["rpc.method", method],
  ]);
  if (method !== asked) attributes.set("rpc.method_original", asked);
  if (status !== undefined) attributes.set("rpc.status_code", status);
  if (record.target !== "") {
    const { address, port } = serverOf(record.target);
    attributes.set("server.address", address);
    if (port !== undefined) attributes.set("server.port", port);
  }
  const failed =
    record.failed || (status !== undefined && (isServer ? serverErrors.has(status) : status !== "OK"));
  if (failed) attributes.set("error.type", status ?? "_OTHER");
  return { name: method === "_OTHER" ? "grpc" : method, attributes, failed };
}

/** A target by gRPC's name resolution (grpc, doc/naming.md); schemes that are not known stay as they are. */
function serverOf(target: string): { readonly address: string; readonly port?: number } {
  if (target.startsWith("unix:")) return { address: target.slice(5).replace(/^\/\/(?=\/)/, "") };
  const [, scheme] = /^([a-z][\w+.-]*):\/\//i.exec(target) ?? [];
  if (scheme !== undefined && scheme !== "dns" && scheme !== "passthrough") return { address: target };
  const name = target.replace(/^\w+:\/\/[^/]*\//, "").replace(/^dns:/, "");
  const [, host = name, port] = /^\[?([^\]]*?)\]?(?::(\d+))?$/.exec(name) ?? [];
  if (host.includes(":") && !name.startsWith("[")) return { address: target };
  return port === undefined ? { address: host } : { address: host, port: Number(port) };
}
