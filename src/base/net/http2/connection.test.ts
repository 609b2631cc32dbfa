/** What an end of a connection bears of the other while its own data waits. */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { Http2Connection } from "./connection.ts";
import { defaultWindow, Flag, frame, FrameType, maxWindow, wordFrame } from "./protocol.ts";

const open: { destroy(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.destroy();
});

/** Our end, and the bare socket of the other, which reads nothing. */
async function pair(isServer: boolean): Promise<{ ours: Http2Connection; other: Socket }> {
  const listener = createServer({ pauseOnConnect: true });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const accepted = once(listener, "connection") as Promise<[Socket]>;
  const socket = connect((listener.address() as AddressInfo).port, "127.0.0.1");
  const [other] = await accepted;
  listener.close();
  open.push(socket, other);
  other.on("error", () => undefined);
  const ours = new Http2Connection({
    socket,
    isServer,
    connectionWindow: defaultWindow,
    streamWindow: defaultWindow,
    maxFrameBytes: 16_384,
    maxHeaderBytes: 16_384,
    maxHeaderFields: 100,
    maxStreams: 10,
    onStream: (stream) => {
      stream.respond({ ":status": 200 }, false);
      stream.write(large);
      stream.end();
    },
    onClose: () => undefined,
  });
  socket.on("data", (bytes: Buffer) => ours.receive(bytes));
  ours.begin();
  other.write(frame(FrameType.settings, 0, 0, Buffer.from([0, 4, 0x7f, 0xff, 0xff, 0xff])));
  other.write(wordFrame(FrameType.windowUpdate, 0, maxWindow - defaultWindow));
  return { ours, other };
}

/** More than sockets hold, so that the rest waits in our program. */
const large = Buffer.alloc(32 * 1024 * 1024);
const ping = frame(FrameType.ping, 0, 0, Buffer.alloc(8));

async function isFull(ours: Http2Connection): Promise<void> {
  while (ours.socket.writableLength < 1024 * 1024) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function whenRead(ours: Http2Connection, bytes: number): Promise<void> {
  while (ours.socket.bytesRead < bytes) await new Promise((resolve) => setTimeout(resolve, 5));
}

it("goes on when a server pings to measure while data waits for it", async () => {
  const { ours, other } = await pair(false);
  const fields = { ":method": "POST", ":scheme": "http", ":path": "/", ":authority": "localhost" };
  await whenRead(ours, 15 + 13);
  const stream = ours.open(fields, {
    onData: () => undefined,
    onEnd: () => undefined,
    onClose: () => undefined,
  });
  stream.write(large);
  stream.end();
  await isFull(ours);
  const before = ours.socket.bytesRead;
  other.write(Buffer.concat([ping, ping, ping]));
  await whenRead(ours, before + 3 * ping.length);
  expect(ours.failure).toBeUndefined();
});

it("leaves a client that pings and does not read what it asked for", async () => {
  const { ours, other } = await pair(true);
  // :method GET, :scheme http, :path / of the static table.
  other.write(frame(FrameType.headers, Flag.endHeaders | Flag.endStream, 1, Buffer.from([0x82, 0x86, 0x84])));
  await isFull(ours);
  other.write(ping);
  while (ours.failure === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(ours.failure.message).toContain("too many frames that carry nothing");
});
