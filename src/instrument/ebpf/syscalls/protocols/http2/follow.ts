import type { CompleteHeaders } from "../../../../../base/net/http2/header-reader.ts";
import { Http2Error } from "../../../../../base/net/http2/protocol.ts";
import { isTls, type Chunk } from "../../../chunks/chunk.ts";
import { endOf } from "../../../chunks/socket-end.ts";
import { originOf } from "../../ancestry/origin.ts";
import { traceparentOf } from "../../ancestry/traceparent.ts";
import type { Follower, ObservedConnection } from "../follower.ts";
import { Half } from "./half.ts";
import { recordOf, type Stream } from "./stream.ts";

/** Streams of one connection that are followed at a time; others are let go. */
const maxStreams = 1024;

/** Follows both sides of one connection from its first byte; a record for each stream that ends. */
export class Http2Follower implements Follower {
  lost = false;
  private readonly connection: ObservedConnection;
  private readonly streams = new Map<number, Stream>();
  private readonly requests = new Half(
    {
      onHeaders: (headers) => this.onRequest(headers),
      onContent: (stream, bytes) => {
        const found = this.streams.get(stream);
        if (found !== undefined) found.requestBytes += bytes;
      },
      onReset: (stream) => this.onReset(stream),
    },
    true,
  );
  private readonly answers = new Half(
    {
      onHeaders: (headers) => this.onAnswer(headers),
      onContent: (stream, bytes, endStream) => {
        const found = this.streams.get(stream);
        if (found === undefined) return;
        found.responseBytes += bytes;
        found.endNs = this.endedNs;
        if (endStream) this.finish(stream, found);
      },
      onReset: (stream) => this.onReset(stream),
    },
    false,
  );
  private secure = false;
  private thread = 0;
  private endedNs = 0n;
  private beganNs = 0n;

  constructor(connection: ObservedConnection) {
    this.connection = connection;
  }

  get waiting(): number {
    return this.streams.size;
  }

  request(chunk: Chunk): void {
    this.take(chunk, this.requests);
  }

  answer(chunk: Chunk): void {
    this.take(chunk, this.answers);
  }

  end(): void {
    for (const [id, stream] of this.streams) {
      stream.failed = true;
      this.finish(id, stream);
    }
  }

  idle(): void {
    // A stream may wait for as long as it likes: it ends by its frames or with its connection.
  }

  private take(chunk: Chunk, half: Half): void {
    if (this.lost) return;
    this.secure = isTls(chunk);
    this.thread = chunk.thread;
    this.endedNs = chunk.endedNs;
    this.beganNs = chunk.beganNs;
    try {
      this.lost = chunk.gap;
      if (!this.lost) half.push(chunk.data, chunk.size - chunk.data.length);
    } catch (error) {
      if (!(error instanceof Http2Error)) throw error;
      this.lost = true;
    }
    // How what is open ends will not be seen.
    if (this.lost) for (const [id, stream] of this.streams) this.leave(id, stream);
  }

  private onRequest({ stream: id, block }: CompleteHeaders): void {
    // What comes without a method are trailers.
    if (block.fields[":method"] === undefined || this.streams.has(id)) return;
    const { side, socket, ancestry } = this.connection;
    if (this.streams.size >= maxStreams) {
      this.connection.giveUp();
      return;
    }
    const within = side === "client" ? ancestry.within(this.thread) : ancestry.callerOver(socket, id);
    const origin = originOf(traceparentOf(block.fields["traceparent"]), within);
    this.streams.set(id, {
      thread: this.thread,
      startNs: this.beganNs,
      endNs: this.endedNs,
      origin,
      request: block.fields,
      answered: false,
      status: 0,
      code: undefined,
      requestBytes: 0,
      responseBytes: 0,
      failed: false,
    });
    if (side === "client") ancestry.ask(socket, origin, id);
    else ancestry.serve(this.thread, origin);
  }

  private onAnswer({ stream: id, endStream, block }: CompleteHeaders): void {
    const stream = this.streams.get(id);
    if (stream === undefined) return;
    stream.endNs = this.endedNs;
    const status = Number(block.fields[":status"] ?? 0);
    // Those below 200 are followed by another (RFC 9110, 15.2); trailers have none.
    if (status >= 200 && status < 1000) {
      stream.answered = true;
      stream.status = status;
    }
    const code = block.fields["grpc-status"];
    if (code !== undefined && /^\d{1,3}$/.test(code)) stream.code = Number(code);
    if (endStream) this.finish(id, stream);
  }

  private onReset(id: number): void {
    const stream = this.streams.get(id);
    if (stream === undefined) return;
    stream.endNs = this.endedNs;
    stream.failed = true;
    this.finish(id, stream);
  }

  private finish(id: number, stream: Stream): void {
    this.leave(id, stream);
    const { process, side, socket, emit } = this.connection;
    emit(
      recordOf(stream, {
        process,
        side,
        secure: this.secure,
        server: endOf(socket, side === "server" ? "local" : "remote"),
        peer: endOf(socket, "remote"),
      }),
    );
  }

  private leave(id: number, stream: Stream): void {
    const { side, socket, ancestry } = this.connection;
    this.streams.delete(id);
    if (side === "client") ancestry.gotAnswer(socket, stream.origin, id);
    else ancestry.answered(stream.thread, stream.origin);
  }
}
