/**
 * OTLP/gRPC as cheaply as a native sender sends it: all frames of a request lie in one buffer that was made before, only the number of the stream is
 * written into them, and the buffer is one write. So that a benchmark that shares its cores with what it measures takes little of them.
 */
import { connect, type Socket } from "node:net";
import { frameHeaderBytes } from "../src/base/net/grpc-frame.ts";
import { FrameReader, type FrameSink } from "../src/base/net/http2/frame-reader.ts";
import { HeaderReader } from "../src/base/net/http2/header-reader.ts";
import { encodeFields } from "../src/base/net/http2/hpack-encoder.ts";
import {
  clientPreface,
  defaultWindow,
  Flag,
  frame,
  frameHead,
  frameHeadBytes,
  FrameType,
  wordFrame,
} from "../src/base/net/http2/protocol.ts";
import { readSettings, settingsFrame } from "../src/base/net/http2/settings.ts";

const largestFrame: number = 64 * 1024;
const ownWindow: number = 1024 * 1024;
const maxHeaderBytes: number = 64 * 1024;

export interface PreparedCall {
  readonly bytes: Buffer;
  /** Where the heads of frames begin in it. */
  readonly heads: readonly number[];
  /** What counts against windows. */
  readonly dataBytes: number;
  /** Where a byte of the message lies in `bytes`. */
  readonly offsetOf: (position: number) => number;
}

/** The frames of a unary call with this message, uncompressed. */
export function prepareCall(path: string, hostPort: string, message: Uint8Array): PreparedCall {
  const fields = encodeFields({
    ":method": "POST",
    ":scheme": "http",
    ":authority": hostPort,
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
    "user-agent": "bench",
    "grpc-accept-encoding": "identity,gzip,deflate",
  });
  const body = Buffer.allocUnsafe(frameHeaderBytes + message.length);
  body[0] = 0;
  body.writeUInt32BE(message.length, 1);
  body.set(message, frameHeaderBytes);
  const pieces: Buffer[] = [frame(FrameType.headers, Flag.endHeaders, 0, fields)];
  const heads = [0];
  let at = pieces[0]!.length;
  for (let from = 0; from < body.length; from += largestFrame) {
    const content = body.subarray(from, from + largestFrame);
    const flags = from + largestFrame >= body.length ? Flag.endStream : 0;
    heads.push(at);
    pieces.push(frameHead(content.length, FrameType.data, flags, 0), content);
    at += frameHeadBytes + content.length;
  }
  const first = pieces[0]!.length;
  const offsetOf = (position: number): number => {
    const inBody = position + frameHeaderBytes;
    return first + inBody + (Math.floor(inBody / largestFrame) + 1) * frameHeadBytes;
  };
  return { bytes: Buffer.concat(pieces), heads, dataBytes: body.length, offsetOf };
}

interface Waiting {
  readonly call: PreparedCall;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** One connection, opened at once. A call is only prepared for one send at a time: its frames are written to. */
export class PreparedGrpcClient implements FrameSink {
  readonly #socket: Socket;
  readonly #reader: FrameReader = new FrameReader(this, largestFrame);
  readonly #headers: HeaderReader = new HeaderReader(maxHeaderBytes, 256);
  readonly #waiting: Waiting[] = [];
  readonly #running: Map<number, Waiting> = new Map();
  #nextStream = 1;
  #window: number = defaultWindow;
  #streamWindow = 0;
  #taken = 0;
  #failure: Error | undefined;

  constructor(port: number) {
    this.#socket = connect({ host: "127.0.0.1", port, noDelay: true });
    this.#socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("close", () => this.#fail(new Error("the server closed the connection")));
    this.#socket.write(clientPreface);
    const own = {
      streamWindow: ownWindow,
      maxFrameBytes: largestFrame,
      maxHeaderBytes,
      maxStreams: undefined,
    };
    this.#socket.write(settingsFrame(own));
  }

  /** Rejects unless the call is answered with status 0. */
  send(call: PreparedCall): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, resolve, reject });
      this.#pump();
    });
  }

  close(): void {
    this.#socket.removeAllListeners("close");
    this.#socket.destroy();
  }

  /** Whole calls only: the windows are far larger than one. */
  #pump(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const { bytes, heads, dataBytes } = next.call;
      if (this.#streamWindow === 0 || dataBytes > this.#window) return;
      if (dataBytes > this.#streamWindow) {
        this.#fail(new Error("a message is larger than the window of a stream"));
        return;
      }
      this.#waiting.shift();
      this.#window -= dataBytes;
      const stream = this.#nextStream;
      this.#nextStream += 2;
      this.#running.set(stream, next);
      for (const head of heads) bytes.writeUInt32BE(stream, head + 5);
      this.#socket.write(bytes);
    }
  }

  #receive(chunk: Buffer): void {
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of [...this.#running.values(), ...this.#waiting]) reject(this.#failure);
    this.#running.clear();
    this.#waiting.length = 0;
  }

  onHead(): void {}

  onData(_stream: number, bytes: Buffer): void {
    this.#taken += bytes.length;
    if (this.#taken * 2 < defaultWindow) return;
    this.#socket.write(wordFrame(FrameType.windowUpdate, 0, this.#taken));
    this.#taken = 0;
  }

  onDataEnd(): void {}

  onFrame(type: number, flags: number, stream: number, payload: Buffer): void {
    if (type === FrameType.headers) this.#onHeaders(flags, stream, payload);
    else if (type === FrameType.windowUpdate) {
      if (stream === 0) this.#window += payload.readUInt32BE(0);
      this.#pump();
    } else if (type === FrameType.settings && (flags & Flag.ack) === 0) {
      const known = { initialWindow: defaultWindow, maxFrameBytes: 0, maxStreams: undefined };
      const { initialWindow, maxFrameBytes } = readSettings(payload, known);
      if (maxFrameBytes < largestFrame) throw new Error(`frames of ${largestFrame} bytes are too large`);
      this.#streamWindow = initialWindow;
      this.#socket.write(frame(FrameType.settings, Flag.ack, 0, Buffer.alloc(0)));
      this.#pump();
    } else if (type === FrameType.ping && (flags & Flag.ack) === 0) {
      this.#socket.write(frame(FrameType.ping, Flag.ack, 0, payload));
    } else if (type === FrameType.rstStream || type === FrameType.goaway) {
      throw new Error("the server refused a call");
    }
  }

  #onHeaders(flags: number, stream: number, payload: Buffer): void {
    const complete = this.#headers.begin(flags, stream, payload);
    if (complete?.endStream !== true) return;
    const { fields } = complete.block;
    const running = this.#running.get(stream);
    this.#running.delete(stream);
    if (fields["grpc-status"] === "0") running?.resolve();
    else running?.reject(new Error(`answered with ${fields["grpc-status"]}: ${fields["grpc-message"]}`));
  }
}
