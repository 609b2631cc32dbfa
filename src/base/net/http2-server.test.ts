/** Our server against the HTTP/2 client of Node.js, which is not ours. */
import { connect, constants, type ClientHttp2Session, type IncomingHttpHeaders } from "node:http2";
import { afterEach, describe, expect, it } from "vitest";
import type { HttpLimits } from "./http-limits.ts";
import { headerOf, textResponse, type HttpHandler } from "./http-message.ts";
import { serveHttp, type HttpServer } from "./http-server.ts";

const servers: HttpServer[] = [];
const sessions: ClientHttp2Session[] = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy();
  await Promise.all(servers.splice(0).map((server) => server.close(0)));
});

type Settings = NonNullable<Parameters<typeof connect>[1]>["settings"];

async function start(
  handler: HttpHandler,
  settings: Settings = {},
  limits: Partial<HttpLimits> = {},
): Promise<ClientHttp2Session> {
  const server = await serveHttp({ endpoint: "127.0.0.1:0", handler, limits });
  servers.push(server);
  const session = connect(server.urls[0] ?? "", { settings });
  session.on("error", () => undefined);
  sessions.push(session);
  return session;
}

interface Answer {
  readonly head: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly trailers: IncomingHttpHeaders;
  readonly code: number;
}

function ask(
  session: ClientHttp2Session,
  headers: Readonly<Record<string, string | string[]>>,
  body?: Buffer,
): Promise<Answer> {
  return new Promise((resolve) => {
    const stream = session.request({ ":method": body === undefined ? "GET" : "POST", ...headers });
    let head: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    const pieces: Buffer[] = [];
    stream.on("response", (all) => (head = all));
    stream.on("trailers", (all) => (trailers = all));
    stream.on("data", (piece: Buffer) => pieces.push(piece));
    stream.on("error", () => undefined);
    stream.on("close", () =>
      resolve({ head, trailers, body: Buffer.concat(pieces), code: stream.rstCode ?? 0 }),
    );
    stream.end(body);
  });
}

const pattern = (length: number): Buffer =>
  Buffer.alloc(
    length,
    Uint8Array.from({ length: 251 }, (_, at) => at),
  );
const echo: HttpHandler = async (request) => ({
  status: 200,
  body: await request.readBody({ maxBytes: 1e8 }),
  trailers: { "x-end": "yes" },
});

describe("bodies arrive and leave byte for byte", () => {
  it.each([
    ["of some megabytes", 5_000_000, {}],
    ["through a window of 1,000 bytes", 100_000, { initialWindowSize: 1000 }],
    ["in the largest frames", 3_000_000, { maxFrameSize: 1_000_000 }],
    ["of one byte", 1, {}],
    ["without any", 0, {}],
  ])("%s", async (_, length, settings) => {
    const session = await start(echo, settings);
    const body = pattern(length);
    const answers = await Promise.all([1, 2, 3].map(() => ask(session, { ":path": "/" }, body)));
    for (const answer of answers) {
      expect(answer.body.equals(body)).toBe(true);
      expect([answer.head[":status"], answer.trailers["x-end"], answer.code]).toEqual([200, "yes", 0]);
    }
  });

  it("a thousand requests on one connection", async () => {
    const session = await start(echo);
    const bodies = Array.from({ length: 1000 }, (_, at) => Buffer.from(`body ${at} `.repeat(at)));
    const answers = await Promise.all(bodies.map((body) => ask(session, { ":path": "/" }, body)));
    expect(answers.map(({ body }) => body.toString())).toEqual(bodies.map(String));
  });
});

it("headers come as they were sent, joined where they came twice", async () => {
  const session = await start((request) =>
    textResponse(["x", "cookie", "long", "content-type"].map((name) => headerOf(request, name)).join("|")),
  );
  const long = "ä".repeat(20_000);
  const { body } = await ask(session, {
    ":path": "/",
    x: ["1", "2"],
    cookie: ["a=1", "b=2"],
    long,
    "content-type": "text/plain",
  });
  expect(body.toString()).toBe(`1, 2|a=1; b=2|${long}|text/plain`);
});

it("an answer that comes piece by piece goes at the speed of its reader", async () => {
  let made = 0;
  async function* pieces(): AsyncGenerator<Buffer> {
    for (; made < 200; made++) yield await Promise.resolve(Buffer.alloc(100_000, made));
  }
  const session = await start(() => ({ status: 200, body: pieces() }), { initialWindowSize: 65_535 });
  const stream = session.request({ ":path": "/" });
  await new Promise((resolve) => stream.once("response", resolve));
  await new Promise((resolve) => setTimeout(resolve, 50));
  // 20 MB wait to be made; what the window does not take is not.
  expect(made).toBeLessThan(30);
  let size = 0;
  for await (const piece of stream) size += (piece as Buffer).length;
  expect([made, size]).toEqual([200, 20_000_000]);
});

it("a client that resets its request aborts it, and the connection goes on", async () => {
  let aborted = (): void => undefined;
  const left = new Promise<void>((resolve) => (aborted = resolve));
  const session = await start(async (request) => {
    if (request.path === "/ok") return textResponse("fine");
    await new Promise<void>((resolve) => request.closed.addEventListener("abort", () => resolve()));
    aborted();
    return textResponse("late");
  });
  const stream = session.request({ ":path": "/wait" });
  stream.on("error", () => undefined);
  await ask(session, { ":path": "/ok" });
  stream.close(constants.NGHTTP2_CANCEL);
  await left;
  expect((await ask(session, { ":path": "/ok" })).body.toString()).toBe("fine");
});

it.each([
  ["shorter", "7", 5],
  ["longer", "3", 5],
])("a body that is %s than its content-length is refused", async (_, declared, sent) => {
  const session = await start(echo);
  const answer = await ask(session, { ":path": "/", "content-length": declared }, pattern(sent));
  expect(answer.head[":status"]).not.toBe(200);
  expect(answer.code).not.toBe(constants.NGHTTP2_NO_ERROR);
});

it("bodies that nobody reads leave room for others", async () => {
  const session = await start(async (request) =>
    request.path === "/echo" ? echo(request) : textResponse("not read", 404),
  );
  for (let round = 0; round < 12; round++) {
    const ignored = await ask(session, { ":path": "/" }, pattern(3_000_000));
    expect(ignored.head[":status"]).toBe(404);
  }
  expect((await ask(session, { ":path": "/echo" }, pattern(10))).body).toEqual(pattern(10));
});

it("a connection that is old enough ends without losing a request", async () => {
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const session = await start(
    async () => {
      await gate;
      return textResponse("done");
    },
    {},
    { maxConnectionAgeMs: 50 },
  );
  const answer = ask(session, { ":path": "/" });
  const closed = new Promise((resolve) => session.once("close", resolve));
  await new Promise((resolve) => session.once("goaway", resolve));
  release();
  expect((await answer).body.toString()).toBe("done");
  await closed;
});
