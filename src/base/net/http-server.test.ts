import { connect as connectHttp2 } from "node:http2";
import { createConnection } from "node:net";
import { afterEach, expect, test } from "vitest";
import { serveHttp, type HttpServer, type HttpServerOptions } from "./http-server.ts";
import { jsonResponse, textResponse } from "./http-message.ts";

const open: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close(0)));
});

async function start(options: Partial<HttpServerOptions>): Promise<HttpServer> {
  const server = await serveHttp({
    endpoint: "localhost:0",
    handler: (request) => textResponse(`${request.method} ${request.path} over ${request.version}`),
    ...options,
  });
  open.push(server);
  return server;
}

/** Sends raw pieces, `pauseMs` apart, and gives all that comes back until the server closes. */
function talk(port: number, pieces: readonly string[], pauseMs = 5): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk.toString("latin1")));
    socket.on("close", () => resolve(answer));
    socket.on("error", (error) => (answer === "" ? reject(error) : undefined));
    pieces.forEach((piece, index) => setTimeout(() => socket.write(piece, "latin1"), index * pauseMs));
  });
}

function overHttp2(url: string, path: string, body?: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(url);
    session.on("error", reject);
    const stream = session.request({ ":path": path, ":method": body === undefined ? "GET" : "POST" });
    let status = 0;
    let text = "";
    stream.on("response", (headers) => (status = headers[":status"] ?? 0));
    stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
    stream.on("end", () => {
      session.close();
      resolve({ status, body: text });
    });
    stream.on("error", reject);
    stream.end(body);
  });
}

test("both protocols are served on both loopback addresses with one port", async () => {
  const server = await start({});
  expect(server.urls[0]).toBe(`http://127.0.0.1:${server.port}`);
  for (const url of server.urls) {
    expect(await (await fetch(`${url}/a?b=c`)).text()).toBe("GET /a over 1");
    expect(await overHttp2(url, "/a?b=c")).toEqual({ status: 200, body: "GET /a over 2" });
  }
});

test("a request that arrives byte by byte is recognised", async () => {
  const server = await start({});
  const request = "PUT /x HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
  expect(await talk(server.port, request.split(""), 1)).toContain("PUT /x over 1");
});

test("bodies are read whole by either protocol", async () => {
  const server = await start({
    handler: async (request) => {
      const body = await request.readBody({ maxBytes: 1_000_000 });
      return jsonResponse({ length: body.length });
    },
  });
  const body = "x".repeat(300_000);
  const first = await fetch(`http://127.0.0.1:${server.port}/`, { method: "POST", body });
  expect(await first.json()).toEqual({ length: 300_000 });
  const second = await overHttp2(`http://127.0.0.1:${server.port}`, "/", body);
  expect(JSON.parse(second.body)).toEqual({ length: 300_000 });
});

test("a body that is empty, and is read when the request has ended, is empty", async () => {
  const server = await start({
    handler: async (request) => {
      await new Promise((resolve) => setImmediate(resolve));
      return textResponse(String((await request.readBody({ maxBytes: 10 })).length));
    },
  });
  for (const url of server.urls) {
    expect(await (await fetch(url, { method: "POST" })).text()).toBe("0");
    expect(await overHttp2(url, "/", "")).toEqual({ status: 200, body: "0" });
  }
});

test("a busy port names its holder and the option that chooses another", async () => {
  const server = await start({});
  const again = serveHttp({
    endpoint: `127.0.0.1:${server.port}`,
    handler: () => textResponse(""),
    portOption: "--http HOST:PORT",
  });
  await expect(again).rejects.toMatchObject({ code: "port-busy" });
  await expect(again).rejects.toThrow(
    new RegExp(
      `cannot listen on 127\\.0\\.0\\.1:${server.port}: the port is in use by .*; choose another with --http HOST:PORT`,
    ),
  );
});

test("a streamed response ends when the client leaves", async () => {
  let returned = (): void => undefined;
  const left = new Promise<void>((resolve) => {
    returned = resolve;
  });
  async function* ticks(signal: AbortSignal): AsyncGenerator<string> {
    try {
      for (let count = 0; !signal.aborted; count++) {
        yield `data: ${count}\n\n`;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    } finally {
      returned();
    }
  }
  const server = await start({
    handler: (request) => ({
      status: 200,
      headers: { "content-type": "text/event-stream" },
      body: ticks(request.closed),
    }),
  });
  const response = await fetch(`http://127.0.0.1:${server.port}/`);
  const reader = response.body?.getReader();
  const piece = await reader?.read();
  expect(Buffer.from(piece?.value ?? []).toString()).toContain("data: 0");
  await reader?.cancel();
  await left;
});

test("close waits for a running request, refuses new connections", async () => {
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  let entered = (): void => undefined;
  const inside = new Promise<void>((resolve) => {
    entered = resolve;
  });
  const server = await start({
    handler: async () => {
      entered();
      await gate;
      return textResponse("done");
    },
  });
  const running = fetch(`http://127.0.0.1:${server.port}/`);
  await inside;
  const closing = server.close(5000);
  await expect(fetch(`http://127.0.0.1:${server.port}/`)).rejects.toThrow();
  release();
  expect(await (await running).text()).toBe("done");
  await closing;
});

test("garbage and TLS on a plain port are reported and closed", async () => {
  const problems: string[] = [];
  const server = await start({ onProblem: (problem) => problems.push(problem.kind) });
  await talk(server.port, ["\u0000\u0001garbage"]);
  await talk(server.port, ["\u0016\u0003\u0001"]);
  expect(problems).toEqual(["not-http", "tls-on-plain-port"]);
});

test("headers above the limit get 431, silence is cut", async () => {
  const server = await start({ limits: { maxHeaderBytes: 1024, headerTimeoutMs: 100 } });
  const large = `GET / HTTP/1.1\r\nhost: x\r\na: ${"y".repeat(4000)}\r\n\r\n`;
  expect(await talk(server.port, [large])).toContain("431 Request Header Fields Too Large");
  expect(await talk(server.port, [])).toBe("");
});

test("a body that comes too slowly, too large or not at all ends with its status", async () => {
  const server = await start({
    limits: { bodyTimeoutMs: 60 },
    handler: async (request) => textResponse(String((await request.readBody({ maxBytes: 10 })).length)),
  });
  const head = "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";
  expect(await talk(server.port, [`${head}content-length: 5\r\n\r\nab`])).toContain("408 Request Timeout");
  expect(await talk(server.port, [`${head}content-length: 99999999999\r\n\r\n`])).toContain(
    "413 Payload Too Large",
  );
  const chunked = `${head}transfer-encoding: chunked\r\n\r\n6\r\nabcdef\r\n6\r\nghijkl\r\n0\r\n\r\n`;
  expect(await talk(server.port, [chunked])).toContain("413 Payload Too Large");
});
