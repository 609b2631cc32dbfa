/** gRPC status codes, the error that carries one, and google.rpc.Status with RetryInfo as protobuf bytes. */

/** github.com/grpc/grpc, doc/statuscodes.md. */
export const grpcCode = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  dataLoss: 15,
  unauthenticated: 16,
} as const;

export interface GrpcStatus {
  readonly code: number;
  readonly message: string;
  /** The other side asked to be left alone so long (RetryInfo). */
  readonly retryAfterMs?: number;
}

/** Thrown by a gRPC method to answer with a status. */
export class GrpcError extends Error {
  override readonly name = "GrpcError";
  readonly status: GrpcStatus;
  /** What is wrong with the request itself, stable and kebab-case; undefined for what a method answers. */
  readonly reason: string | undefined;

  constructor(status: GrpcStatus, reason?: string) {
    super(status.message);
    this.status = status;
    this.reason = reason;
  }
}

const retryInfoType = "type.googleapis.com/google.rpc.RetryInfo";

/** google.rpc.Status {code = 1, message = 2, details = 3} with at most one detail, a RetryInfo {retry_delay = 1 {seconds = 1, nanos = 2}}. */
export function encodeRpcStatus(status: GrpcStatus): Buffer {
  const parts = [varintField(1, status.code), bytesField(2, Buffer.from(status.message))];
  if (status.retryAfterMs !== undefined) {
    const seconds = Math.floor(status.retryAfterMs / 1000);
    const nanos = Math.round((status.retryAfterMs - seconds * 1000) * 1e6);
    const delay = Buffer.concat([varintField(1, seconds), varintField(2, nanos)]);
    const any = Buffer.concat([
      bytesField(1, Buffer.from(retryInfoType)),
      bytesField(2, bytesField(1, delay, true)),
    ]);
    parts.push(bytesField(3, any));
  }
  return Buffer.concat(parts);
}

/** Reads what `encodeRpcStatus` writes and ignores other details; undefined for bytes that are no message. */
export function decodeRpcStatus(bytes: Uint8Array): GrpcStatus | undefined {
  const fields = readFields(bytes);
  if (fields === undefined) return undefined;
  let code = 0;
  let message = "";
  let retryAfterMs: number | undefined;
  for (const field of fields) {
    if (field.number === 1) code = field.value;
    if (field.number === 2) message = field.bytes.toString();
    if (field.number === 3) retryAfterMs ??= readRetryInfo(field.bytes);
  }
  return retryAfterMs === undefined ? { code, message } : { code, message, retryAfterMs };
}

function readRetryInfo(any: Uint8Array): number | undefined {
  const fields = readFields(any) ?? [];
  if (fields.find((field) => field.number === 1)?.bytes.toString() !== retryInfoType) return undefined;
  const info = readFields(fields.find((field) => field.number === 2)?.bytes ?? new Uint8Array());
  const delay = readFields(info?.find((field) => field.number === 1)?.bytes ?? new Uint8Array()) ?? [];
  const seconds = delay.find((field) => field.number === 1)?.value ?? 0;
  const nanos = delay.find((field) => field.number === 2)?.value ?? 0;
  return seconds * 1000 + nanos / 1e6;
}

interface Field {
  readonly number: number;
  readonly value: number;
  readonly bytes: Buffer;
}

const noBytes = Buffer.alloc(0);

/** Fields of varint and length-delimited type; undefined when the bytes are no message of such fields. */
export function readFields(bytes: Uint8Array): Field[] | undefined {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const fields: Field[] = [];
  for (let at = 0; at < source.length;) {
    const tag = readVarint(source, at);
    if (tag === undefined) return undefined;
    const value = readVarint(source, tag.end);
    if (value === undefined) return undefined;
    const type = tag.value % 8;
    const number = Math.floor(tag.value / 8);
    if (type === 0) {
      fields.push({ number, value: value.value, bytes: noBytes });
      at = value.end;
    } else if (type === 2) {
      at = value.end + value.value;
      if (at > source.length) return undefined;
      fields.push({ number, value: 0, bytes: source.subarray(value.end, at) });
    } else {
      return undefined;
    }
  }
  return fields;
}

function readVarint(bytes: Buffer, start: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let at = start, scale = 1; at < start + 10; at++, scale *= 128) {
    const byte = bytes[at];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, end: at + 1 };
  }
  return undefined;
}

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = value;
  while (rest >= 128) {
    out.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
  return Buffer.from(out);
}

/** A varint field; nothing for 0, which is protobuf's default. */
export function varintField(number: number, value: number): Buffer {
  return value === 0 ? noBytes : Buffer.concat([varint(number * 8), varint(value)]);
}

/** A length-delimited field; nothing for no bytes, unless its presence alone says something. */
export function bytesField(number: number, bytes: Uint8Array, evenEmpty = false): Buffer {
  if (bytes.length === 0 && !evenEmpty) return noBytes;
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

/** Percent-encodes a message for the `grpc-message` header (doc/PROTOCOL-HTTP2.md): all but printable ASCII and "%". */
export function encodeGrpcMessage(message: string): string {
  let out = "";
  for (const byte of Buffer.from(message)) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    out += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return out;
}

/** Undoes `encodeGrpcMessage`; broken escapes stay as they are. */
export function decodeGrpcMessage(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
