/** Bytes on a socket, and what they are answered with. */
import { connect, type IncomingHttpHeaders } from "node:http2";
import { createConnection } from "node:net";
import { decodeGrpcMessage } from "../../../src/base/net/grpc-status.ts";
import type { Outcome } from "./case.ts";

/** All that comes until the server closes. `keepOpen`: the client does not end its side. */
export function exchange(port: number, bytes: Buffer, keepOpen = false): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    const pieces: Buffer[] = [];
    socket.on("error", () => undefined);
    socket.on("data", (piece) => pieces.push(piece));
    socket.on("close", () => resolve(Buffer.concat(pieces)));
    if (keepOpen) socket.write(bytes);
    else socket.end(bytes);
  });
}

/** The statuses of the answers on an HTTP/1 connection, and the body of the last. */
export function http1Outcome(received: Buffer): Outcome {
  const text = received.toString("latin1");
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => match[1]);
  if (statuses.length === 0) return { answer: "closed", message: text };
  const body = text.slice(text.lastIndexOf("\r\n\r\n") + 4);
  return { answer: `HTTP ${statuses.join(", then ")}`, message: /^[ -~\s]*$/.test(body) ? body.trim() : "" };
}

export function http2Frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

// RFC 9113, section 7.
const errors: readonly string[] = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
];

/** How the connection ended, else how a stream did. */
export function http2Outcome(received: Buffer): Outcome {
  let reset: string | undefined;
  for (let at = 0; at + 9 <= received.length; at += 9 + received.readUIntBE(at, 3)) {
    const type = received[at + 3];
    if (type === 7) return { answer: `GOAWAY ${errors[received.readUInt32BE(at + 13)]}`, message: "" };
    if (type === 3) reset ??= `RST_STREAM ${errors[received.readUInt32BE(at + 9)]}`;
  }
  return { answer: reset ?? "closed", message: "" };
}

/** A request on an HTTP/2 connection of its own with any headers and body, framed or not. */
export function http2Request(
  port: number,
  headers: Readonly<Record<string, string | number>>,
  body: Buffer,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const session = connect(`http://127.0.0.1:${port}`);
    session.on("error", () => undefined);
    const stream = session.request({ ":method": "POST", ...headers });
    let head: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    let text = "";
    stream.on("response", (all) => (head = all));
    stream.on("trailers", (all) => (trailers = all));
    stream.on("data", (piece: Buffer) => (text += piece.toString("latin1")));
    stream.on("error", () => undefined);
    stream.on("close", () => {
      session.destroy();
      const status = head["grpc-status"] ?? trailers["grpc-status"];
      const message = head["grpc-message"] ?? trailers["grpc-message"];
      const http = head[":status"];
      const answer =
        http === undefined ? `RST_STREAM ${errors[stream.rstCode ?? 0]}` : `HTTP ${String(http)}`;
      resolve({
        answer: status === undefined ? answer : `${answer}, gRPC ${String(status)}`,
        message: message === undefined ? text.trim() : decodeGrpcMessage(String(message)),
      });
    });
    stream.end(body);
  });
}
