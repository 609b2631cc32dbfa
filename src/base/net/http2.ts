import {
  constants,
  createServer,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import { plainPeer } from "./address.ts";
import { answer, type HttpContext } from "./http-context.ts";
import { splitTarget, type HttpRequest, type HttpResponse } from "./http-message.ts";
import type { ProtocolServer } from "./http1.ts";
import { overloaded, readBody } from "./read-body.ts";
import { writePieces } from "./write-body.ts";

/** Room for bodies in flight on one connection: the default of 64 KiB would stop a sender at each round trip. */
const sessionWindowBytes = 16 * 1024 * 1024;
/** For an idle connection to say goodbye. */
const closingMs = 1000;
const streamWindowBytes = 4 * 1024 * 1024;

/** The HTTP/2 half of a server; it listens to nothing itself. */
export function createHttp2(context: HttpContext): ProtocolServer {
  const { limits } = context;
  /** Open connections, and how many requests are being read or answered on each. */
  const sessions = new Map<Http2Session, number>();
  const count = (session: Http2Session | undefined, change: number): void => {
    const running = session === undefined ? undefined : sessions.get(session);
    if (session !== undefined && running !== undefined) sessions.set(session, running + change);
  };
  const server = createServer({
    maxSessionInvalidFrames: 100,
    maxSessionRejectedStreams: 100,
    maxHeaderListPairs: 256,
    settings: {
      maxConcurrentStreams: limits.maxStreams,
      maxHeaderListSize: limits.maxHeaderBytes,
      initialWindowSize: streamWindowBytes,
      maxFrameSize: 64 * 1024,
      enablePush: false,
    },
  });
  server.on("session", (session) => {
    sessions.set(session, 0);
    session.once("close", () => sessions.delete(session));
    session.setLocalWindowSize(sessionWindowBytes);
    // Also where idle connections are kept for ever, one that never asks anything is not.
    let idleMs = limits.idleTimeoutMs === 0 ? limits.headerTimeoutMs : limits.idleTimeoutMs;
    session.setTimeout(idleMs);
    session.once("stream", () => {
      idleMs = limits.idleTimeoutMs;
      session.setTimeout(idleMs);
      // After an error of its client a connection is dead without a sign of it; where idle ones are kept only a ping finds that out.
      if (idleMs === 0) keepWatch(session, context, Math.min(limits.pingAfterMs, limits.headerTimeoutMs));
    });
    session.on("timeout", () => {
      // Looks again: nothing else would, when the answer under way is never taken.
      session.setTimeout(idleMs);
      if ((sessions.get(session) ?? 0) > 0) return;
      session.close();
      // Waits for streams whose answers the client does not take; it had its time.
      const cancel = context.clock.schedule(Math.min(closingMs, idleMs), () => session.destroy());
      session.once("close", cancel);
    });
    if (limits.idleTimeoutMs > 0) keepWatch(session, context, limits.pingAfterMs);
    if (limits.maxConnectionAgeMs > 0) {
      const cancel = context.clock.schedule(limits.maxConnectionAgeMs, () => session.close());
      session.once("close", cancel);
    }
  });
  server.on("stream", (stream, headers) => {
    stream.on("error", ignore);
    const { session } = stream;
    count(session, 1);
    void serve(context, stream, headers, () => count(session, -1));
  });
  server.on("sessionError", ignore);
  return {
    accept: (socket: Socket) => void server.emit("connection", socket),
    drain: () => {
      for (const session of sessions.keys()) session.close();
    },
  };
}

function ignore(): void {}

/** Pings a client that has been silent and cuts it when no answer comes (grpc-go: keepalive.ServerParameters). */
function keepWatch(session: ServerHttp2Session, context: HttpContext, pingAfterMs: number): void {
  const { clock, limits } = context;
  let cancel = clock.schedule(pingAfterMs, () => ping());
  const ping = (): void => {
    if (session.closed || session.destroyed) return;
    cancel = clock.schedule(limits.pingTimeoutMs, () => session.destroy());
    session.ping(() => {
      cancel();
      cancel = clock.schedule(pingAfterMs, ping);
    });
  };
  session.once("close", () => cancel());
}

async function serve(
  context: HttpContext,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  onAnswered: () => void,
): Promise<void> {
  const held = { bytes: 0 };
  const closed = new Promise<void>((resolve) => {
    stream.once("close", resolve);
  });
  const request = new Http2Request(context, stream, headers, held);
  const response = await answer(context, request);
  await send(stream, response, request);
  onAnswered();
  await closed;
  context.budget.give(held.bytes);
}

async function send(stream: ServerHttp2Stream, response: HttpResponse, request: HttpRequest): Promise<void> {
  if (stream.destroyed || stream.closed) return;
  const { body, trailers } = response;
  const whole = body === undefined || typeof body === "string" || body instanceof Uint8Array;
  const head: Record<string, string | number> = { ":status": response.status, ...response.headers };
  const size =
    typeof body === "string" ? Buffer.byteLength(body) : body instanceof Uint8Array ? body.length : 0;
  if (whole && body !== undefined && trailers === undefined) {
    head["content-length"] = size;
  }
  if (whole && size === 0 && trailers === undefined) {
    stream.respond(head, { endStream: true });
  } else if (request.method === "HEAD") {
    stream.respond(head, { endStream: true });
  } else {
    stream.respond(head, { waitForTrailers: trailers !== undefined });
    if (trailers !== undefined) stream.once("wantTrailers", () => stream.sendTrailers(trailers));
    if (whole) stream.end(body);
    else await writePieces(stream, body, request.closed);
  }
  // The answer is complete before the request is: a reset with NO_ERROR tells the client to stop sending (RFC 9113, section 8.1).
  if (!stream.readableEnded && !stream.destroyed) {
    stream.once("finish", () => {
      if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
    });
    stream.resume();
  }
}

class Http2Request implements HttpRequest {
  readonly version = 2;
  readonly path: string;
  readonly queryText: string;
  readonly headers: HttpRequest["headers"];
  readonly #context: HttpContext;
  readonly #stream: ServerHttp2Stream;
  readonly #held: { bytes: number };
  #closed: AbortSignal | undefined;

  constructor(
    context: HttpContext,
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    held: { bytes: number },
  ) {
    this.#context = context;
    this.#stream = stream;
    this.#held = held;
    this.headers = headers;
    const target = splitTarget(headers[":path"] ?? "/");
    this.path = target.path;
    this.queryText = target.queryText;
  }

  get method(): string {
    return String(this.headers[":method"] ?? "GET");
  }

  get host(): string {
    return String(this.headers[":authority"] ?? this.headers["host"] ?? "");
  }

  get encrypted(): boolean {
    return this.#stream.session?.encrypted ?? false;
  }

  get peerAddress(): string {
    return plainPeer(this.#stream.session?.socket.remoteAddress);
  }

  get peerPort(): number {
    return this.#stream.session?.socket.remotePort ?? 0;
  }

  get localPort(): number {
    return this.#stream.session?.socket.localPort ?? 0;
  }

  get closed(): AbortSignal {
    if (this.#closed === undefined) {
      const controller = new AbortController();
      this.#closed = controller.signal;
      const stream = this.#stream;
      if (stream.destroyed) controller.abort();
      else
        stream.once("close", () => {
          if (!stream.writableFinished) controller.abort();
        });
    }
    return this.#closed;
  }

  async readBody(limits: Parameters<HttpRequest["readBody"]>[0]): Promise<Buffer> {
    const declared = this.headers["content-length"];
    const body = await readBody({
      stream: this.#stream,
      declaredBytes: typeof declared === "string" ? Number(declared) : undefined,
      limits: {
        maxBytes: limits.maxBytes,
        timeoutMs: limits.timeoutMs ?? this.#context.limits.bodyTimeoutMs,
      },
      budget: this.#context.budget,
      clock: this.#context.clock,
    });
    this.#held.bytes += body.heldBytes;
    return body.bytes;
  }

  hold(bytes: number): void {
    if (!this.#context.budget.take(bytes)) throw overloaded();
    this.#held.bytes += bytes;
  }
}
