/** No client makes the server hold connections, streams or memory without end. Limits are made small here; the defaults are in http-limits.ts. */
import { connect as connectHttp2, constants } from "node:http2";
import { createConnection, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { seededRandom } from "../random.ts";
import { GrpcClient } from "./grpc-client.ts";
import { grpcHandler, type GrpcCall } from "./grpc-server.ts";
import { GrpcError } from "./grpc-status.ts";
import { textResponse, type HttpHandler } from "./http-message.ts";
import type { HttpLimits } from "./http-limits.ts";
import { serveHttp, type HttpServer } from "./http-server.ts";

let servers: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close(0)));
  servers = [];
});

async function start(limits: Partial<HttpLimits>, handler?: HttpHandler): Promise<HttpServer> {
  const echo: HttpHandler = async (request) =>
    textResponse(String((await request.readBody({ maxBytes: 1_000_000 })).length));
  const server = await serveHttp({ endpoint: "127.0.0.1:0", limits, handler: handler ?? echo });
  servers.push(server);
  return server;
}

function open(server: HttpServer): Socket {
  const socket = createConnection({ port: server.port, host: "127.0.0.1" });
  socket.on("error", () => undefined);
  return socket;
}

/** All that comes until the server closes. */
function untilClosed(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk) => (text += chunk.toString("latin1")));
  return new Promise((resolve) => socket.once("close", () => resolve(text)));
}

const request = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\n\r\nabc";
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const frame = (type: number, flags: number, stream: number, payload: Buffer): Buffer => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
};
/** HPACK: GET http / of "x". */
const getHeaders = Buffer.from([0x82, 0x86, 0x84, 0x41, 0x01, 0x78]);

describe("connections", () => {
  test("above their number are closed at once; those that are there go on", async () => {
    const server = await start({ maxConnections: 2 });
    const first = open(server);
    const second = open(server);
    await Promise.all(
      [first, second].map((socket) => new Promise((resolve) => socket.once("connect", resolve))),
    );
    expect(await untilClosed(open(server))).toBe("");
    first.write(request);
    expect(
      await new Promise((resolve) => first.once("data", (chunk) => resolve(chunk.toString()))),
    ).toContain("200");
    first.destroy();
    second.destroy();
  });

  test.each([
    ["that say nothing", Buffer.alloc(0)],
    ["that sent half a preface", preface.subarray(0, 10)],
    ["that sent half a request line", Buffer.from("POST / HT")],
  ])("%s are closed when their time is over", async (_, bytes) => {
    const socket = open(await start({ headerTimeoutMs: 100, idleTimeoutMs: 100 }));
    socket.write(bytes);
    expect(await untilClosed(socket)).not.toContain("200");
  });

  test.each([
    ["HTTP/1.1", Buffer.from(request)],
    ["HTTP/2", Buffer.concat([preface, frame(4, 0, 0, Buffer.alloc(0)), frame(1, 5, 1, getHeaders)])],
    ["HTTP/2 without a request", Buffer.concat([preface, frame(4, 0, 0, Buffer.alloc(0))])],
  ])("of %s are closed when nothing more is asked on them", async (_, bytes) => {
    const socket = open(await start({ idleTimeoutMs: 100 }));
    socket.write(bytes);
    await untilClosed(socket);
  });

  test("of HTTP/2 that never ask anything are closed, also where idle ones are kept", async () => {
    const socket = open(await start({ idleTimeoutMs: 0, headerTimeoutMs: 100 }));
    socket.write(Buffer.concat([preface, frame(4, 0, 0, Buffer.alloc(0))]));
    await untilClosed(socket);
  });

  test("of HTTP/2 that are dead after a client's mistake are closed, also where idle ones are kept; live ones stay", async () => {
    const server = await start({ idleTimeoutMs: 0, headerTimeoutMs: 100, pingTimeoutMs: 5000 });
    const live = connectHttp2(`http://127.0.0.1:${server.port}`);
    const ask = (): Promise<void> =>
      new Promise((resolve, reject) => {
        const stream = live.request({ ":path": "/" }).resume();
        stream.on("error", reject).on("end", resolve);
      });
    await ask();
    let pings = 0;
    live.on("ping", () => pings++);
    const dead = open(server);
    const tooLong = frame(0, 1, 1, Buffer.alloc(70 * 1024));
    dead.write(
      Buffer.concat([preface, frame(4, 0, 0, Buffer.alloc(0)), frame(1, 4, 1, getHeaders), tooLong]),
    );
    await untilClosed(dead);
    while (pings < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    await ask();
    live.destroy();
  });

  test("half open, whose client has gone silent while its request is answered, are closed", async () => {
    const socket = open(await start({ idleTimeoutMs: 100 }));
    socket.end(Buffer.concat([preface, frame(4, 0, 0, Buffer.alloc(0)), frame(1, 5, 1, getHeaders)]));
    await untilClosed(socket);
  });

  test("whose client never takes the answer are closed", async () => {
    const socket = open(await start({ idleTimeoutMs: 100 }));
    // SETTINGS_INITIAL_WINDOW_SIZE 0: not a byte of a body may be sent.
    const settings = Buffer.from([0, 4, 0, 0, 0, 0]);
    socket.write(Buffer.concat([preface, frame(4, 0, 0, settings), frame(1, 5, 1, getHeaders)]));
    await untilClosed(socket);
  });
});

describe("requests", () => {
  test("whose headers come a byte at a time end with 408", async () => {
    const socket = open(await start({ headerTimeoutMs: 300 }));
    const closed = untilClosed(socket);
    const timer = setInterval(() => socket.write("x"), 20);
    socket.write("GET / HTTP/1.1\r\nhost: localhost\r\nx: ");
    expect(await closed).toContain("408 Request Timeout");
    clearInterval(timer);
  });

  test("above the streams of a connection are refused by the protocol", async () => {
    let held: (() => void)[] = [];
    const server = await start({ maxStreams: 2 }, async () => {
      await new Promise<void>((resolve) => held.push(resolve));
      return textResponse("");
    });
    const socket = open(server);
    const closed = untilClosed(socket);
    const streams = [1, 3, 5, 7].map((stream) => frame(1, 5, stream, getHeaders));
    socket.write(
      Buffer.concat([preface, frame(4, 0, 0, Buffer.alloc(0)), frame(4, 1, 0, Buffer.alloc(0)), ...streams]),
    );
    while (held.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    const session = connectHttp2(`http://127.0.0.1:${server.port}`);
    const settings = await new Promise<number | undefined>((resolve) =>
      session.once("remoteSettings", ({ maxConcurrentStreams }) => resolve(maxConcurrentStreams)),
    );
    expect([settings, held.length]).toEqual([2, 2]);
    for (const resolve of held) resolve();
    held = [];
    session.destroy();
    socket.destroy();
    await closed;
  });

  test("with more headers than allowed are refused, however small", async () => {
    const session = connectHttp2(`http://127.0.0.1:${(await start({})).port}`);
    session.on("error", () => undefined);
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`x${at}`, ""]));
    const stream = session.request({ ":path": "/", ...many });
    const code = await new Promise((resolve) => {
      stream.on("error", () => undefined);
      stream.once("close", () => resolve(stream.rstCode));
    });
    expect(code).not.toBe(constants.NGHTTP2_NO_ERROR);
    session.destroy();
  });

  test("whose bodies together are above the budget are asked to come back, and memory is given back", async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const server = await start({ maxBufferedBytes: 1000 }, async (one) => {
      const body = await one.readBody({ maxBytes: 10_000 });
      if (body.length === 800) await gate;
      return textResponse("taken");
    });
    const post = (bytes: number): Promise<Response> =>
      fetch(`http://127.0.0.1:${server.port}/`, { method: "POST", body: "x".repeat(bytes) });
    const first = post(800);
    let second = await post(700);
    // Until the first one's body is held.
    while (second.status === 200) second = await post(700);
    expect([second.status, second.headers.get("retry-after")]).toEqual([429, "1"]);
    release();
    expect((await first).status).toBe(200);
    let third = await post(700);
    while (third.status !== 200) third = await post(700);
    expect(await third.text()).toBe("taken");
  });

  test.each([
    ["body", false, 1001, 413],
    ["body with what it becomes", false, 700, 413],
    ["body that fits with what it becomes", false, 400, 200],
    ["body over HTTP/2", true, 1001, 413],
    ["body with what it becomes over HTTP/2", true, 700, 413],
    ["body that fits with what it becomes over HTTP/2", true, 400, 200],
  ])("that alone need more than the budget are refused for good: %s", async (_, http2, bytes, status) => {
    const server = await start({ maxBufferedBytes: 1000 }, async (one) => {
      const body = await one.readBody({ maxBytes: 10_000 });
      one.hold(body.length);
      return textResponse("taken");
    });
    const url = `http://127.0.0.1:${server.port}`;
    const body = "x".repeat(bytes);
    // Twice: what was taken is given back.
    for (let round = 0; round < 2; round++) {
      const got = http2 ? await postHttp2(url, body) : (await fetch(url, { method: "POST", body })).status;
      expect(got).toBe(status);
    }
  });
});

test.each([
  [1001, 8],
  [700, 8],
  [400, 0],
])("of gRPC, %d bytes and what they become: status %d", async (bytes, code) => {
  const echo = async ({ message }: GrpcCall): Promise<Uint8Array> => message;
  const server = await start(
    { maxBufferedBytes: 1000 },
    grpcHandler({ services: new Map([["s", new Map([["m", echo]])]]), maxMessageBytes: 10_000 }),
  );
  // Random bytes do not shrink.
  const message = gzipSync(seededRandom(1).bytes(bytes));
  const client = new GrpcClient({ target: { hostPort: `127.0.0.1:${server.port}` }, userAgent: "test" });
  const answer = client.unary({ path: "/s/m", message: [message], compression: "gzip" });
  const got = await answer.then(
    () => 0,
    (error: unknown) => (error instanceof GrpcError ? error.status.code : error),
  );
  client.close();
  expect(got).toBe(code);
});

async function postHttp2(url: string, body: string): Promise<number> {
  const session = connectHttp2(url);
  session.on("error", () => undefined);
  const stream = session.request({ ":path": "/", ":method": "POST" });
  stream.on("error", () => undefined);
  const status = new Promise<number>((resolve) =>
    stream.once("response", (headers) => resolve(headers[":status"] ?? 0)),
  );
  stream.end(body);
  const got = await status;
  session.destroy();
  return got;
}
