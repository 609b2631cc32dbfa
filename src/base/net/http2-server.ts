/** The HTTP/2 half of a server; it listens to nothing itself. */
import type { Socket } from "node:net";
import { answer, type HttpContext } from "./http-context.ts";
import type { HttpResponse } from "./http-message.ts";
import { Http2Request } from "./http2-request.ts";
import type { ProtocolServer } from "./http1.ts";
import { writePieces, type PieceSink } from "./write-body.ts";
import { Http2Connection } from "./http2/connection.ts";
import { isRequest } from "./http2/header-block.ts";
import { IncomingBody } from "./incoming-body.ts";
import { clientPreface, ErrorCode, Http2Error } from "./http2/protocol.ts";
import type { Http2Stream, HeaderTable } from "./http2/stream.ts";

/** Room for bodies in flight on one connection: the default of 64 KiB would stop a sender at each round trip. */
const connectionWindow = 16 * 1024 * 1024;
const streamWindow = 4 * 1024 * 1024;
const maxFrameBytes = 64 * 1024;
const maxHeaderFields = 256;
/** For a connection to say goodbye. */
const closingMs = 1000;

export function createHttp2(context: HttpContext): ProtocolServer {
  const open = new Set<ServerConnection>();
  return {
    accept: (socket) => {
      const connection = new ServerConnection(context, socket, () => open.delete(connection));
      open.add(connection);
      connection.begin();
    },
    drain: () => {
      for (const connection of open) connection.close();
    },
  };
}

class ServerConnection {
  readonly #context: HttpContext;
  readonly #connection: Http2Connection;
  readonly #cancels: Set<() => void> = new Set();
  /** Bytes of the client's preface that have come. */
  #prefaceBytes = 0;
  /** Requests being read or answered; an answer that the client does not take counts no more. */
  #running = 0;
  #asked = false;
  #idleMs = 0;
  #isEnding = false;

  constructor(context: HttpContext, socket: Socket, onClose: () => void) {
    const { limits } = context;
    this.#context = context;
    this.#connection = new Http2Connection({
      socket,
      isServer: true,
      connectionWindow,
      streamWindow,
      maxFrameBytes,
      maxHeaderBytes: limits.maxHeaderBytes,
      maxHeaderFields,
      maxStreams: limits.maxStreams,
      onStream: (stream, fields) => this.#onStream(stream, fields),
      onStreamClosed: () => this.#endWhenDone(),
      onClose: () => {
        for (const cancel of this.#cancels) cancel();
        onClose();
      },
    });
  }

  begin(): void {
    const { limits } = this.#context;
    const { socket } = this.#connection;
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    // A client that said goodbye takes no answers: what it asked is not worth going on with.
    socket.once("end", () => this.#destroyLater());
    // Also where idle connections are kept for ever, one that never asks anything is not.
    this.#idleMs = limits.idleTimeoutMs === 0 ? limits.headerTimeoutMs : limits.idleTimeoutMs;
    socket.setTimeout(this.#idleMs);
    socket.on("timeout", () => this.#onIdle());
    if (limits.idleTimeoutMs > 0) this.#keepWatch(limits.pingAfterMs);
    if (limits.maxConnectionAgeMs > 0) this.#after(limits.maxConnectionAgeMs, () => this.close());
    this.#connection.begin();
  }

  close(): void {
    this.#connection.close();
    this.#endWhenDone();
  }

  #endWhenDone(): void {
    if (this.#connection.isGoingAway && this.#connection.streams.size === 0) this.#destroyLater();
  }

  #receive(chunk: Buffer): void {
    const missing = clientPreface.length - this.#prefaceBytes;
    let rest = chunk;
    if (missing > 0) {
      const count = Math.min(missing, chunk.length);
      const expected = clientPreface.subarray(this.#prefaceBytes, this.#prefaceBytes + count);
      if (!chunk.subarray(0, count).equals(expected)) {
        this.#connection.fail(new Http2Error(ErrorCode.protocolError, "no preface"));
      }
      this.#prefaceBytes += count;
      rest = chunk.subarray(count);
    }
    this.#connection.receive(rest);
    if (this.#connection.failure !== undefined) this.#destroyLater();
  }

  /** Runs `then` unless the connection is closed before. */
  #after(delayMs: number, then: () => void): () => void {
    const cancel = this.#context.clock.schedule(delayMs, () => {
      this.#cancels.delete(cancel);
      then();
    });
    this.#cancels.add(cancel);
    return () => {
      this.#cancels.delete(cancel);
      cancel();
    };
  }

  #destroyLater(): void {
    if (this.#isEnding || this.#connection.closed) return;
    this.#isEnding = true;
    const { idleTimeoutMs } = this.#context.limits;
    this.#after(idleTimeoutMs === 0 ? closingMs : Math.min(closingMs, idleTimeoutMs), () =>
      this.#connection.destroy(),
    );
  }

  #onIdle(): void {
    // Looks again: nothing else would, when the answer under way is never taken.
    this.#connection.socket.setTimeout(this.#idleMs);
    if (this.#running > 0) return;
    this.#connection.close();
    // Waits for streams whose answers the client does not take; it had its time.
    this.#destroyLater();
  }

  /** Pings a client that has been silent and cuts it when no answer comes (grpc-go: keepalive.ServerParameters). */
  #keepWatch(pingAfterMs: number): void {
    this.#after(pingAfterMs, () => {
      if (this.#connection.isGoingAway) return;
      const cancel = this.#after(this.#context.limits.pingTimeoutMs, () => this.#connection.destroy());
      this.#connection.ping(() => {
        cancel();
        this.#keepWatch(pingAfterMs);
      });
    });
  }

  #onStream(stream: Http2Stream, fields: HeaderTable): void {
    const { limits } = this.#context;
    if (!this.#asked) {
      this.#asked = true;
      this.#idleMs = limits.idleTimeoutMs;
      this.#connection.socket.setTimeout(this.#idleMs);
      // After an error of its client a connection is dead without a sign of it; where idle ones are kept only a ping finds that out.
      if (limits.idleTimeoutMs === 0) this.#keepWatch(Math.min(limits.pingAfterMs, limits.headerTimeoutMs));
    }
    if (!isRequest(fields)) {
      stream.reset(ErrorCode.protocolError);
      return;
    }
    const declared = fields["content-length"];
    if (declared !== undefined) stream.declaredBytes = Number(declared);
    void this.#serve(stream, fields);
  }

  async #serve(stream: Http2Stream, fields: HeaderTable): Promise<void> {
    const { budget, clock } = this.#context;
    const body = new IncomingBody(stream, budget, clock);
    const request = new Http2Request(this.#context, this.#connection.socket, stream, fields, body);
    const closed = new Promise<void>((resolve) => {
      stream.events = {
        onData: (chunk) => body.onData(chunk),
        onEnd: () => body.onEnd(),
        onClose: () => {
          body.onClose();
          request.onClose();
          resolve();
        },
      };
    });
    this.#running++;
    const response = await answer(this.#context, request);
    await send(stream, response, request, body);
    this.#running--;
    await closed;
    budget.give(request.heldBytes);
  }
}

async function send(
  stream: Http2Stream,
  response: HttpResponse,
  request: Http2Request,
  incoming: IncomingBody,
): Promise<void> {
  if (stream.closed) return;
  const { trailers } = response;
  const body = typeof response.body === "string" ? Buffer.from(response.body) : response.body;
  const isWhole = body === undefined || body instanceof Uint8Array;
  const fields =
    body instanceof Uint8Array && trailers === undefined
      ? { ":status": response.status, ...response.headers, "content-length": body.length }
      : fieldsOf(response);
  // The answer may be complete before the request is: the client is told to stop sending (RFC 9113, section 8.1).
  if (!incoming.hasEnded) incoming.abandon();
  const stopSending = (): void => {
    if (!stream.closed && stream.localEnded) stream.reset(ErrorCode.noError);
  };
  if (request.method === "HEAD" || (isWhole && (body?.length ?? 0) === 0 && trailers === undefined)) {
    stream.respond(fields, true);
    stopSending();
    return;
  }
  stream.respond(fields, false);
  if (isWhole) {
    if (body !== undefined) stream.write(body);
    stream.end(trailers);
  } else await writePieces(sinkOf(stream), body, request.closed);
  stopSending();
}

/** Of frozen headers, by the headers; they stand under one status each. */
const frozenFields = new WeakMap<object, Readonly<Record<string, string | number>>>();

function fieldsOf({ status, headers }: HttpResponse): Readonly<Record<string, string | number>> {
  if (headers === undefined || !Object.isFrozen(headers)) return { ":status": status, ...headers };
  const known = frozenFields.get(headers);
  if (known?.[":status"] === status) return known;
  const fields = Object.freeze({ ":status": status, ...headers });
  frozenFields.set(headers, fields);
  return fields;
}

function sinkOf(stream: Http2Stream): PieceSink {
  return {
    write: (piece) =>
      new Promise((resolve) => {
        stream.write(typeof piece === "string" ? Buffer.from(piece) : piece, resolve);
        stream.flush();
      }),
    end: () => stream.end(),
    fail: () => stream.reset(ErrorCode.internalError),
  };
}
