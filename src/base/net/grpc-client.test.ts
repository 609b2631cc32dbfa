/** Our gRPC client against the HTTP/2 server of Node.js, which is not ours. */
import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { createServer as createSilentServer, type AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { GrpcClient, type GrpcClientOptions } from "./grpc-client.ts";
import { frame } from "./grpc-frame.ts";

const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const close of cleanUp.splice(0)) close();
});

type OnStream = (stream: ServerHttp2Stream, body: Buffer) => void;

async function start(
  onStream: OnStream,
  settings: Parameters<typeof createServer>[0] = {},
  options: Partial<GrpcClientOptions> = {},
): Promise<{ client: GrpcClient; server: Http2Server; sessions: ServerHttp2Session[] }> {
  const server = createServer(settings);
  const sessions: ServerHttp2Session[] = [];
  server.on("session", (session) => sessions.push(session));
  server.on("stream", (stream) => {
    const pieces: Buffer[] = [];
    stream.on("error", () => undefined);
    stream.on("data", (piece: Buffer) => pieces.push(piece));
    stream.on("end", () => onStream(stream, Buffer.concat(pieces)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const client = new GrpcClient({
    target: { hostPort: `127.0.0.1:${port}` },
    userAgent: "test",
    ...options,
  });
  cleanUp.push(() => {
    client.close();
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { client, server, sessions };
}

function answerWith(stream: ServerHttp2Stream, message: Buffer): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(frame(message));
}

const echo: OnStream = (stream, body) => answerWith(stream, body.subarray(5));
const pattern = (length: number): Buffer =>
  Buffer.alloc(
    length,
    Uint8Array.from({ length: 251 }, (_, at) => at),
  );
const call = { path: "/a.B/C" };

describe("messages arrive and come back byte for byte", () => {
  it.each([
    ["of some megabytes", 3_500_000, {}],
    ["through a window of 1,000 bytes", 100_000, { settings: { initialWindowSize: 1000 } }],
    ["in the largest frames", 3_000_000, { settings: { maxFrameSize: 1_000_000 } }],
    ["without any", 0, {}],
  ])("%s", async (_, length, settings) => {
    const { client } = await start(echo, settings);
    const message = pattern(length);
    const pieces = [message.subarray(0, 10), message.subarray(10, 11), message.subarray(11)];
    const answers = await Promise.all([1, 2, 3].map(() => client.unary({ ...call, message: pieces })));
    for (const answer of answers) expect(answer.equals(message)).toBe(true);
  });

  it("over a connection that takes one call at a time", async () => {
    let running = 0;
    let most = 0;
    const { client, sessions } = await start(
      (stream, body) => {
        most = Math.max(most, ++running);
        setTimeout(() => {
          running--;
          echo(stream, body);
        }, 1);
      },
      { settings: { maxConcurrentStreams: 1 } },
    );
    // The server's wish is known from the first answer on.
    await client.unary({ ...call, message: [] });
    const messages = Array.from({ length: 20 }, (_, at) => Buffer.from(String(at)));
    const answers = await Promise.all(
      messages.map((message) => client.unary({ ...call, message: [message] })),
    );
    expect(answers.map(String)).toEqual(messages.map(String));
    expect([most, sessions.length]).toEqual([1, 1]);
  });
});

describe("a call that fails", () => {
  it.each<[string, OnStream, Partial<GrpcClientOptions>, number, RegExp]>([
    [
      "with a status",
      (stream) =>
        stream.respond(
          { ":status": 200, "grpc-status": "7", "grpc-message": "n%C3%A9in" },
          { endStream: true },
        ),
      {},
      7,
      /^néin$/,
    ],
    [
      "with an HTTP status",
      (stream) => stream.respond({ ":status": 503 }, { endStream: true }),
      {},
      14,
      /503/,
    ],
    ["by a reset", (stream) => stream.close(2), {}, 14, /reset the call with INTERNAL_ERROR/],
    ["with its connection", (stream) => stream.session?.destroy(), {}, 14, /connection/],
    [
      "with an answer that is too large",
      (stream) => answerWith(stream, pattern(5000)),
      { maxResponseBytes: 1000 },
      8,
      /received message larger than max/,
    ],
  ])("%s", async (_, onStream, options, code, message) => {
    const { client } = await start(onStream, {}, options);
    const failed = client.unary({ ...call, message: [] });
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.toMatchObject({ status: { code } });
  });

  it.each([
    ["before it was sent", AbortSignal.abort()],
    ["while it waits", undefined],
  ])("by its deadline, %s", async (_, aborted) => {
    const { client } = await start(() => undefined);
    const signal = aborted ?? AbortSignal.timeout(50);
    await expect(client.unary({ ...call, message: [], signal })).rejects.toMatchObject({
      status: { code: 4 },
    });
  });
});

it("a server that says goodbye gets its running call's answer taken and the next call on a new connection", async () => {
  const { client, sessions } = await start((stream, body) => {
    if (body.length === 5) stream.session?.goaway(0, stream.id);
    setTimeout(() => echo(stream, body), 10);
  });
  expect((await client.unary({ ...call, message: [] })).length).toBe(0);
  expect((await client.unary({ ...call, message: [pattern(3)] })).length).toBe(3);
  expect(sessions.length).toBe(2);
});

it("a server that answers no ping is left", async () => {
  const silent = createSilentServer((socket) => socket.on("error", () => undefined).resume());
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as AddressInfo;
  const client = new GrpcClient({
    target: { hostPort: `127.0.0.1:${port}` },
    userAgent: "test",
    keepalive: { timeMs: 20, timeoutMs: 30, withoutCalls: false },
  });
  cleanUp.push(() => silent.close());
  await expect(client.unary({ ...call, message: [] })).rejects.toMatchObject({ status: { code: 14 } });
});
