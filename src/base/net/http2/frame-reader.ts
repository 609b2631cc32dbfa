import { ErrorCode, Flag, frameHeadBytes, FrameType, Http2Error } from "./protocol.ts";

/** Who takes the frames. What it throws goes through to whoever gave the bytes. */
export interface FrameSink {
  /** A head was read: the place to refuse what must not come. */
  onHead(type: number, flags: number, stream: number, length: number): void;
  /** Content of a DATA frame as it arrives, in any number of pieces, memory of the read. */
  onData(stream: number, bytes: Buffer): void;
  /** A DATA frame is complete; `padding` counts its length byte. */
  onDataEnd(stream: number, endStream: boolean, padding: number): void;
  /** Any other frame, whole. */
  onFrame(type: number, flags: number, stream: number, payload: Buffer): void;
}

/**
 * Cuts the bytes of a connection into frames. DATA is handed on as it arrives and never copied, all else is collected; nothing is held beyond
 * one frame.
 */
export class FrameReader {
  readonly #sink: FrameSink;
  readonly #maxFrameBytes: number;
  readonly #head: Buffer = Buffer.alloc(frameHeadBytes);
  #headFilled = 0;
  #inFrame = false;
  #type = 0;
  #flags = 0;
  #stream = 0;
  /** Bytes of the payload that have not come. */
  #left = 0;
  /** Bytes at the end of DATA that are padding; undefined until its length byte was read. */
  #padding: number | undefined;
  #pieces: Buffer[] = [];

  constructor(sink: FrameSink, maxFrameBytes: number) {
    this.#sink = sink;
    this.#maxFrameBytes = maxFrameBytes;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (!this.#inFrame) at = this.#readHead(chunk, at);
      if (!this.#inFrame) continue;
      at = this.#type === FrameType.data ? this.#readData(chunk, at) : this.#readWhole(chunk, at);
    }
  }

  /** Passes over bytes that are not there; false when more than content of one DATA frame is missing: nothing can be read any more. */
  skip(count: number): boolean {
    if (count === 0) return true;
    const isContent = this.#inFrame && this.#type === FrameType.data && this.#padding !== undefined;
    if (!isContent || count > this.#left) return false;
    this.#left -= count;
    if (this.#left === 0) this.#finish(this.#head.subarray(0, 0));
    return true;
  }

  #readHead(chunk: Buffer, at: number): number {
    let head = chunk;
    let start = at;
    let end = at + frameHeadBytes;
    if (this.#headFilled > 0 || end > chunk.length) {
      end = Math.min(chunk.length, at + frameHeadBytes - this.#headFilled);
      chunk.copy(this.#head, this.#headFilled, at, end);
      this.#headFilled += end - at;
      if (this.#headFilled < frameHeadBytes) return end;
      this.#headFilled = 0;
      head = this.#head;
      start = 0;
    }
    this.#left = (head[start]! << 16) | (head[start + 1]! << 8) | head[start + 2]!;
    this.#type = head[start + 3]!;
    this.#flags = head[start + 4]!;
    this.#stream = head.readUInt32BE(start + 5) & 0x7fffffff;
    if (this.#left > this.#maxFrameBytes) {
      throw new Http2Error(ErrorCode.frameSizeError, `a frame of ${this.#left} bytes`);
    }
    this.#inFrame = true;
    this.#padding = (this.#flags & Flag.padded) === 0 ? 0 : undefined;
    this.#sink.onHead(this.#type, this.#flags, this.#stream, this.#left);
    // Nothing more may come for a frame without payload, so it ends here.
    if (this.#left === 0) this.#finish(chunk.subarray(0, 0));
    return end;
  }

  #readData(chunk: Buffer, start: number): number {
    let at = start;
    if (this.#padding === undefined) {
      this.#padding = chunk[at++]!;
      if (this.#padding > --this.#left) throw new Http2Error(ErrorCode.protocolError, "padding is too long");
    }
    const end = Math.min(chunk.length, at + this.#left);
    const contentEnd = Math.min(end, at + this.#left - this.#padding);
    if (contentEnd > at) this.#sink.onData(this.#stream, chunk.subarray(at, contentEnd));
    this.#left -= end - at;
    if (this.#left === 0) this.#finish(chunk);
    return end;
  }

  #readWhole(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#left);
    const piece = chunk.subarray(at, end);
    this.#left -= piece.length;
    if (this.#left > 0) {
      // Kept beyond this read: a copy, so that a few bytes do not hold all of it.
      this.#pieces.push(Buffer.from(piece));
      return end;
    }
    this.#finish(this.#pieces.length === 0 ? piece : Buffer.concat([...this.#pieces, piece]));
    return end;
  }

  #finish(payload: Buffer): void {
    this.#inFrame = false;
    this.#pieces = [];
    const flags = this.#flags;
    if (this.#type !== FrameType.data) {
      this.#sink.onFrame(this.#type, flags, this.#stream, payload);
      return;
    }
    if (this.#padding === undefined) throw new Http2Error(ErrorCode.frameSizeError, "no room for padding");
    const padding = (flags & Flag.padded) === 0 ? 0 : this.#padding + 1;
    this.#sink.onDataEnd(this.#stream, (flags & Flag.endStream) !== 0, padding);
  }
}

/** A payload without the padding that its flags announce. */
export function withoutPadding(flags: number, payload: Buffer): Buffer {
  if ((flags & Flag.padded) === 0) return payload;
  const padding = payload[0];
  if (padding === undefined) throw new Http2Error(ErrorCode.frameSizeError, "no room for padding");
  if (padding > payload.length - 1) throw new Http2Error(ErrorCode.protocolError, "padding is too long");
  return payload.subarray(1, payload.length - padding);
}
