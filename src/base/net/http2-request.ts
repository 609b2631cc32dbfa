import type { Socket } from "node:net";
import { plainPeer } from "./address.ts";
import type { HttpContext } from "./http-context.ts";
import { splitTarget, type HttpRequest } from "./http-message.ts";
import type { HeaderTable, Http2Stream } from "./http2/stream.ts";
import type { IncomingBody } from "./incoming-body.ts";
import { noRoom } from "./read-body.ts";

/** A request on a stream; `onClose` must be called when that has closed. */
export class Http2Request implements HttpRequest {
  readonly version = 2;
  readonly path: string;
  readonly queryText: string;
  readonly headers: HeaderTable;
  readonly #context: HttpContext;
  readonly #socket: Socket;
  readonly #stream: Http2Stream;
  readonly #body: IncomingBody;
  #furtherBytes = 0;
  #closed: AbortController | undefined;

  constructor(
    context: HttpContext,
    socket: Socket,
    stream: Http2Stream,
    headers: HeaderTable,
    body: IncomingBody,
  ) {
    this.#context = context;
    this.#socket = socket;
    this.#stream = stream;
    this.#body = body;
    this.headers = headers;
    const target = splitTarget(headers[":path"] ?? "/");
    this.path = target.path;
    this.queryText = target.queryText;
  }

  get method(): string {
    return this.headers[":method"] ?? "GET";
  }

  get host(): string {
    return this.headers[":authority"] ?? this.headers["host"] ?? "";
  }

  get encrypted(): boolean {
    return "encrypted" in this.#socket;
  }

  get peerAddress(): string {
    return plainPeer(this.#socket.remoteAddress);
  }

  get peerPort(): number {
    return this.#socket.remotePort ?? 0;
  }

  get localPort(): number {
    return this.#socket.localPort ?? 0;
  }

  get closed(): AbortSignal {
    if (this.#closed === undefined) {
      this.#closed = new AbortController();
      if (this.#stream.closed) this.onClose();
    }
    return this.#closed.signal;
  }

  /** Of the budget, by the body and by `hold`. */
  get heldBytes(): number {
    return this.#body.heldBytes + this.#furtherBytes;
  }

  onClose(): void {
    if (!this.#stream.localEnded) this.#closed?.abort();
  }

  readBody(limits: Parameters<HttpRequest["readBody"]>[0]): Promise<Buffer> {
    const timeoutMs = limits.timeoutMs ?? this.#context.limits.bodyTimeoutMs;
    return this.#body.read({ maxBytes: limits.maxBytes, timeoutMs });
  }

  hold(bytes: number): void {
    const { budget } = this.#context;
    if (!budget.take(bytes)) throw noRoom(budget, this.heldBytes + bytes);
    this.#furtherBytes += bytes;
  }
}
