/**
 * A connection of HTTP/2 (RFC 9113), either side: frames in, streams out. Written for large bodies at little cost: DATA goes to its stream as
 * it was read and leaves as it was given, in one write for many frames; headers are sent without a table to remember. Server push and
 * priorities are not needed for anything of ours. Read next: stream.ts; server.ts and client.ts stand on it.
 */
import type { Socket } from "node:net";
import type { ConnectionOptions } from "./connection-options.ts";
import { FrameReader, type FrameSink } from "./frame-reader.ts";
import { HeaderReader, type CompleteHeaders } from "./header-reader.ts";
import type { Fields } from "./hpack-encoder.ts";
import { Output } from "./output.ts";
import { Patience } from "./patience.ts";
import { readSettings, settingsFrame, type PeerSettings } from "./settings.ts";
import {
  defaultWindow,
  ErrorCode,
  Flag,
  frame,
  FrameType,
  Http2Error,
  maxWindow,
  protocolError,
  wordFrame,
  wrongSize,
} from "./protocol.ts";
import { Http2Stream, type StreamConnection } from "./stream.ts";
import { StreamPump } from "./stream-pump.ts";

export class Http2Connection implements FrameSink, StreamConnection {
  readonly ownStreamWindow: number;
  readonly socket: Socket;
  readonly streams: Map<number, Http2Stream> = new Map();
  readonly #options: ConnectionOptions;
  readonly #reader: FrameReader;
  readonly #headers: HeaderReader;
  readonly #output: Output;
  readonly #pump: StreamPump;
  #settingsSeen = false;
  #receiveWindow: number;
  #taken = 0;
  #lastPeerStream = 0;
  #nextStream = 1;
  readonly #patience: Patience;
  readonly #pings: (() => void)[] = [];
  #goingAway = false;
  #failed: Error | undefined;
  closed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.socket = options.socket;
    this.ownStreamWindow = options.streamWindow;
    this.#patience = new Patience(options.isServer);
    this.#headers = new HeaderReader(options.maxHeaderBytes, options.maxHeaderFields);
    this.#reader = new FrameReader(this, options.maxFrameBytes);
    this.#receiveWindow = options.connectionWindow;
    this.#output = new Output(options.socket, () => this.#pump.run());
    this.#pump = new StreamPump(this.#output);
    options.socket.on("error", (error) => (this.#failed ??= error));
    options.socket.once("close", () => this.#onClose());
  }

  /** Sends our SETTINGS, and whatever must stand in front of them. */
  begin(preface?: Buffer): void {
    const { connectionWindow, streamWindow, maxFrameBytes, maxHeaderBytes, maxStreams } = this.#options;
    if (preface !== undefined) this.#output.add(preface);
    this.#output.add(settingsFrame({ streamWindow, maxFrameBytes, maxHeaderBytes, maxStreams }));
    this.sendFrame(wordFrame(FrameType.windowUpdate, 0, connectionWindow - defaultWindow));
  }

  /** Takes bytes of the other side, behind the preface. */
  receive(chunk: Buffer): void {
    if (this.#failed !== undefined) return;
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.fail(error instanceof Http2Error ? error : new Http2Error(ErrorCode.internalError, String(error)));
    }
  }

  /** No stream can be opened any more, by either side. */
  get isGoingAway(): boolean {
    return this.#goingAway || this.#failed !== undefined || this.closed;
  }

  get peer(): PeerSettings {
    return this.#pump.peer;
  }

  /** Client: opens a stream. */
  open(fields: Fields, events: Http2Stream["events"]): Http2Stream {
    const stream = new Http2Stream(this, this.#nextStream, this.peer.initialWindow);
    this.#nextStream += 2;
    // The next number would not fit; what is open goes on.
    if (this.#nextStream > maxWindow - 2) this.#goingAway = true;
    stream.events = events;
    this.streams.set(stream.id, stream);
    this.sendFields(stream, fields, false);
    return stream;
  }

  ping(onAnswer: () => void): void {
    this.#pings.push(onAnswer);
    this.sendFrame(frame(FrameType.ping, 0, 0, Buffer.alloc(8)));
  }

  /** Lets streams that are open end, and closes then. */
  close(): void {
    if (this.#failed !== undefined || this.closed) return;
    if (!this.#goingAway) this.#sendGoaway(ErrorCode.noError);
    this.#goingAway = true;
    if (this.streams.size === 0) this.#output.end();
  }

  /** Tells the other side, resets everything and closes. */
  fail(error: Http2Error): void {
    if (this.#failed !== undefined || this.closed) return;
    this.#sendGoaway(error.code);
    this.#failed = error;
    this.#output.end();
    for (const stream of this.streams.values()) stream.close(-1);
  }

  destroy(): void {
    this.socket.destroy();
  }

  get failure(): Error | undefined {
    return this.#failed;
  }

  #onClose(): void {
    this.closed = true;
    for (const stream of this.streams.values()) stream.close(-1);
    this.#options.onClose(this.#failed);
  }

  #sendGoaway(code: number): void {
    const payload = Buffer.alloc(8);
    payload.writeUInt32BE(this.#lastPeerStream, 0);
    payload.writeUInt32BE(code, 4);
    this.sendFrame(frame(FrameType.goaway, 0, 0, payload));
  }

  // What streams ask.

  sendFrame(bytes: Buffer): void {
    this.#output.add(bytes);
    this.#output.flushSoon();
  }

  sendFields(stream: Http2Stream, fields: Fields, end: boolean): void {
    this.#pump.sendFields(stream, fields, end);
    this.#output.flushSoon();
  }

  pump(stream: Http2Stream): void {
    this.#pump.add(stream);
  }

  taken(bytes: number): void {
    this.#taken += bytes;
    if (this.#taken * 2 < this.#options.connectionWindow) return;
    this.sendFrame(wordFrame(FrameType.windowUpdate, 0, this.#taken));
    this.#receiveWindow += this.#taken;
    this.#taken = 0;
  }

  forget(stream: Http2Stream): void {
    this.streams.delete(stream.id);
    this.#pump.forget(stream);
    this.#options.onStreamClosed?.();
    if (this.#goingAway && this.streams.size === 0) this.#output.end();
  }

  // What the other side sends.

  onHead(type: number, _flags: number, stream: number, length: number): void {
    if (!this.#settingsSeen && type !== FrameType.settings) throw protocolError("no SETTINGS first");
    if (this.#headers.openStream !== (type === FrameType.continuation ? stream : undefined))
      throw protocolError("headers that do not go on, or nothing that does");
    if (length === 0 && type !== FrameType.settings && type !== FrameType.headers)
      this.#patience.onEmptyFrame();
    if (type !== FrameType.data) return;
    if (stream === 0 || this.#isIdle(stream)) throw protocolError("DATA of a stream that is not open");
    this.#receiveWindow -= length;
    if (this.#receiveWindow < 0) throw new Http2Error(ErrorCode.flowControlError, "more DATA than allowed");
    const open = this.streams.get(stream);
    if (open === undefined) return;
    open.receiveWindow -= length;
    if (open.receiveWindow < 0) throw new Http2Error(ErrorCode.flowControlError, "more DATA than allowed");
    if (open.remoteEnded) open.reset(ErrorCode.streamClosed);
  }

  onData(id: number, bytes: Buffer): void {
    const stream = this.streams.get(id);
    if (stream === undefined) {
      // Was on its way when the stream was reset.
      this.taken(bytes.length);
      return;
    }
    stream.receivedBytes += bytes.length;
    stream.events?.onData(bytes);
  }

  onDataEnd(id: number, endStream: boolean, padding: number): void {
    const stream = this.streams.get(id);
    if (padding > 0) {
      if (stream === undefined) this.taken(padding);
      else stream.consume(padding);
    }
    if (endStream) stream?.noteRemoteEnd();
  }

  onFrame(type: number, flags: number, id: number, payload: Buffer): void {
    switch (type) {
      case FrameType.headers:
        if (id === 0) throw protocolError("HEADERS of the connection");
        if (this.#options.isServer && id % 2 === 0) throw protocolError("a stream with an even number");
        if (!this.#options.isServer && this.#isIdle(id)) throw protocolError("an answer to nothing");
        this.#onFields(this.#headers.begin(flags, id, payload));
        break;
      case FrameType.continuation:
        this.#onFields(this.#headers.goOn(flags, payload));
        break;
      case FrameType.priority:
        if (id === 0) throw protocolError("PRIORITY of the connection");
        this.#patience.onTalk(this.#output.isFull);
        break;
      case FrameType.rstStream:
        if (payload.length !== 4) throw wrongSize("RST_STREAM");
        if (id === 0 || this.#isIdle(id)) throw protocolError("RST_STREAM of a stream that is not open");
        this.#patience.onReset();
        this.streams.get(id)?.close(payload.readUInt32BE(0));
        break;
      case FrameType.settings:
        this.#onSettings(flags, id, payload);
        break;
      case FrameType.pushPromise:
        throw protocolError("PUSH_PROMISE is not allowed");
      case FrameType.ping:
        if (payload.length !== 8) throw wrongSize("PING");
        if (id !== 0) throw protocolError("PING of a stream");
        if ((flags & Flag.ack) !== 0) this.#pings.shift()?.();
        else {
          this.#patience.onTalk(this.#output.isFull);
          this.sendFrame(frame(FrameType.ping, Flag.ack, 0, payload));
        }
        break;
      case FrameType.goaway:
        if (payload.length < 8) throw wrongSize("GOAWAY");
        this.#onGoaway(payload.readUInt32BE(0) & maxWindow);
        break;
      case FrameType.windowUpdate:
        this.#onWindowUpdate(id, payload);
        break;
      default:
      // Frames of extensions are ignored (section 5.5).
    }
  }

  #onFields(complete: CompleteHeaders | undefined): void {
    if (complete === undefined) return;
    const { stream: id, endStream, block } = complete;
    let stream = this.streams.get(id);
    if (stream === undefined) {
      // An answer to a stream that we reset, or a client that went back.
      if (!this.#options.isServer || id <= this.#lastPeerStream) return;
      this.#lastPeerStream = id;
      if (this.#goingAway || this.streams.size >= (this.#options.maxStreams ?? 0)) {
        this.#refuse(id, ErrorCode.refusedStream);
        return;
      }
      stream = new Http2Stream(this, id, this.peer.initialWindow);
      this.streams.set(id, stream);
      if (block.tooLarge) stream.reset(ErrorCode.enhanceYourCalm);
      else if (block.malformed) stream.reset(ErrorCode.protocolError);
      else this.#options.onStream?.(stream, block.fields);
    } else if (block.tooLarge || block.malformed || (this.#options.isServer && !endStream)) {
      stream.reset(ErrorCode.protocolError);
    } else stream.events?.onFields?.(block.fields);
    if (endStream) stream.noteRemoteEnd();
  }

  #refuse(id: number, code: number): void {
    this.#patience.onRefusedStream();
    this.sendFrame(wordFrame(FrameType.rstStream, id, code));
  }

  #onSettings(flags: number, id: number, payload: Buffer): void {
    if (id !== 0) throw protocolError("SETTINGS of a stream");
    this.#settingsSeen = true;
    if ((flags & Flag.ack) !== 0) {
      if (payload.length > 0) throw wrongSize("SETTINGS");
      return;
    }
    if (payload.length % 6 !== 0) throw wrongSize("SETTINGS");
    this.#patience.onSettings();
    const before = this.peer.initialWindow;
    this.#pump.peer = readSettings(payload, this.peer);
    for (const stream of this.streams.values()) {
      stream.sendWindow += this.peer.initialWindow - before;
      if (stream.sendWindow > maxWindow) throw new Http2Error(ErrorCode.flowControlError, "window too large");
    }
    this.sendFrame(frame(FrameType.settings, Flag.ack, 0, Buffer.alloc(0)));
    this.#options.onSettings?.();
    this.#pump.run();
  }

  #onWindowUpdate(id: number, payload: Buffer): void {
    if (payload.length !== 4) throw wrongSize("WINDOW_UPDATE");
    const more = payload.readUInt32BE(0) & maxWindow;
    if (id === 0) {
      if (more === 0) throw protocolError("WINDOW_UPDATE of 0");
      this.#pump.window += more;
      if (this.#pump.window > maxWindow) throw new Http2Error(ErrorCode.flowControlError, "window too large");
    } else {
      if (this.#isIdle(id)) throw protocolError("WINDOW_UPDATE of a stream that is not open");
      const stream = this.streams.get(id);
      if (stream === undefined) return;
      stream.sendWindow += more;
      if (more === 0) stream.reset(ErrorCode.protocolError);
      else if (stream.sendWindow > maxWindow) stream.reset(ErrorCode.flowControlError);
    }
    this.#pump.run();
  }

  #onGoaway(lastStream: number): void {
    this.#goingAway = true;
    this.#options.onGoaway?.();
    for (const stream of this.streams.values()) {
      // It was not looked at, so that it can be sent again.
      if (!this.#options.isServer && stream.id > lastStream) stream.close(ErrorCode.refusedStream);
    }
    if (this.streams.size === 0) this.#output.end();
  }

  #isIdle(id: number): boolean {
    if (this.#options.isServer) return id > this.#lastPeerStream || id % 2 === 0;
    return id >= this.#nextStream || id % 2 === 0;
  }
}
