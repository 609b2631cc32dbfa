import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HttpClient, type HttpClientResponse } from "../../base/net/http-client.ts";
import { serveHttp, type HttpServer } from "../../base/net/http-server.ts";
import { createStaticFiles } from "./static-files.ts";

const folder = mkdtempSync(path.join(tmpdir(), "otelier-static-"));
const root = path.join(folder, "ui");
const page = "<!doctype html><title>Otelier</title>";
const script = "console.log(1);\n".repeat(50);
const client = new HttpClient({ keepAlive: false });
let server: HttpServer;

beforeAll(async () => {
  mkdirSync(path.join(root, "assets"), { recursive: true });
  writeFileSync(path.join(root, "index.html"), page);
  writeFileSync(path.join(root, "favicon.svg"), "<svg/>");
  writeFileSync(path.join(root, "assets/app-1a2b.js"), script);
  writeFileSync(path.join(folder, "secret.txt"), "secret");
  writeFileSync(path.join(folder, "ui-secret.txt"), "secret");
  server = await serveHttp({ endpoint: "127.0.0.1:0", handler: createStaticFiles(root) });
});
afterAll(async () => {
  await server.close(0);
  rmSync(folder, { recursive: true, force: true });
});

/** `target` reaches the server as it stands: nothing resolves its dots. */
async function get(
  target: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<HttpClientResponse> {
  const url = new URL(server.urls[0] ?? "");
  Object.defineProperty(url, "pathname", { value: target });
  return client.send({ method, url, headers, body: [] });
}

test("a path below a page is not found, since the page there could not load its assets", async () => {
  for (const path of ["/traces/0af7651916cd43dd8448eb211c80319c", "/services/checkout.v2"]) {
    expect((await get(path)).status).toBe(404);
  }
});

describe("finds", () => {
  test.each([
    ["/", "text/html; charset=utf-8", page],
    ["/index.html", "text/html; charset=utf-8", page],
    ["/traces", "text/html; charset=utf-8", page],
    ["/trace", "text/html; charset=utf-8", page],
    ["/favicon.svg", "image/svg+xml", "<svg/>"],
    ["/assets/app-1a2b.js", "text/javascript; charset=utf-8", script],
    ["//assets//app-1a2b.js", "text/javascript; charset=utf-8", script],
    ["/x/../assets/app-1a2b.js", "text/javascript; charset=utf-8", script],
  ])("%s", async (target, type, body) => {
    const answer = await get(target);
    expect([answer.status, answer.headers["content-type"], answer.body.toString()]).toEqual([
      200,
      type,
      body,
    ]);
    expect(answer.headers["x-content-type-options"]).toBe("nosniff");
  });

  test.each(["/assets/app-old.js", "/assets/app.css.map"])(
    "%s no more: 404, not the page",
    async (target) => {
      expect((await get(target)).status).toBe(404);
    },
  );
});

describe("stays in its folder", () => {
  test.each([
    "/../secret.txt",
    "/../ui-secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e/secret.txt",
    "/%2e%2e%2fsecret.txt",
    "/assets/../../secret.txt",
    "/assets/%2e%2e/%2e%2e/secret.txt",
    "/..%5csecret.txt",
    "/....//secret.txt",
    `/${path.join(folder, "secret.txt")}`,
    "/%252e%252e/secret.txt",
    "/secret.txt%00.js",
    "/%ff%fe",
    "/%",
  ])("%s", async (target) => {
    const answer = await get(target);
    expect(answer.body.toString()).not.toContain("secret");
    expect([200, 400, 404]).toContain(answer.status);
  });
});

describe("caching", () => {
  test.each([
    ["/assets/app-1a2b.js", "public, max-age=31536000, immutable"],
    ["/favicon.svg", "no-cache"],
    ["/", "no-cache"],
    ["/traces", "no-cache"],
  ])("%s: %s", async (target, expected) => {
    const { headers } = await get(target);
    expect(headers["cache-control"]).toBe(expected);
    expect(headers["vary"]).toBe("accept-encoding");
  });
});

test("gzip where the client takes it", async () => {
  const answer = await get("/assets/app-1a2b.js", { "accept-encoding": "br, gzip" });
  expect(answer.headers["content-encoding"]).toBe("gzip");
  expect(gunzipSync(answer.body).toString()).toBe(script);
  expect(
    (await get("/assets/app-1a2b.js", { "accept-encoding": "br" })).headers["content-encoding"],
  ).toBeUndefined();
});

test("HEAD has the headers alone; other methods are refused", async () => {
  const head = await get("/", {}, "HEAD");
  expect([head.status, head.body.length]).toEqual([200, 0]);
  const post = await get("/", {}, "POST");
  expect([post.status, post.headers["allow"]]).toEqual([405, "GET, HEAD"]);
});

test("the page may load and be framed by its own origin only", async () => {
  const policy = String((await get("/")).headers["content-security-policy"]).split("; ");
  expect(policy).toContain("default-src 'self'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).toContain("frame-ancestors 'self'");
  expect(policy).toContain("connect-src 'self'");
});

test("a UI that was not built says so", async () => {
  const bare = await serveHttp({
    endpoint: "127.0.0.1:0",
    handler: createStaticFiles(path.join(folder, "none")),
  });
  const response = await fetch(`${bare.urls[0]}/`);
  expect([response.status, await response.text()]).toEqual([503, "the UI is not built: run npm run build\n"]);
  await bare.close(0);
});
