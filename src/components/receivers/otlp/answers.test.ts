import { afterEach, describe, expect, test } from "vitest";
import {
  exportPath,
  sendGrpc,
  sendGrpcWeb,
  sendHttp,
  type Answer,
} from "../../../../test/fakes/otlp-client.ts";
import { otlpBytes, otlpJson } from "../../../../test/fakes/otlp-payload.ts";
import { startReceiver, type RunningReceiver } from "../../../../test/fakes/otlp-receiver.ts";
import { OtelierError, type OtelierErrorOptions } from "../../../base/error.ts";
import { readExportResponse } from "../../../pipeline/otlp/export-response.ts";
import type { Signal } from "../../../telemetry/signal.ts";

const running: RunningReceiver[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map(({ receiver }) => receiver.shutdown()));
});

async function start(...options: Parameters<typeof startReceiver>): Promise<RunningReceiver> {
  const started = await startReceiver(...options);
  running.push(started);
  return started;
}

const senders: Readonly<Record<string, (port: number, signal: Signal) => Promise<Answer>>> = {
  grpc: (port, signal) => sendGrpc(port, otlpBytes(signal), { path: exportPath[signal] }),
  "grpc-web": (port, signal) => sendGrpcWeb(port, otlpBytes(signal), { path: exportPath[signal] }),
  "grpc-web-text": (port, signal) =>
    sendGrpcWeb(port, otlpBytes(signal), { path: exportPath[signal], text: true }),
  "http/protobuf": (port, signal) => sendHttp(port, otlpBytes(signal), { path: `/v1/${signal}` }),
  "http/json": (port, signal) =>
    sendHttp(port, otlpJson[signal], { path: `/v1/${signal}`, type: "application/json" }),
};

interface ErrorCase {
  readonly thrown: Omit<OtelierErrorOptions, "code">;
  readonly grpc: number;
  readonly http: number;
  readonly retryAfterMs?: number;
}

const errors: Readonly<Record<string, ErrorCase>> = {
  "a permanent error": { thrown: { outcome: "permanent" }, grpc: 13, http: 500 },
  "an error that may pass": { thrown: { outcome: "retryable" }, grpc: 14, http: 503 },
  pressure: { thrown: { outcome: "retryable", retryAfterMs: 2000 }, grpc: 8, http: 429, retryAfterMs: 2000 },
  "unavailable for a while": {
    thrown: { outcome: "retryable", grpcStatus: 14, retryAfterMs: 3000 },
    grpc: 14,
    http: 503,
    retryAfterMs: 3000,
  },
  "invalid argument": { thrown: { outcome: "permanent", grpcStatus: 3 }, grpc: 3, http: 400 },
  unauthenticated: { thrown: { outcome: "permanent", grpcStatus: 16 }, grpc: 16, http: 401 },
  "permission denied": { thrown: { outcome: "permanent", grpcStatus: 7 }, grpc: 7, http: 403 },
  unimplemented: { thrown: { outcome: "permanent", grpcStatus: 12 }, grpc: 12, http: 404 },
  canceled: { thrown: { outcome: "retryable", grpcStatus: 1 }, grpc: 1, http: 503 },
  "deadline exceeded": { thrown: { outcome: "retryable", grpcStatus: 4 }, grpc: 4, http: 503 },
  aborted: { thrown: { outcome: "retryable", grpcStatus: 10 }, grpc: 10, http: 503 },
  "out of range": { thrown: { outcome: "retryable", grpcStatus: 11 }, grpc: 11, http: 503 },
  "data loss": { thrown: { outcome: "retryable", grpcStatus: 15 }, grpc: 15, http: 503 },
  "resource exhausted": { thrown: { outcome: "permanent", grpcStatus: 8 }, grpc: 8, http: 429 },
};

describe("errors of the pipeline", () => {
  for (const [name, { thrown, grpc, http, retryAfterMs }] of Object.entries(errors)) {
    test(name, async () => {
      const otlp = await start();
      otlp.traces.answer = () =>
        Promise.reject(new OtelierError("disk full: 100 % – weg", { code: "test", ...thrown }));
      for (const [protocol, send] of Object.entries(senders)) {
        const answer = await send(otlp.httpPort, "traces");
        expect([protocol, answer.grpc]).toEqual([protocol, grpc]);
        expect(answer.message).toBe("disk full: 100 % – weg");
        expect(answer.retryAfterMs).toBe(retryAfterMs);
        if (protocol.startsWith("http")) expect(answer.http).toBe(http);
      }
      const refused = (transport: string): number =>
        otlp.settings.metrics.counter("otelcol_receiver_refused_spans", { receiver: "otlp", transport }, "")
          .value;
      expect([refused("grpc"), refused("http")]).toEqual([2, 8]);
    });
  }

  test("an unexpected error tells the client nothing and may be retried", async () => {
    const otlp = await start();
    otlp.traces.answer = () => Promise.reject(new TypeError("secret is undefined"));
    const answer = await sendGrpc(otlp.grpcPort, otlpBytes("traces"));
    expect(answer).toMatchObject({ grpc: 14, message: "internal error, retry later" });
    const labels = { receiver: "otlp", transport: "grpc" };
    expect(otlp.settings.metrics.counter("otelcol_receiver_failed_spans", labels, "").value).toBe(2);
    expect(otlp.settings.metrics.counter("otelcol_receiver_refused_spans", labels, "").value).toBe(0);
  });
});

describe("partial success", () => {
  const names = {
    traces: "rejectedSpans",
    metrics: "rejectedDataPoints",
    logs: "rejectedLogRecords",
  } as const;
  for (const signal of ["traces", "metrics", "logs"] as const) {
    test(signal, async () => {
      const otlp = await start();
      otlp[signal].answer = () =>
        Promise.reject(
          new OtelierError("one is too old", { code: "test", outcome: "permanent", rejectedItems: 1 }),
        );
      for (const [protocol, send] of Object.entries(senders)) {
        const answer = await send(otlp.grpcPort, signal);
        expect([protocol, answer.http]).toEqual([protocol, 200]);
        if (protocol === "http/json") {
          const partialSuccess = { [names[signal]]: "1", errorMessage: "one is too old" };
          expect(JSON.parse(answer.body.toString())).toEqual({ partialSuccess });
        } else {
          expect(readExportResponse(answer.body)).toEqual({ rejectedItems: 1, message: "one is too old" });
        }
      }
      const noun = { traces: "spans", metrics: "metric_points", logs: "log_records" }[signal];
      const labels = { receiver: "otlp", transport: "http" };
      const { metrics } = otlp.settings;
      expect(metrics.counter(`otelcol_receiver_accepted_${noun}`, labels, "").value).toBe(4);
      expect(metrics.counter(`otelcol_receiver_refused_${noun}`, labels, "").value).toBe(4);
      expect(otlp.senders.list().map((sender) => sender.refusedItems)).toEqual(
        otlp.senders.list().map((sender) => sender.requests),
      );
    });
  }
});

test("at shutdown what is inside is answered, newcomers are told to come again", async () => {
  const otlp = await startReceiver();
  let release = (): void => undefined;
  let entered = (): void => undefined;
  const inside = new Promise<void>((resolve) => (entered = resolve));
  otlp.traces.answer = () => {
    entered();
    return new Promise((resolve) => (release = resolve));
  };
  const first = sendGrpc(otlp.grpcPort, otlpBytes("traces"));
  await inside;
  const stopped = otlp.receiver.shutdown();
  for (const [protocol, send] of Object.entries(senders)) {
    const answer = await send(otlp.httpPort, "traces");
    expect([protocol, answer.grpc, answer.message]).toEqual([protocol, 14, "the receiver is shutting down"]);
    if (protocol.startsWith("http")) expect(answer.http).toBe(503);
  }
  release();
  expect(await first).toMatchObject({ grpc: 0 });
  await stopped;
  expect(otlp.traces.batches).toHaveLength(1);
  await expect(sendHttp(otlp.httpPort, otlpBytes("traces"))).rejects.toThrow("fetch failed");
});

test("a call that takes longer than its grpc-timeout ends with DEADLINE_EXCEEDED", async () => {
  const otlp = await start();
  let release = (): void => undefined;
  otlp.traces.answer = () => new Promise((resolve) => (release = resolve));
  const answer = await sendGrpc(otlp.grpcPort, otlpBytes("traces"), { timeoutMs: 30 });
  expect(answer).toMatchObject({ grpc: 4, message: "context deadline exceeded" });
  release();
});

test("all bodies together are bounded: what exceeds that is told to come again", async () => {
  const { serveHttp } = await import("../../../base/net/http-server.ts");
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const server = await serveHttp({
    endpoint: "127.0.0.1:0",
    limits: { maxBufferedBytes: 100_000 },
    handler: async (request) => {
      const body = await request.readBody({ maxBytes: 1_000_000 });
      await released;
      return { status: 200, body: String(body.length) };
    },
  });
  const send = (): Promise<Response> =>
    fetch(`http://127.0.0.1:${server.port}/`, { method: "POST", body: "x".repeat(60_000) });
  const sent = [send(), send()];
  // The other's body is held until then.
  expect((await Promise.race(sent)).status).toBe(429);
  release();
  const statuses = (await Promise.all(sent)).map((response) => response.status);
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
  expect((await send()).status).toBe(200);
  await server.close();
});
