/**
 * Checks against DNS rebinding and cross-site requests, for every server that a browser on this machine can reach. A page from elsewhere may send
 * requests to localhost; it cannot choose the Host header it sends nor hide its Origin.
 */
import type { HttpRequest } from "./http-message.ts";
import { headerOf } from "./http-message.ts";

export interface SitePolicy {
  /** Host names beside localhost, 127.0.0.1 and [::1] under which this server may be asked for; without port. */
  readonly hosts?: readonly string[];
  /** Origins beside the server's own that may read answers: "https://grafana.example.com", or "http://localhost:*" for any port. */
  readonly origins?: readonly string[];
}

export type PolicyVerdict = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

const localHosts: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);
const allowed: PolicyVerdict = { allowed: true };

function hostName(authority: string): string {
  return authority.replace(/:\d*$/, "").toLowerCase();
}

/** Accepts a request whose Host names this machine or a configured host. Requests over a Unix socket need no name. */
export function checkHost(request: HttpRequest, policy: SitePolicy = {}): PolicyVerdict {
  if (request.localPort === 0) return allowed;
  const name = hostName(request.host);
  if (localHosts.has(name) || (policy.hosts ?? []).some((host) => host.toLowerCase() === name))
    return allowed;
  return { allowed: false, reason: `host "${request.host}" is not served here` };
}

/**
 * Accepts a request without Origin (not from a page), from this server's own pages, or from a configured origin. Browsers that omit Origin on
 * same-site reads still send Sec-Fetch-Site, which is checked too. Call it for every request that changes something or whose answer is private.
 */
export function checkOrigin(request: HttpRequest, policy: SitePolicy = {}): PolicyVerdict {
  const origin = headerOf(request, "origin");
  if (origin === undefined) {
    const site = headerOf(request, "sec-fetch-site");
    const foreign = site === "cross-site" || site === "same-site";
    const navigation = headerOf(request, "sec-fetch-mode") === "navigate" && request.method === "GET";
    return foreign && !navigation ? { allowed: false, reason: "request from another site" } : allowed;
  }
  if (origin === `${request.encrypted ? "https" : "http"}://${request.host}`) return allowed;
  if ((policy.origins ?? []).some((pattern) => matchesOrigin(pattern, origin))) return allowed;
  return { allowed: false, reason: `origin "${origin}" may not use this server` };
}

/** Compares an origin with a pattern in which "*" stands for any text (github.com/rs/cors, as the Collector's `allowed_origins`). */
export function matchesOrigin(pattern: string, origin: string): boolean {
  const wanted = pattern.toLowerCase();
  const given = origin.toLowerCase();
  const star = wanted.indexOf("*");
  if (star === -1) return wanted === given;
  const head = wanted.slice(0, star);
  const tail = wanted.slice(star + 1);
  return given.length >= head.length + tail.length && given.startsWith(head) && given.endsWith(tail);
}

/** Origins of pages that this machine serves itself, at any port. */
export const localOrigins: readonly string[] = [
  "http://localhost:*",
  "http://127.0.0.1:*",
  "http://[::1]:*",
  "http://localhost",
  "http://127.0.0.1",
  "http://[::1]",
];
