import { FrameReader, type FrameSink, withoutPadding } from "../../../../../base/net/http2/frame-reader.ts";
import { HeaderReader, type CompleteHeaders } from "../../../../../base/net/http2/header-reader.ts";
import { clientPreface, Flag, FrameType, protocolError } from "../../../../../base/net/http2/protocol.ts";

/** As large as the protocol lets content be; all other frames are collected, and therefore smaller. */
const maxFrameBytes: number = 2 ** 24 - 1;
const maxCollectedBytes = 65_536;
const maxHeaderBytes = 65_536;
const maxFields = 256;
/** What sides may agree upon beyond the 4,096 bytes of the beginning. */
const maxTableBytes = 65_536;
const promisedBytes = 4;

/** What one side of a connection sends. */
export interface HalfSink {
  onHeaders(headers: CompleteHeaders): void;
  /** Content of a stream, without padding. */
  onContent(stream: number, bytes: number, endStream: boolean): void;
  onReset(stream: number): void;
}

/** Reads what one side of an HTTP/2 connection sends (RFC 9113), from its first byte; headers in their order, as HPACK needs it. */
export class Half implements FrameSink {
  private readonly sink: HalfSink;
  private readonly frames = new FrameReader(this, maxFrameBytes);
  private readonly headers = new HeaderReader(maxHeaderBytes, maxFields, maxTableBytes);
  private content = 0;
  private promised = false;
  /** Bytes of the preface that have not come. */
  private preface: number;

  constructor(sink: HalfSink, isClient: boolean) {
    this.sink = sink;
    this.preface = isClient ? clientPreface.length : 0;
  }

  /** @param missing bytes behind `data` that were not seen. Throws `Http2Error` when the rest cannot be understood */
  push(data: Buffer, missing: number): void {
    const skipped = Math.min(this.preface, data.length);
    this.preface -= skipped;
    this.frames.push(data.subarray(skipped));
    if (!this.frames.skip(missing)) throw protocolError("bytes that were not seen");
  }

  onHead(type: number, _flags: number, stream: number, length: number): void {
    if (type === FrameType.data) this.content = length;
    else if (length > maxCollectedBytes) throw protocolError("a frame that is too large");
    const open = this.headers.openStream;
    if (open !== undefined && (type !== FrameType.continuation || stream !== open))
      throw protocolError("headers that were left open");
  }

  onData(): void {
    // Only how much it is matters.
  }

  onDataEnd(stream: number, endStream: boolean, padding: number): void {
    this.sink.onContent(stream, this.content - padding, endStream);
  }

  onFrame(type: number, flags: number, stream: number, payload: Buffer): void {
    if (type === FrameType.rstStream) this.sink.onReset(stream);
    if (type === FrameType.headers) {
      this.promised = false;
      this.take(this.headers.begin(flags, stream, payload));
    }
    if (type === FrameType.pushPromise) {
      // What is promised is of no interest, but it changes the table.
      this.promised = true;
      const block = withoutPadding(flags, payload).subarray(promisedBytes);
      this.headers.begin(flags & Flag.endHeaders, stream, block);
    }
    if (type === FrameType.continuation) {
      if (this.headers.openStream === undefined) throw protocolError("a continuation of nothing");
      this.take(this.headers.goOn(flags, payload));
    }
  }

  private take(headers: CompleteHeaders | undefined): void {
    if (headers !== undefined && !this.promised) this.sink.onHeaders(headers);
  }
}
