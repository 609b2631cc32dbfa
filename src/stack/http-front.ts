/** The port for people and their tools: UI and JSON API behind one check of host, origin and, where configured, credentials. */
import { hostname } from "node:os";
import { isPermanent, messageOf } from "../base/error.ts";
import { headerOf, textResponse, type HttpRequest, type HttpResponse } from "../base/net/http-message.ts";
import { checkHost, checkOrigin, type PolicyVerdict, type SitePolicy } from "../base/net/http-policy.ts";
import { serveHttp, type HttpServer } from "../base/net/http-server.ts";
import type { ServerAuthenticator } from "../pipeline/component.ts";

/** Answers the paths that are its own, and leaves others with undefined. */
export type Responder = (request: HttpRequest) => Promise<HttpResponse | undefined>;

export interface HttpFrontOptions {
  /** "localhost:4319". */
  readonly endpoint: string;
  /** Tried in order; the first that answers wins. */
  readonly responders: readonly Responder[];
  /** As `responders`, asked before credentials are: for probes. */
  readonly openResponders?: readonly Responder[];
  readonly policy: SitePolicy;
  /** Other machines can reach it, by names that are not known here; needs an authenticator or the user's word. */
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
  for (const verdict of [hostVerdict(request, options), checkOrigin(request, options.policy)]) {
    if (!verdict.allowed) return textResponse(`403 forbidden: ${verdict.reason}\n`, 403);
  }
  for (const respond of options.openResponders ?? []) {
    const response = await respond(request);
    if (response !== undefined) return response;
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

const addressHost = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])(?::\d+)?$/i;

/**
 * DNS rebinding leads a page's own name to this server. Where other machines may come, an address cannot be rebound, and a page has no
 * credentials for its own name; any other name must be this machine's.
 */
function hostVerdict(request: HttpRequest, options: HttpFrontOptions): PolicyVerdict {
  if (!options.exposed) return checkHost(request, options.policy);
  if (options.authenticator !== undefined || addressHost.test(request.host)) return { allowed: true };
  const { hosts = [], ...policy } = options.policy;
  return checkHost(request, { ...policy, hosts: [...hosts, hostname(), `${hostname()}.local`] });
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
