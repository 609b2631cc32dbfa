/** Raw bytes to the OTLP receiver itself: damaged HTTP/1.1 requests, and HTTP/2 connections with damaged frames after a good preface. */
import { createConnection } from "node:net";
import type { Random } from "../../src/base/random.ts";
import { textResponse } from "../../src/base/net/http-message.ts";
import { serveHttp } from "../../src/base/net/http-server.ts";
import { below, mutate } from "./mutate.ts";
import type { Target } from "./targets.ts";

const http1 = (random: Random): Buffer => {
  const body = random.bytes(below(random, 80));
  const head = [
    `POST /v1/traces?${"a".repeat(below(random, 20))} HTTP/1.1`,
    "host: localhost",
    "content-type: application/x-protobuf",
    `content-length: ${body.length}`,
    ...Array.from({ length: below(random, 5) }, (_, at) => `x-${at}: ${"v".repeat(below(random, 60))}`),
  ].join("\r\n");
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]);
};

const http2Frame = (type: number, flags: number, stream: number, payload: Uint8Array): Buffer => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
};

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
// :method POST, :scheme http, :path /, then :authority "x", by the static table of HPACK.
const headers = Buffer.from([0x83, 0x86, 0x84, 0x41, 0x01, 0x78]);

const http2 = (random: Random): Buffer =>
  Buffer.concat([
    preface,
    http2Frame(4, 0, 0, Buffer.alloc(0)),
    http2Frame(1, 4, 1, headers),
    ...Array.from({ length: 1 + below(random, 4) }, () =>
      http2Frame(below(random, 10), below(random, 64), below(random, 4), random.bytes(below(random, 30))),
    ),
    http2Frame(0, 1, 1, random.bytes(below(random, 30))),
  ]);

export async function serverTarget(): Promise<Target> {
  const server = await serveHttp({
    endpoint: "127.0.0.1:0",
    limits: { headerTimeoutMs: 200, bodyTimeoutMs: 200, idleTimeoutMs: 200 },
    handler: async (request) => {
      const body = await request.readBody({ maxBytes: 4096 });
      return textResponse(String(body.length));
    },
  });
  let talks = 0;
  return {
    name: "HTTP/1.1 and HTTP/2",
    // A connection that makes no sense any more stays until its time is over.
    atOnce: 1000,
    weight: 0.5,
    make: (random) => {
      const make = random.next() < 0.5 ? http1 : http2;
      const input = mutate(make(random), make(random), random);
      // Most damage to the preface ends the connection before a frame is read.
      return make === http2 && random.next() < 0.9 ? Buffer.concat([preface, input.subarray(24)]) : input;
    },
    take: async (input) => {
      await talk(server.port, input);
      if (++talks % 64 !== 0) return;
      const answer = await fetch(`http://127.0.0.1:${server.port}/`, { method: "POST", body: "12345" });
      if (answer.status !== 200 || (await answer.text()) !== "5")
        throw new Error("a good request is not answered");
    },
    close: () => server.close(0),
  };
}

/** Sends, ends its side, and waits until the server closed the connection. */
function talk(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
    socket.resume();
    socket.end(bytes);
  });
}
