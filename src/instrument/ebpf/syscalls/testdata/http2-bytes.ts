import { encodeFields, type Fields } from "../../../../base/net/http2/hpack-encoder.ts";
import { clientPreface, Flag, frame, FrameType, wordFrame } from "../../../../base/net/http2/protocol.ts";

/** Begins a connection: what a client sends, and what a server does. */
export const clientBegin: Buffer = Buffer.concat([
  clientPreface,
  frame(FrameType.settings, 0, 0, Buffer.alloc(0)),
  wordFrame(FrameType.windowUpdate, 0, 100_000),
]);
export const serverBegin: Buffer = frame(FrameType.settings, 0, 0, Buffer.from("000300000064", "hex"));

export function headers(stream: number, fields: Fields, endStream = false): Buffer {
  return headerFrame(stream, encodeFields(fields), endStream);
}

export function headerFrame(stream: number, block: Buffer, endStream = false): Buffer {
  return frame(FrameType.headers, Flag.endHeaders | (endStream ? Flag.endStream : 0), stream, block);
}

export function content(stream: number, bytes: number, endStream = false): Buffer {
  return frame(FrameType.data, endStream ? Flag.endStream : 0, stream, Buffer.alloc(bytes, 0x78));
}

export function get(stream: number, path: string, more: Fields = {}): Buffer {
  const fields = { ":method": "GET", ":scheme": "http", ":path": path, ":authority": "shop:80" };
  return headers(stream, { ...fields, ...more }, true);
}

/** A call of gRPC with its one message. */
export function rpc(stream: number, path: string): Buffer {
  const fields = { ":method": "POST", ":scheme": "http", ":path": path, ":authority": "shop:80" };
  const begin = headers(stream, { ...fields, "content-type": "application/grpc", te: "trailers" });
  return Buffer.concat([begin, content(stream, 7, true)]);
}
