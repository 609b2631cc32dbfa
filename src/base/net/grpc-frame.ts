/** The gRPC message frame: a flag byte (1 = compressed, 128 = gRPC-web trailers), a big-endian length, the message. */
import { grpcCode, GrpcError } from "./grpc-status.ts";

export const frameHeaderBytes = 5;
const trailersFlag = 0x80;

export interface Frame {
  readonly compressed: boolean;
  readonly trailers: boolean;
  readonly message: Buffer;
}

/** Wraps one message. */
export function frame(message: Uint8Array, flag = 0): Buffer {
  const out = Buffer.allocUnsafe(frameHeaderBytes + message.length);
  out[0] = flag;
  out.writeUInt32BE(message.length, 1);
  out.set(message, frameHeaderBytes);
  return out;
}

/** The frame of gRPC-web that stands for HTTP/2 trailers. */
export function trailersFrame(trailers: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(trailers).map(([name, value]) => `${name}: ${value}\r\n`);
  return frame(Buffer.from(lines.join(""), "latin1"), trailersFlag);
}

/** The only message of a unary request. Throws a GrpcError with the texts of grpc-go (rpc_util.go) for none, several or cut ones. */
export function unaryFrame(body: Buffer, maxBytes: number): Frame {
  const [first, second] = splitFrames(body, maxBytes);
  if (first === undefined || second !== undefined) {
    const count = first === undefined ? "no" : "several";
    const message = `a unary call needs one request message, got ${count}`;
    throw new GrpcError({ code: grpcCode.internal, message }, "malformed-frame");
  }
  return first;
}

/** All frames of a body, message bytes shared with it. */
export function splitFrames(body: Buffer, maxBytes: number): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < body.length;) {
    if (at + frameHeaderBytes > body.length) throw cutOff();
    const flag = body[at] ?? 0;
    const length = body.readUInt32BE(at + 1);
    if (length > maxBytes) throw messageTooLarge(length, maxBytes);
    const start = at + frameHeaderBytes;
    at = start + length;
    if (at > body.length) throw cutOff();
    frames.push({
      compressed: (flag & 1) === 1,
      trailers: (flag & trailersFlag) !== 0,
      message: body.subarray(start, at),
    });
  }
  return frames;
}

/** RESOURCE_EXHAUSTED as grpc-go answers it (rpc_util.go), without RetryInfo: sending the same again cannot help. */
export function messageTooLarge(bytes: number, maxBytes: number): GrpcError {
  const message = `grpc: received message larger than max (${bytes} vs. ${maxBytes})`;
  return new GrpcError({ code: grpcCode.resourceExhausted, message }, "too-large");
}

function cutOff(): GrpcError {
  const message = "grpc: the message frame is cut off (unexpected EOF)";
  return new GrpcError({ code: grpcCode.internal, message }, "malformed-frame");
}
