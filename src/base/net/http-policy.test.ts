import { expect, test } from "vitest";
import { checkHost, checkOrigin, localOrigins, matchesOrigin, type SitePolicy } from "./http-policy.ts";
import type { HttpRequest } from "./http-message.ts";

function request(
  host: string,
  headers: Record<string, string> = {},
  rest: Partial<HttpRequest> = {},
): HttpRequest {
  return {
    method: "GET",
    path: "/",
    queryText: "",
    headers,
    host,
    version: 1,
    encrypted: false,
    peerAddress: "127.0.0.1",
    peerPort: 1,
    localPort: 4319,
    closed: new AbortController().signal,
    readBody: () => Promise.reject(new Error("no body")),
    hold: () => undefined,
    ...rest,
  };
}

test.each([
  ["localhost:4319", {}, true],
  ["LOCALHOST", {}, true],
  ["127.0.0.1:4319", {}, true],
  ["[::1]:4319", {}, true],
  ["evil.test:4319", {}, false],
  ["localhost.evil.test:4319", {}, false],
  ["127.0.0.1.evil.test", {}, false],
  ["", {}, false],
  ["otel.example.com", { hosts: ["otel.example.com"] }, true],
  ["otel.example.com:4319", { hosts: ["otel.example.com"] }, true],
] as const)("host %s with %j: %s", (host, policy: SitePolicy, allowed) => {
  expect(checkHost(request(host), policy).allowed).toBe(allowed);
});

test("a request over a Unix socket needs no host", () => {
  expect(checkHost(request("", {}, { localPort: 0 })).allowed).toBe(true);
});

test.each([
  ["no browser", {}, "GET", true],
  ["own page", { origin: "http://localhost:4319" }, "POST", true],
  ["page of another port", { origin: "http://localhost:8080" }, "GET", false],
  ["page of another scheme", { origin: "https://localhost:4319" }, "GET", false],
  ["page from elsewhere", { origin: "https://evil.test" }, "POST", false],
  ["sandboxed page", { origin: "null" }, "POST", false],
  ["image from elsewhere", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }, "GET", false],
  ["link from elsewhere", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }, "GET", true],
  ["form from elsewhere", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }, "POST", false],
  ["neighbour port", { "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors" }, "GET", false],
  ["own script", { "sec-fetch-site": "same-origin" }, "GET", true],
  ["typed address", { "sec-fetch-site": "none" }, "GET", true],
] as const)("origin: %s", (_, headers, method, allowed) => {
  expect(checkOrigin(request("localhost:4319", headers, { method })).allowed).toBe(allowed);
});

test("configured origins are allowed", () => {
  const policy = { origins: ["https://grafana.example.com"] };
  expect(
    checkOrigin(request("localhost:4319", { origin: "https://grafana.example.com" }), policy).allowed,
  ).toBe(true);
  expect(
    checkOrigin(request("localhost:4319", { origin: "https://grafana.example.com.evil.test" }), policy)
      .allowed,
  ).toBe(false);
});

test.each([
  ["https://*.test.com", "https://www.test.com", true],
  ["https://*.test.com", "https://wwwtest.com", false],
  ["https://test.com", "https://test.com", true],
  ["https://test.com", "https://TEST.com", true],
  ["https://test.com", "https://test.com.evil", false],
  ["*", "https://anything", true],
  ["http://localhost:*", "http://localhost:3000", true],
  ["http://localhost:*", "http://localhost", false],
])("pattern %s, origin %s: %s", (pattern, origin, expected) => {
  expect(matchesOrigin(pattern, origin)).toBe(expected);
});

test("pages of this machine are local, names that only begin so are not", () => {
  const isLocal = (origin: string): boolean => localOrigins.some((pattern) => matchesOrigin(pattern, origin));
  expect(
    ["http://localhost:3000", "http://127.0.0.1:80", "http://[::1]:1", "http://localhost"].every(isLocal),
  ).toBe(true);
  expect(["http://localhost.evil.test:80", "https://localhost:1", "http://evil.test"].some(isLocal)).toBe(
    false,
  );
});
