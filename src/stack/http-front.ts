/** The port for people and their tools: UI and JSON API behind one check of host, origin and, where configured, credentials. */
import { isPermanent, messageOf } from "../base/error.ts";
import { headerOf, textResponse, type HttpRequest, type HttpResponse } from "../base/net/http-message.ts";
import { checkHost, checkOrigin, type SitePolicy } from "../base/net/http-policy.ts";
import { serveHttp, type HttpServer } from "../base/net/http-server.ts";
import type { ServerAuthenticator } from "../pipeline/component.ts";

/** Answers the paths that are its own, and leaves others with undefined. */
export type Responder = (request: HttpRequest) => Promise<HttpResponse | undefined>;

export interface HttpFrontOptions {
  /** "localhost:4319". */
  readonly endpoint: string;
  /** Tried in order; the first that answers wins. */
  readonly responders: readonly Responder[];
  readonly policy: SitePolicy;
  /** Reachable by other names than this machine's, so that the Host header proves nothing; needs an authenticator or the user's word. */
  readonly exposed: boolean;
  readonly authenticator?: ServerAuthenticator;
  readonly onError: (error: unknown) => void;
}

export function startHttpFront(options: HttpFrontOptions): Promise<HttpServer> {
  return serveHttp({
    endpoint: options.endpoint,
    portOption: "--http HOST:PORT",
    handler: (request) => answer(request, options),
    onError: options.onError,
  });
}

async function answer(request: HttpRequest, options: HttpFrontOptions): Promise<HttpResponse> {
  for (const check of options.exposed ? [checkOrigin] : [checkHost, checkOrigin]) {
    const verdict = check(request, options.policy);
    if (!verdict.allowed) return textResponse(`403 forbidden: ${verdict.reason}\n`, 403);
  }
  if (options.authenticator !== undefined) {
    const refusal = await authenticate(request, options.authenticator);
    if (refusal !== undefined) return refusal;
  }
  for (const respond of options.responders) {
    const response = await respond(request);
    if (response !== undefined) return response;
  }
  return textResponse("404 not found\n", 404);
}

async function authenticate(
  request: HttpRequest,
  authenticator: ServerAuthenticator,
): Promise<HttpResponse | undefined> {
  const headers = new Map<string, readonly string[]>();
  const authorization = headerOf(request, "authorization");
  if (authorization !== undefined) headers.set("authorization", [authorization]);
  try {
    await authenticator.authenticate(headers);
    return undefined;
  } catch (error) {
    if (!isPermanent(error)) return textResponse(`503 ${messageOf(error)}\n`, 503);
    return textResponse("401 unauthorized\n", 401, {
      "www-authenticate": 'Basic realm="otelier", charset="UTF-8"',
    });
  }
}
