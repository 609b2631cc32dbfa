/** Requests and responses as the rest of Otelier sees them: the same for HTTP/1.1 and HTTP/2, without any type of `node:http`. */

/** Names are lower case; a header that came several times is joined by ", ", or a list where joining is wrong (set-cookie). */
export type HeaderTable = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface BodyLimits {
  /** Bytes as they cross the wire, before any decompression; inclusive. */
  readonly maxBytes: number;
  /** Longest time from the first call until the last byte. */
  readonly timeoutMs?: number;
}

export interface HttpRequest {
  /** Upper case. */
  readonly method: string;
  /** As sent, still percent-encoded, without the query. */
  readonly path: string;
  /** Text behind "?", '' without one. */
  readonly queryText: string;
  readonly headers: HeaderTable;
  /** Host header or :authority, '' when absent. */
  readonly host: string;
  readonly version: 1 | 2;
  readonly encrypted: boolean;
  /** Address without port; '' on a Unix socket. */
  readonly peerAddress: string;
  /** 0 on a Unix socket. */
  readonly peerPort: number;
  /** 0 on a Unix socket. */
  readonly localPort: number;
  /** Aborts when the client leaves before the answer is complete. */
  readonly closed: AbortSignal;
  /**
   * The whole body, once. Rejects with an OtelierError: "body-too-large", "body-timeout", "body-aborted" (the client left) or "overloaded"
   * (all bodies being read together exceed the server's budget; one that exceeds it alone is too large).
   */
  readBody(limits: BodyLimits): Promise<Buffer>;
  /** Counts further memory against the server's budget until the request is answered; throws "overloaded" or "body-too-large" as `readBody`. */
  hold(bytes: number): void;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. `content-length` is set for whole bodies. */
  readonly headers?: Readonly<Record<string, string>>;
  /** An iterable is sent piece by piece, as fast as the client reads; its `return` is called when the client leaves. */
  readonly body?: string | Uint8Array | AsyncIterable<string | Uint8Array>;
  /** Sent behind the body; HTTP/2 only. */
  readonly trailers?: Readonly<Record<string, string>>;
}

export type HttpHandler = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;

/** One value of a header; the first when there are several, undefined when absent. */
export function headerOf(request: { readonly headers: HeaderTable }, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === "string" || value === undefined ? value : value[0];
}

/** The query's parameters, decoded. */
export function queryOf(request: HttpRequest): URLSearchParams {
  return new URLSearchParams(request.queryText);
}

/** A response with a JSON body. */
export function jsonResponse(
  value: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(value),
  };
}

/** A response with a plain text body. */
export function textResponse(
  body: string,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers }, body };
}

/** Parts of a request target: "/v1/traces?x=1" gives "/v1/traces" and "x=1"; an absolute target loses scheme and authority. */
export function splitTarget(target: string): { readonly path: string; readonly queryText: string } {
  const local = target.startsWith("/") ? target : target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, "");
  const question = local.indexOf("?");
  const path = question === -1 ? local : local.slice(0, question);
  return { path: path === "" ? "/" : path, queryText: question === -1 ? "" : local.slice(question + 1) };
}
