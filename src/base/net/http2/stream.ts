/** One request and its answer on a connection, seen from either side. */
import type { Fields } from "./hpack-encoder.ts";
import { ErrorCode, FrameType, wordFrame } from "./protocol.ts";

/** Names in lower case; a name that came several times is joined. */
export type HeaderTable = Readonly<Record<string, string>>;

/** What a stream asks of its connection. */
export interface StreamConnection {
  readonly ownStreamWindow: number;
  sendFields(stream: Http2Stream, fields: Fields, end: boolean): void;
  sendFrame(frame: Buffer): void;
  /** There is something to send on the stream. */
  pump(stream: Http2Stream): void;
  /** So many bytes of DATA have been taken, so that as many may come. */
  taken(bytes: number): void;
  forget(stream: Http2Stream): void;
}

/** What happens on a stream; whoever opened it or answers it sets these at once. */
export interface StreamEvents {
  /** The headers of an answer, or trailers. */
  onFields?(fields: HeaderTable): void;
  /** Memory of the read: `consume` its length when it is taken or dropped. */
  onData(bytes: Buffer): void;
  /** The other side has sent all. */
  onEnd(): void;
  /** Once. `code` is that of a reset by either side; undefined when both sides had ended, -1 when the connection broke. */
  onClose(code: number | undefined): void;
}

interface Outgoing {
  readonly bytes: Uint8Array;
  readonly onSent: (() => void) | undefined;
}

export class Http2Stream {
  readonly id: number;
  readonly #connection: StreamConnection;
  events: StreamEvents | undefined;
  /** Bytes that the other side lets us send; below 0 after it made its window smaller. */
  sendWindow: number;
  /** Bytes that the other side may send. */
  receiveWindow: number;
  receivedBytes = 0;
  /** `content-length` of what is received, checked at its end. */
  declaredBytes: number | undefined;
  localEnded = false;
  remoteEnded = false;
  closed = false;
  #taken = 0;
  #outgoing: Outgoing[] = [];
  /** Bytes of the first piece that were sent. */
  #sent = 0;
  #ending = false;
  #trailers: Fields | undefined;

  constructor(connection: StreamConnection, id: number, sendWindow: number) {
    this.#connection = connection;
    this.id = id;
    this.sendWindow = sendWindow;
    this.receiveWindow = connection.ownStreamWindow;
  }

  /** Sends headers; `end`: nothing follows. */
  respond(fields: Fields, end: boolean): void {
    if (this.closed) return;
    this.#connection.sendFields(this, fields, end);
    if (end) this.noteLocalEnd();
  }

  /** Queues bytes, which are kept and must not change. `onSent` is called when all of them are on their way or never will be. */
  write(bytes: Uint8Array, onSent?: () => void): void {
    if (this.closed || this.#ending) {
      onSent?.();
      return;
    }
    if (bytes.length > 0) this.#outgoing.push({ bytes, onSent });
    else onSent?.();
  }

  /** Sends what was written. */
  flush(): void {
    if (!this.closed) this.#connection.pump(this);
  }

  /** Ends our side behind what was written. */
  end(trailers?: Fields): void {
    if (this.closed || this.#ending) return;
    this.#ending = true;
    this.#trailers = trailers;
    this.#connection.pump(this);
  }

  /** Ends both sides at once. */
  reset(code: number): void {
    if (this.closed) return;
    this.#connection.sendFrame(wordFrame(FrameType.rstStream, this.id, code));
    this.close(code);
  }

  /** Bytes of DATA were taken. */
  consume(bytes: number): void {
    this.#connection.taken(bytes);
    if (this.closed || this.remoteEnded) return;
    this.#taken += bytes;
    if (this.#taken * 2 < this.#connection.ownStreamWindow) return;
    this.#connection.sendFrame(wordFrame(FrameType.windowUpdate, this.id, this.#taken));
    this.receiveWindow += this.#taken;
    this.#taken = 0;
  }

  get hasOutgoing(): boolean {
    return this.#outgoing.length > 0 || this.#ending;
  }

  /**
   * Takes the content of the next DATA frame, at most `limit` bytes (at least 1), off the queue, in pieces. `end`: the frame ends our side;
   * `trailers`: they do, behind it. With nothing queued the frame is empty.
   */
  take(limit: number): { pieces: Uint8Array[]; length: number; end: boolean; trailers: Fields | undefined } {
    const pieces: Uint8Array[] = [];
    let length = 0;
    for (let first = this.#outgoing[0]; first !== undefined && length < limit; first = this.#outgoing[0]) {
      const rest = first.bytes.length - this.#sent;
      const count = Math.min(rest, limit - length);
      pieces.push(
        count === first.bytes.length ? first.bytes : first.bytes.subarray(this.#sent, this.#sent + count),
      );
      length += count;
      this.#sent += count;
      if (count < rest) break;
      this.#outgoing.shift();
      this.#sent = 0;
      first.onSent?.();
    }
    const last = this.#ending && this.#outgoing.length === 0;
    return {
      pieces,
      length,
      end: last && this.#trailers === undefined,
      trailers: last ? this.#trailers : undefined,
    };
  }

  noteLocalEnd(): void {
    this.localEnded = true;
    this.#ending = false;
    if (this.remoteEnded) this.close(undefined);
  }

  noteRemoteEnd(): void {
    if (this.closed || this.remoteEnded) return;
    if (this.declaredBytes !== undefined && this.declaredBytes !== this.receivedBytes) {
      this.reset(ErrorCode.protocolError);
      return;
    }
    this.remoteEnded = true;
    this.events?.onEnd();
    if (this.localEnded) this.close(undefined);
  }

  close(code: number | undefined): void {
    if (this.closed) return;
    this.closed = true;
    this.#connection.forget(this);
    const outgoing = this.#outgoing;
    this.#outgoing = [];
    for (const { onSent } of outgoing) onSent?.();
    this.events?.onClose(code);
  }
}
