import { hostname } from "node:os";
import { afterEach, describe, expect, test } from "vitest";
import { OtelierError } from "../base/error.ts";
import { HttpClient, type HttpClientResponse } from "../base/net/http-client.ts";
import { textResponse } from "../base/net/http-message.ts";
import type { HttpServer } from "../base/net/http-server.ts";
import type { ServerAuthenticator } from "../pipeline/component.ts";
import { startHttpFront, type HttpFrontOptions } from "./http-front.ts";

const client = new HttpClient({ keepAlive: false });
let server: HttpServer | undefined;
afterEach(async () => {
  await server?.close(0);
  server = undefined;
});

async function start(options: Partial<HttpFrontOptions> = {}): Promise<void> {
  server = await startHttpFront({
    endpoint: "127.0.0.1:0",
    policy: {},
    exposed: false,
    responders: [async (request) => (request.path === "/here" ? textResponse("found\n") : undefined)],
    onError: () => undefined,
    ...options,
  });
}

function get(
  path: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<HttpClientResponse> {
  return client.send({ method, url: new URL(path, server?.urls[0]), headers, body: [] });
}

const port = (): number => server?.port ?? 0;

describe("Host", () => {
  test.each([
    ["localhost", 200],
    ["LOCALHOST:4319", 200],
    ["127.0.0.1:1", 200],
    ["[::1]:4319", 200],
    ["attacker.example", 403],
    ["attacker.example:4319", 403],
    ["localhost.attacker.example", 403],
    ["127.0.0.1.nip.io", 403],
    ["192.168.1.5:4319", 403],
  ])("%s on a port of this machine: %d", async (host, status) => {
    await start();
    expect((await get("/here", { host })).status).toBe(status);
  });

  test.each([
    ["localhost:4319", 200],
    ["192.168.1.5:4319", 200],
    ["[fe80::1]:4319", 200],
    [hostname(), 200],
    [`${hostname()}.local:4319`, 200],
    ["attacker.example:4319", 403],
    ["1.2.3.4.attacker.example", 403],
  ])("%s where other machines may come without credentials: %d", async (host, status) => {
    await start({ exposed: true });
    expect((await get("/here", { host })).status).toBe(status);
  });

  test("says which name was asked for", async () => {
    await start();
    const { body, headers } = await get("/here", { host: "attacker.example" });
    expect(body.toString()).toBe('403 forbidden: host "attacker.example" is not served here\n');
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
  });
});

describe("Origin", () => {
  test.each([
    [{}, 200],
    [{ origin: "http://attacker.example" }, 403],
    [{ origin: "null" }, 403],
    [{ origin: "http://localhost:1" }, 403],
    [{ "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }, 403],
    [{ "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" }, 403],
    [{ "sec-fetch-site": "same-origin" }, 200],
    [{ "sec-fetch-site": "none" }, 200],
    // A link on another page may lead here; what a page of ours then asks is of the same origin.
    [{ "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }, 200],
  ] as const)("%j: %d", async (headers, status) => {
    await start();
    expect((await get("/here", headers)).status).toBe(status);
  });

  test("its own pages may ask", async () => {
    await start();
    const host = `127.0.0.1:${port()}`;
    expect((await get("/here", { host, origin: `http://${host}` })).status).toBe(200);
    expect((await get("/here", { host, origin: `https://${host}` })).status).toBe(403);
  });

  test("a form of another site cannot post by navigating", async () => {
    await start();
    const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    expect((await get("/here", headers, "POST")).status).toBe(403);
  });
});

describe("credentials", () => {
  const authenticator = (check: (authorization: string) => void): ServerAuthenticator => ({
    start: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
    authenticate: async (headers) => {
      check(headers.get("authorization")?.[0] ?? "");
      return { subject: "me" };
    },
  });
  const basic = authenticator((authorization) => {
    if (authorization !== "Basic bWU6eW91")
      throw new OtelierError("unauthorized", { code: "unauthenticated", outcome: "permanent" });
  });

  test.each([
    [undefined, 401],
    ["Basic bWU6bWU=", 401],
    ["Bearer bWU6eW91", 401],
    ["Basic bWU6eW91", 200],
  ])("%s: %d", async (authorization, status) => {
    await start({ authenticator: basic });
    const answer = await get("/here", authorization === undefined ? {} : { authorization });
    expect(answer.status).toBe(status);
    if (status === 401)
      expect(answer.headers["www-authenticate"]).toBe('Basic realm="otelier", charset="UTF-8"');
  });

  test("paths that do not exist are guarded too", async () => {
    await start({ authenticator: basic });
    expect((await get("/nowhere")).status).toBe(401);
  });

  test("whoever has credentials may come by any name", async () => {
    await start({ authenticator: basic, exposed: true });
    const headers = { host: "otelier.example.com", authorization: "Basic bWU6eW91" };
    expect((await get("/here", headers)).status).toBe(200);
    expect((await get("/here", { ...headers, origin: "http://attacker.example" })).status).toBe(403);
  });

  test("an authenticator that cannot tell lets nobody in", async () => {
    const broken = authenticator(() => {
      throw new OtelierError("cannot read the file", { code: "cannot-read-file", outcome: "retryable" });
    });
    await start({ authenticator: broken });
    expect((await get("/here")).status).toBe(503);
  });
});

test("the first responder that answers wins; nobody is 404", async () => {
  await start({
    responders: [
      async (request) => (request.path === "/a" ? textResponse("first\n") : undefined),
      async (request) => (request.path.startsWith("/a") ? textResponse("second\n") : undefined),
    ],
  });
  expect((await get("/a")).body.toString()).toBe("first\n");
  expect((await get("/ab")).body.toString()).toBe("second\n");
  expect((await get("/b")).status).toBe(404);
});

test("a busy port names what holds it and the option", async () => {
  await start();
  await expect(
    startHttpFront({
      endpoint: `127.0.0.1:${port()}`,
      policy: {},
      exposed: false,
      responders: [],
      onError: () => undefined,
    }),
  ).rejects.toMatchObject({
    code: "port-busy",
    message: expect.stringMatching(/choose another with --http HOST:PORT$/),
  });
});
