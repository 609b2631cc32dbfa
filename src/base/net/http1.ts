import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { plainPeer } from "./address.ts";
import { answer, type HttpContext } from "./http-context.ts";
import { splitTarget, type HttpRequest, type HttpResponse } from "./http-message.ts";
import { noRoom, readBody } from "./read-body.ts";
import { writePieces, type PieceSink } from "./write-body.ts";

export interface ProtocolServer {
  /** Takes over a connection whose first bytes are still unread. */
  readonly accept: (socket: Socket) => void;
  /** Closes connections as their requests end, idle ones at once. */
  readonly drain: () => void;
}

/** HTTP/1 connections are not pinged, so that even without an idle limit dead ones must go. */
const longestIdleMs = 300_000;

/** The HTTP/1.1 half of a server; it listens to nothing itself. */
export function createHttp1(context: HttpContext): ProtocolServer {
  const { limits } = context;
  let draining = false;
  const server = createServer(
    {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headerTimeoutMs,
      requestTimeout: limits.headerTimeoutMs + limits.bodyTimeoutMs,
      keepAliveTimeout: limits.idleTimeoutMs > 0 ? limits.idleTimeoutMs : longestIdleMs,
      connectionsCheckingInterval: 1000,
      noDelay: true,
    },
    (incoming, outgoing) => {
      void serve(context, incoming, outgoing, () => draining || !limits.keepAlive);
    },
  );
  server.on("clientError", refuseMalformed);
  // Node starts the timer that enforces headersTimeout and requestTimeout on this event; the server gets its sockets by hand instead of listening.
  server.emit("listening");
  return {
    accept: (socket) => void server.emit("connection", socket),
    drain: () => {
      draining = true;
      server.close();
      server.closeIdleConnections();
    },
  };
}

function refuseMalformed(error: Error & { readonly code?: string }, socket: Socket): void {
  const status =
    error.code === "HPE_HEADER_OVERFLOW"
      ? "431 Request Header Fields Too Large"
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? "408 Request Timeout"
        : "400 Bad Request";
  if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  else socket.destroy();
}

async function serve(
  context: HttpContext,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  mustClose: () => boolean,
): Promise<void> {
  const held = { bytes: 0 };
  // A response that waits behind another on its connection never closes when the connection does, hence the socket too.
  const { socket } = incoming;
  const finished = new Promise<void>((resolve) => {
    outgoing.once("close", resolve);
    socket.once("close", resolve);
    outgoing.once("close", () => socket.off("close", resolve));
  });
  const request = new Http1Request(context, incoming, outgoing, held);
  const response = await answer(context, request);
  if (mustClose()) outgoing.shouldKeepAlive = false;
  await send(outgoing, response, request);
  await finished;
  context.budget.give(held.bytes);
}

async function send(outgoing: ServerResponse, response: HttpResponse, request: HttpRequest): Promise<void> {
  const { body } = response;
  if (outgoing.destroyed) return;
  if (body === undefined || typeof body === "string" || body instanceof Uint8Array) {
    const size = body === undefined ? 0 : typeof body === "string" ? Buffer.byteLength(body) : body.length;
    const bodiless = response.status === 204 || response.status === 304;
    outgoing.writeHead(response.status, {
      ...response.headers,
      ...(bodiless ? {} : { "content-length": size }),
    });
    outgoing.end(body);
    return;
  }
  outgoing.writeHead(response.status, response.headers);
  outgoing.flushHeaders();
  if (request.method === "HEAD") outgoing.end();
  else await writePieces(sinkOf(outgoing), body, request.closed);
}

function sinkOf(outgoing: ServerResponse): PieceSink {
  return {
    write: (piece) =>
      outgoing.write(piece)
        ? undefined
        : new Promise((resolve) => {
            outgoing.once("drain", resolve);
          }),
    end: () => outgoing.end(),
    fail: (error) => outgoing.destroy(error instanceof Error ? error : new Error(String(error))),
  };
}

class Http1Request implements HttpRequest {
  readonly version = 1;
  readonly path: string;
  readonly queryText: string;
  readonly #context: HttpContext;
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  readonly #held: { bytes: number };
  #closed: AbortSignal | undefined;

  constructor(
    context: HttpContext,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    held: { bytes: number },
  ) {
    this.#context = context;
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#held = held;
    const target = splitTarget(incoming.url ?? "/");
    this.path = target.path;
    this.queryText = target.queryText;
  }

  get method(): string {
    return this.#incoming.method ?? "GET";
  }

  get headers(): HttpRequest["headers"] {
    return this.#incoming.headers;
  }

  get host(): string {
    return this.#incoming.headers.host ?? "";
  }

  get encrypted(): boolean {
    return "encrypted" in this.#incoming.socket;
  }

  get peerAddress(): string {
    return plainPeer(this.#incoming.socket.remoteAddress);
  }

  get peerPort(): number {
    return this.#incoming.socket.remotePort ?? 0;
  }

  get localPort(): number {
    return this.#incoming.socket.localPort ?? 0;
  }

  get closed(): AbortSignal {
    if (this.#closed === undefined) {
      const controller = new AbortController();
      this.#closed = controller.signal;
      const outgoing = this.#outgoing;
      if (outgoing.destroyed) controller.abort();
      else
        outgoing.once("close", () => {
          if (!outgoing.writableFinished) controller.abort();
        });
    }
    return this.#closed;
  }

  async readBody(limits: Parameters<HttpRequest["readBody"]>[0]): Promise<Buffer> {
    const declared = this.#incoming.headers["content-length"];
    const body = await readBody({
      stream: this.#incoming,
      declaredBytes: declared === undefined ? undefined : Number(declared),
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
    const { budget } = this.#context;
    if (!budget.take(bytes)) throw noRoom(budget, this.#held.bytes + bytes);
    this.#held.bytes += bytes;
  }
}
