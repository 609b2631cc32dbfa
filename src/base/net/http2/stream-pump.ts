/** What goes out of a connection's streams: fields as frames at once, data in turn as far as windows and the socket allow (RFC 9113, sections 5.2 and 6.9). */
import { encodeFields, type Fields } from "./hpack-encoder.ts";
import type { Output } from "./output.ts";
import { defaultFrameBytes, defaultWindow, Flag, frame, frameHead, FrameType } from "./protocol.ts";
import type { PeerSettings } from "./settings.ts";
import type { Http2Stream } from "./stream.ts";

export class StreamPump {
  readonly #output: Output;
  /** Streams that have something to send, or may have. */
  readonly #waiting: Set<Http2Stream> = new Set();
  /** What the other side takes. */
  peer: PeerSettings = {
    initialWindow: defaultWindow,
    maxFrameBytes: defaultFrameBytes,
    maxStreams: undefined,
  };
  /** Bytes of DATA that all streams together may send. */
  window: number = defaultWindow;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Sends what the stream has, now and whenever there is room. */
  add(stream: Http2Stream): void {
    this.#waiting.add(stream);
    this.run();
  }

  forget(stream: Http2Stream): void {
    this.#waiting.delete(stream);
  }

  /** Adds HEADERS, and CONTINUATION where one frame is too small; whoever calls flushes. */
  sendFields(stream: Http2Stream, fields: Fields, end: boolean): void {
    const block = encodeFields(fields);
    const limit = this.peer.maxFrameBytes;
    for (let at = 0; at === 0 || at < block.length; at += limit) {
      const isLast = at + limit >= block.length;
      const flags = (isLast ? Flag.endHeaders : 0) | (at === 0 && end ? Flag.endStream : 0);
      const type = at === 0 ? FrameType.headers : FrameType.continuation;
      this.#output.add(frame(type, flags, stream.id, block.subarray(at, at + limit)));
    }
  }

  /** Sends a frame of each stream in turn, until windows or the socket are full. */
  run(): void {
    for (let moved = true; moved && !this.#output.isFull;) {
      moved = false;
      for (const stream of this.#waiting) {
        if (this.#output.isFull) break;
        moved = this.#sendFrame(stream) || moved;
      }
    }
    this.#output.flushSoon();
  }

  #sendFrame(stream: Http2Stream): boolean {
    if (!stream.hasOutgoing) {
      this.#waiting.delete(stream);
      return false;
    }
    const limit = Math.min(this.peer.maxFrameBytes, this.window, stream.sendWindow);
    const { pieces, length, end, trailers } = stream.take(Math.max(limit, 0));
    if (length === 0 && !end && trailers === undefined) return false;
    this.window -= length;
    stream.sendWindow -= length;
    if (length > 0 || end) {
      this.#output.add(frameHead(length, FrameType.data, end ? Flag.endStream : 0, stream.id));
      for (const piece of pieces) this.#output.add(piece);
    }
    if (trailers !== undefined) this.sendFields(stream, trailers, true);
    if (end || trailers !== undefined) {
      this.#waiting.delete(stream);
      stream.noteLocalEnd();
    }
    return true;
  }
}
