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
    limits: { headerTimeoutMs: 500, bodyTimeoutMs: 500, idleTimeoutMs: 500 },
    handler: async (request) => {
      const body = await request.readBody({ maxBytes: 4096 });
      return textResponse(String(body.length));
    },
  });
  let talks = 0;
  return {
    name: "HTTP/1.1 and HTTP/2",
    // A connection that makes no sense any more stays until its time is over.
    atOnce: 400,
    weight: 0.25,
    make: (random) => {
      const make = random.next() < 0.5 ? http1 : http2;
      const input = mutate(make(random), make(random), random);
      // Most damage to the preface ends the connection before a frame is read.
      return make === http2 && random.next() < 0.9 ? Buffer.concat([preface, input.subarray(24)]) : input;
    },
    take: async (input) => {
      await talk(server.port, input);
      if (++talks % 64 !== 0) return;
      // Client and server share a busy thread and the server's patience is short, so a good request may be late; but not each time.
      for (let attempt = 1; !(await answersGoodRequest(server.port)); attempt++) {
        if (attempt === 5) throw new Error("a good request is not answered");
      }
    },
    close: () => server.close(0),
  };
}

async function answersGoodRequest(port: number): Promise<boolean> {
  const request = "POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 5\r\n\r\n12345";
  const answer = await talk(port, Buffer.from(request));
  return answer.startsWith("HTTP/1.1 200 ") && answer.endsWith("\r\n\r\n5");
}

/** Sends, ends its side, and waits until the server closed the connection; gives what came back. */
function talk(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    const answer: Buffer[] = [];
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => void answer.push(chunk));
    socket.on("close", () => resolve(Buffer.concat(answer).toString("latin1")));
    socket.end(bytes);
  });
}
