import type { DatabaseRecord } from "./database.ts";
import type { DnsRecord } from "./dns.ts";
import { databaseBytes, libraryCall } from "./library-call.ts";
import type { MessagingRecord } from "./messaging.ts";

/** Reads the records of bpf/span.h. */
export interface RecordHead {
  readonly process: number;
  /** CLOCK_MONOTONIC, nanoseconds. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  /** Undefined for a root. */
  readonly parentId: Uint8Array | undefined;
  readonly failed: boolean;
  /** Whether the span shall be sent; it counts in metrics in any case. */
  readonly sampled: boolean;
}

export interface HttpRecord extends RecordHead {
  readonly kind: "http-server" | "http-client";
  /** 0 when none was seen. */
  readonly status: number;
  readonly secure: boolean;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** The mux's pattern as registered: "GET /products/{sku}"; "" when none matched. */
  readonly pattern: string;
  readonly host: string;
  readonly peer: string;
  /** "1.1"; "" when it is not known. */
  readonly protocol: string;
  /** Bytes of the bodies, where they were counted. */
  readonly requestBytes?: number;
  readonly responseBytes?: number;
}

export interface SqlRecord extends RecordHead {
  readonly kind: "sql";
  readonly text: string;
  /** True when the program's text was longer. */
  readonly cut: boolean;
}

export interface RpcRecord extends RecordHead {
  readonly kind: "rpc-server" | "rpc-client";
  /** gRPC's code; undefined when none was seen. */
  readonly code: number | undefined;
  /** "/package.Service/Method". */
  readonly method: string;
  /** What a client was told to call: "dns:///shop:50051"; of a server, the authority by which it was asked, where that is seen. */
  readonly target: string;
}

export type SpanRecord = HttpRecord | SqlRecord | RpcRecord | DatabaseRecord | DnsRecord | MessagingRecord;

const [server, client, sql, rpcServer, rpcClient, database] = [1, 2, 3, 4, 5, 6];
/** `line`: where it says whether method and path of a request stand as in its line. */
export const recordBytes = { head: 80, rpc: 400, line: 79 } as const;
/** Bytes that a record keeps at most of the method, host, path, query, peer and route of a request, in the order of their lengths. */
export const httpRooms = [16, 96, 256, 128, 64, 160] as const;
/** Which of them stand one behind the other. */
const textOrder = [4, 0, 2, 3, 1, 5] as const;

/** The record in `bytes`, copied out; undefined when it is none. */
export function readRecord(bytes: Buffer): SpanRecord | undefined {
  const kind = bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
  if ((kind === server || kind === client) && bytes.length >= recordBytes.head) {
    return readHttp(bytes, kind === server ? "http-server" : "http-client");
  }
  if ((kind === rpcServer || kind === rpcClient) && bytes.length >= recordBytes.rpc) {
    return readRpc(bytes, kind === rpcServer ? "rpc-server" : "rpc-client");
  }
  if (kind === database && bytes.length >= databaseBytes) return libraryCall(bytes, readHead(bytes));
  if (kind !== sql || bytes.length < recordBytes.head) return undefined;
  const length = bytes.readUInt16LE(64);
  if (bytes.length < recordBytes.head + Math.min(length, 1024)) return undefined;
  return { kind: "sql", ...readHead(bytes), text: textAt(bytes, 80, length, 1024), cut: length > 1024 };
}

/** Whose request to a server the record in [begin, end) of `bytes` is; undefined when it is none. */
export function clientOf(
  bytes: Buffer,
  begin: number,
  end: number,
): { readonly process: number; readonly peer: string } | undefined {
  if (end - begin < recordBytes.head || bytes.readUInt32LE(begin) !== server) return undefined;
  const from = begin + recordBytes.head;
  const length = Math.min(bytes.readUInt16LE(begin + 72), httpRooms[4]);
  return { process: bytes.readUInt32LE(begin + 4), peer: bytes.toString("latin1", from, from + length) };
}

function readHead(bytes: Buffer): RecordHead {
  const parentId = Uint8Array.from(bytes.subarray(48, 56));
  return {
    process: bytes.readUInt32LE(4),
    startNs: bytes.readBigUInt64LE(8),
    endNs: bytes.readBigUInt64LE(16),
    traceId: Uint8Array.from(bytes.subarray(24, 40)),
    spanId: Uint8Array.from(bytes.subarray(40, 48)),
    parentId: parentId.some((byte) => byte !== 0) ? parentId : undefined,
    failed: bytes[60] !== 0,
    sampled: bytes[62] !== 0,
  };
}

function readHttp(bytes: Buffer, kind: HttpRecord["kind"]): HttpRecord | undefined {
  const major = bytes[63]!;
  const isLine = bytes[recordBytes.line] !== 0;
  let at: number = recordBytes.head;
  const [peer = "", method = "", target = "", ownQuery = "", host = "", pattern = ""] = textOrder.map(
    (index) => {
      if (isLine && index === 2) at++;
      const start = at;
      at += Math.min(bytes.readUInt16LE(64 + 2 * index), httpRooms[index]);
      return bytes.toString("utf8", start, at);
    },
  );
  if (at > bytes.length) return undefined;
  const [path, query] = isLine ? splitTarget(target) : [target, ownQuery];
  return {
    kind,
    ...readHead(bytes),
    status: bytes.readUInt32LE(56),
    secure: bytes[61] !== 0,
    method,
    host,
    path,
    query,
    peer,
    pattern,
    protocol: major === 0 ? "" : major >= 2 ? String(major) : `${major}.${bytes.readUInt16LE(76)}`,
  };
}

/** Path and query of what a request line asks for, the path without escapes, as url.ParseRequestURI of Go's net/url has them. */
function splitTarget(target: string): readonly [path: string, query: string] {
  const end = target.indexOf("?");
  const path = end === -1 ? target : target.slice(0, end);
  const bytes = Buffer.from(path).toString("latin1");
  const plain = bytes.replaceAll(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return [Buffer.from(plain, "latin1").toString(), end === -1 ? "" : target.slice(end + 1)];
}

function readRpc(bytes: Buffer, kind: RpcRecord["kind"]): RpcRecord {
  const status = bytes.readUInt32LE(56);
  return {
    kind,
    ...readHead(bytes),
    code: status === 0 ? undefined : status - 1,
    method: textAt(bytes, 80, bytes.readUInt16LE(64), 192),
    target: textAt(bytes, 272, bytes.readUInt16LE(66), 128),
  };
}

function textAt(bytes: Buffer, start: number, length: number, room: number): string {
  return bytes.toString("utf8", start, start + Math.min(length, room));
}
