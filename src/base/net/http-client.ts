/** An HTTP/1.1 client with kept connections, for exporters. */
import {
  Agent as PlainAgent,
  request as plainRequest,
  type ClientRequest,
  type IncomingMessage,
} from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { messageOf, OtelierError } from "../error.ts";
import { connectionOptions, type ClientTls } from "./client-tls.ts";
import type { HeaderTable } from "./http-message.ts";

export interface HttpClientOptions {
  /** For https URLs. */
  readonly tls?: ClientTls;
  readonly keepAlive?: boolean;
  /** Connections at a time to one server; 0 is no limit. */
  readonly maxConnections?: number;
  readonly maxIdleConnections?: number;
  readonly idleTimeoutMs?: number;
  /** The most of an answer's body that is kept; the rest is read and dropped. Default 64 KiB. */
  readonly maxResponseBytes?: number;
}

export interface HttpClientRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent one after the other, as one body. */
  readonly body: readonly Uint8Array[];
  readonly signal?: AbortSignal;
}

export interface HttpClientResponse {
  readonly status: number;
  readonly headers: HeaderTable;
  readonly body: Buffer;
}

/** An answer whose body is read as it comes; reading to the end, or leaving the loop, frees the connection. */
export interface HttpClientStream {
  readonly status: number;
  readonly headers: HeaderTable;
  readonly body: AsyncIterable<Buffer>;
}

export class HttpClient {
  readonly #plain: PlainAgent;
  readonly #tls: TlsAgent;
  readonly #maxResponseBytes: number;

  constructor(options: HttpClientOptions = {}) {
    const shared = {
      keepAlive: options.keepAlive ?? true,
      maxFreeSockets: options.maxIdleConnections ?? 100,
      ...((options.maxConnections ?? 0) > 0 ? { maxSockets: options.maxConnections } : {}),
      // `timeout` of an agent ends idle sockets only; requests have their own signal.
      timeout: options.idleTimeoutMs ?? 90_000,
    };
    this.#plain = new PlainAgent(shared);
    this.#tls = new TlsAgent({ ...shared, ...connectionOptions(options.tls ?? {}) });
    this.#maxResponseBytes = options.maxResponseBytes ?? 64 * 1024;
  }

  /**
   * Sends a request and reads its answer, whatever its status. Rejects with a retryable OtelierError "connection-failed" when none came. A kept
   * connection that the server had closed meanwhile is replaced once.
   */
  async send(request: HttpClientRequest): Promise<HttpClientResponse> {
    const read = async (): Promise<HttpClientResponse> => this.#read(await this.#once(request));
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw connectionFailed(request.url, error);
    }
    try {
      return await read();
    } catch (error) {
      throw connectionFailed(request.url, error);
    }
  }

  /** Sends a request and gives its answer as soon as its headers are there. Rejects as `send` does; the body's iteration may reject too. */
  async stream(request: HttpClientRequest): Promise<HttpClientStream> {
    try {
      const response = await this.#once(request);
      return { status: response.statusCode ?? 0, headers: response.headers, body: response };
    } catch (error) {
      throw connectionFailed(request.url, error);
    }
  }

  /** Closes kept connections. */
  close(): void {
    this.#plain.destroy();
    this.#tls.destroy();
  }

  #once(request: HttpClientRequest): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const size = request.body.reduce((sum, piece) => sum + piece.length, 0);
      const options = {
        method: request.method,
        headers: { ...request.headers, "content-length": String(size) },
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      };
      const outgoing: ClientRequest =
        request.url.protocol === "https:"
          ? tlsRequest(request.url, { ...options, agent: this.#tls }, resolve)
          : plainRequest(request.url, { ...options, agent: this.#plain }, resolve);
      outgoing.on("error", (error: Error & { readonly code?: string }) => {
        const stale = outgoing.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
        reject(stale ? new StaleConnection(error) : error);
      });
      for (const piece of request.body) outgoing.write(piece);
      outgoing.end();
    });
  }

  async #read(response: IncomingMessage): Promise<HttpClientResponse> {
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const piece of response as AsyncIterable<Buffer>) {
      const room = this.#maxResponseBytes - size;
      if (room > 0) pieces.push(piece.subarray(0, room));
      size += Math.min(piece.length, Math.max(room, 0));
    }
    return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(pieces, size) };
  }
}

class StaleConnection extends Error {
  override readonly name = "StaleConnection";

  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

function connectionFailed(url: URL, cause: unknown): OtelierError {
  return new OtelierError(`cannot reach ${url.origin}: ${messageOf(cause)}`, {
    code: "connection-failed",
    outcome: "retryable",
    cause,
  });
}
