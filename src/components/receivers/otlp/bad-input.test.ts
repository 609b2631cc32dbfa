import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { sendGrpc, sendGrpcWeb, sendHttp, type Answer } from "../../../../test/fakes/otlp-client.ts";
import { otlpBytes, otlpJson } from "../../../../test/fakes/otlp-payload.ts";
import { startReceiver, type RunningReceiver } from "../../../../test/fakes/otlp-receiver.ts";

const running: RunningReceiver[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map(({ receiver }) => receiver.shutdown()));
});

async function start(...options: Parameters<typeof startReceiver>): Promise<RunningReceiver> {
  const started = await startReceiver(...options);
  running.push(started);
  return started;
}

function refusals(otlp: RunningReceiver, protocol: string, reason: string): number {
  const transport = protocol === "grpc" ? "grpc" : "http";
  const labels = { receiver: "otlp", transport, protocol, reason };
  return otlp.settings.metrics.counter("otelier_receiver_refused_requests", labels, "").value;
}

interface Case {
  readonly protocol: "grpc" | "grpc-web" | "http/protobuf" | "http/json";
  readonly name: string;
  readonly send: (port: number) => Promise<Answer>;
  readonly http?: number;
  readonly grpc?: number;
  readonly message: RegExp;
  /** Counted under this reason; absent: not counted. */
  readonly reason?: string;
}

const cutOff = otlpBytes("traces").subarray(0, 40);
const wrongType = Buffer.from([0x08, 0x01]);
const nested = Buffer.from(
  `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${'{"arrayValue":{"values":['.repeat(100)}{}${"]}}".repeat(100)}}]}]}]}`,
);
const json = { type: "application/json" };
const bomb = gzipSync(Buffer.alloc(40 * 1024 * 1024));
const gzip = { headers: { "content-encoding": "gzip" } };

const cases: readonly Case[] = [
  {
    protocol: "grpc",
    name: "cut off",
    send: (port) => sendGrpc(port, cutOff),
    grpc: 3,
    message: /^cannot read traces: .* at byte \d+$/,
    reason: "malformed-otlp",
  },
  {
    protocol: "grpc",
    name: "wrong wire type",
    send: (port) => sendGrpc(port, wrongType),
    grpc: 3,
    message: /wire type 0 at byte 0/,
    reason: "malformed-otlp",
  },
  {
    protocol: "grpc",
    name: "not gzip",
    send: (port) => sendGrpc(port, cutOff, { compression: "gzip" }),
    grpc: 3,
    message: /failed to decompress the received message/,
    reason: "malformed-compression",
  },
  {
    protocol: "grpc",
    name: "unknown compression",
    send: (port) => sendGrpc(port, cutOff, { compression: "lzma" }),
    grpc: 12,
    message: /Decompressor is not installed for grpc-encoding "lzma"/,
    reason: "unsupported-encoding",
  },
  {
    protocol: "grpc",
    name: "too large",
    send: (port) => sendGrpc(port, Buffer.alloc(4 * 1024 * 1024 + 1)),
    grpc: 8,
    message: /grpc: received message larger than max \(4194305 vs\. 4194304\)/,
    reason: "too-large",
  },
  {
    protocol: "grpc",
    name: "too large after decompression",
    send: (port) => sendGrpc(port, bomb, { compression: "gzip" }),
    grpc: 8,
    message: /grpc: received message after decompression larger than max 4194304/,
    reason: "too-large",
  },
  {
    protocol: "grpc",
    name: "unknown method",
    send: (port) =>
      sendGrpc(port, cutOff, { path: "/opentelemetry.proto.collector.trace.v1.TraceService/Import" }),
    grpc: 12,
    message: /^unknown method Import for service opentelemetry\.proto\.collector\.trace\.v1\.TraceService$/,
    reason: "unknown-method",
  },
  {
    protocol: "grpc",
    name: "unknown service",
    send: (port) => sendGrpc(port, cutOff, { path: "/a.B/Export" }),
    grpc: 12,
    message: /^unknown service a\.B$/,
    reason: "unknown-method",
  },
  {
    protocol: "grpc",
    name: "no method",
    send: (port) => sendGrpc(port, cutOff, { path: "/" }),
    grpc: 12,
    message: /^malformed method name: "\/"$/,
    reason: "unknown-method",
  },

  {
    protocol: "grpc-web",
    name: "cut off",
    send: (port) => sendGrpcWeb(port, cutOff),
    grpc: 3,
    message: /^cannot read traces/,
    reason: "malformed-otlp",
  },
  {
    protocol: "grpc-web",
    name: "text that is not base64",
    send: (port) => sendGrpcWeb(port, Buffer.from("%%%"), { textBody: "%%%" }),
    grpc: 3,
    message: /the body of grpc-web-text is not base64/,
    reason: "malformed-frame",
  },
  {
    protocol: "grpc-web",
    name: "frame cut off",
    send: (port) => sendGrpcWeb(port, Buffer.from([0, 0, 0, 0, 9, 1]), { raw: true }),
    grpc: 13,
    message: /unexpected EOF/,
    reason: "malformed-frame",
  },
  {
    protocol: "grpc-web",
    name: "frame declares 4 GiB",
    send: (port) => sendGrpcWeb(port, Buffer.from([0, 255, 255, 255, 255]), { raw: true }),
    grpc: 8,
    message: /larger than max \(4294967295 vs\. 4194304\)/,
    reason: "too-large",
  },
  {
    protocol: "grpc-web",
    name: "no message",
    send: (port) => sendGrpcWeb(port, Buffer.alloc(0), { raw: true }),
    grpc: 13,
    message: /one request message, got no/,
    reason: "malformed-frame",
  },
  {
    protocol: "grpc-web",
    name: "two messages",
    send: (port) => sendGrpcWeb(port, Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), { raw: true }),
    grpc: 13,
    message: /got several/,
    reason: "malformed-frame",
  },

  {
    protocol: "http/protobuf",
    name: "cut off",
    send: (port) => sendHttp(port, cutOff),
    http: 400,
    grpc: 3,
    message: /^cannot read traces: .* at byte \d+$/,
    reason: "malformed-otlp",
  },
  {
    protocol: "http/protobuf",
    name: "JSON as protobuf",
    send: (port) => sendHttp(port, otlpJson.traces),
    http: 400,
    grpc: 3,
    message: /^cannot read traces/,
    reason: "malformed-otlp",
  },
  {
    protocol: "http/protobuf",
    name: "not gzip",
    send: (port) => sendHttp(port, cutOff, gzip),
    http: 400,
    grpc: 3,
    message: /invalid compressed data: incorrect header check/,
    reason: "malformed-compression",
  },
  {
    protocol: "http/protobuf",
    name: "gzip cut off",
    send: (port) => sendHttp(port, gzipSync(otlpBytes("traces")).subarray(0, 50), gzip),
    http: 400,
    grpc: 3,
    message: /unexpected end of file/,
    reason: "malformed-compression",
  },
  {
    protocol: "http/protobuf",
    name: "unknown compression",
    send: (port) => sendHttp(port, cutOff, { headers: { "content-encoding": "br" } }),
    http: 400,
    grpc: 3,
    message: /unsupported compression type "br"/,
    reason: "unsupported-encoding",
  },
  {
    protocol: "http/protobuf",
    name: "too large",
    send: (port) => sendHttp(port, Buffer.alloc(20 * 1024 * 1024 + 1)),
    http: 413,
    grpc: 3,
    message: /request body too large: more than 20971520 bytes/,
    reason: "too-large",
  },
  {
    protocol: "http/protobuf",
    name: "bomb",
    send: (port) => sendHttp(port, bomb, gzip),
    http: 413,
    grpc: 3,
    message: /request body too large: more than 20971520 bytes after decompression/,
    reason: "too-large",
  },
  {
    protocol: "http/protobuf",
    name: "wrong method",
    send: (port) => sendHttp(port, "", { method: "GET" }),
    http: 405,
    message: /^405 method not allowed, supported: \[POST\]$/,
  },
  {
    protocol: "http/protobuf",
    name: "wrong content type",
    send: (port) => sendHttp(port, cutOff, { type: "text/plain" }),
    http: 415,
    message: /^415 unsupported media type, supported: \[application\/json, application\/x-protobuf\]$/,
    reason: "content-type",
  },
  {
    protocol: "http/protobuf",
    name: "no content type",
    send: (port) => sendHttp(port, Buffer.from("x"), { type: "" }),
    http: 415,
    message: /^415/,
    reason: "content-type",
  },
  {
    protocol: "http/protobuf",
    name: "unknown path",
    send: (port) => sendHttp(port, cutOff, { path: "/v1/traces/v1/traces" }),
    http: 404,
    message: /^404 page not found$/m,
    reason: "unknown-path",
  },

  {
    protocol: "http/json",
    name: "not JSON",
    send: (port) => sendHttp(port, "hello", json),
    http: 400,
    grpc: 3,
    message: /^cannot read traces: /,
    reason: "malformed-otlp",
  },
  {
    protocol: "http/json",
    name: "cut off",
    send: (port) => sendHttp(port, otlpJson.traces.slice(0, 100), json),
    http: 400,
    grpc: 3,
    message: /^cannot read traces: /,
    reason: "malformed-otlp",
  },
  {
    protocol: "http/json",
    name: "wrong type",
    send: (port) => sendHttp(port, '{"resourceSpans":5}', json),
    http: 400,
    grpc: 3,
    message: /^cannot read traces: /,
    reason: "malformed-otlp",
  },
  {
    protocol: "http/json",
    name: "id that is not hex",
    send: (port) => sendHttp(port, otlpJson.traces.replaceAll("5b8e", "zzzz"), json),
    http: 400,
    grpc: 3,
    message: /^cannot read traces: /,
    reason: "malformed-otlp",
  },
  {
    protocol: "http/json",
    name: "nested deeper than the limit",
    send: (port) => sendHttp(port, nested, { ...json, path: "/v1/logs" }),
    http: 400,
    grpc: 3,
    message: /^cannot read logs: .*deep/,
    reason: "malformed-otlp",
  },
];

describe("bad input is answered with its reason, counted and remembered, on both ports", () => {
  for (const { protocol, name, send, http = 200, grpc, message, reason } of cases) {
    test(`${protocol}: ${name}`, async () => {
      const otlp = await start();
      for (const port of [otlp.grpcPort, otlp.httpPort]) {
        const answer = await send(port);
        expect(answer.http).toBe(http);
        if (grpc !== undefined) expect(answer.grpc).toBe(grpc);
        expect(answer.message).toMatch(message);
        expect(answer.retryAfterMs).toBeUndefined();
        if (http === 400 || http === 413) {
          expect(answer.contentType).toBe(
            protocol === "http/json" ? "application/json" : "application/x-protobuf",
          );
        }
      }
      for (const signal of ["traces", "metrics", "logs"] as const) expect(otlp[signal].batches).toEqual([]);
      if (reason === undefined) return;
      expect(refusals(otlp, protocol, reason)).toBe(2);
      const remembered = otlp.senders.list().flatMap((sender) => sender.advice);
      expect(remembered.length).toBeGreaterThan(0);
      for (const advice of remembered)
        expect(advice.code).toBe(reason === "too-large" ? "too-large" : "malformed");
    });
  }
});

test("an unreadable message still tells whose it was", async () => {
  const otlp = await start();
  const bytes = Buffer.concat([otlpBytes("traces"), Buffer.from([0x0a])]);
  await sendHttp(otlp.httpPort, bytes);
  expect(otlp.senders.list()[0]).toMatchObject({
    service: "checkout",
    protocol: "http/protobuf",
    requests: 1,
  });
});

test("an empty request is good and reaches no pipeline", async () => {
  const otlp = await start();
  expect(await sendHttp(otlp.httpPort, Buffer.alloc(0))).toMatchObject({ http: 200 });
  expect(await sendHttp(otlp.httpPort, "{}", { type: "application/json; charset=utf-8" })).toMatchObject({
    http: 200,
  });
  expect(await sendGrpc(otlp.grpcPort, Buffer.alloc(0))).toMatchObject({ grpc: 0 });
  expect(otlp.traces.batches).toEqual([]);
});
