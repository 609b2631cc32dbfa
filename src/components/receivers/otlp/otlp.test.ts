import { afterEach, describe, expect, test } from "vitest";
import { startReceiver, type RunningReceiver } from "../../../../test/fakes/otlp-receiver.ts";
import { otlpBytes, otlpJson } from "../../../../test/fakes/otlp-payload.ts";
import { compress } from "../../../base/net/compression.ts";
import { GrpcClient } from "../../../base/net/grpc-client.ts";
import { frame, splitFrames } from "../../../base/net/grpc-frame.ts";
import { GrpcError } from "../../../base/net/grpc-status.ts";
import type { Signal } from "../../../telemetry/signal.ts";
import type { Protocol } from "../../../telemetry/batch.ts";

const running: RunningReceiver[] = [];
const clients: GrpcClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await Promise.all(running.splice(0).map(({ receiver }) => receiver.shutdown()));
});

async function start(...options: Parameters<typeof startReceiver>): Promise<RunningReceiver> {
  const started = await startReceiver(...options);
  running.push(started);
  return started;
}

const pathOf = {
  traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
  metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
  logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
} as const;

interface Sent {
  /** "ok", or the gRPC code. */
  readonly status: string;
  readonly message: string;
  readonly body: Buffer;
}

async function sendGrpc(port: number, path: string, message: Buffer, compression?: string): Promise<Sent> {
  const client = new GrpcClient({ target: { hostPort: `127.0.0.1:${port}` }, userAgent: "test" });
  clients.push(client);
  try {
    const body = await client.unary({
      path,
      message: [message],
      ...(compression === undefined ? {} : { compression }),
    });
    return { status: "ok", message: "", body };
  } catch (error) {
    if (!(error instanceof GrpcError)) throw error;
    const retry = error.status.retryAfterMs === undefined ? "" : ` retry ${error.status.retryAfterMs}`;
    return { status: `${error.status.code}${retry}`, message: error.message, body: Buffer.alloc(0) };
  }
}

function post(
  port: number,
  path: string,
  body: string | Buffer,
  headers: Record<string, string>,
): Promise<Response> {
  return fetch(`http://localhost:${port}${path}`, { method: "POST", body, headers });
}

async function sendBy(
  protocol: Protocol,
  port: number,
  signal: Signal,
  encoding: "" | "gzip",
): Promise<Sent> {
  const pack = async (bytes: Buffer): Promise<Buffer> =>
    encoding === "" ? bytes : compress(bytes, encoding);
  if (protocol === "grpc") {
    const message = await pack(otlpBytes(signal));
    return sendGrpc(port, pathOf[signal], message, encoding === "" ? undefined : encoding);
  }
  if (protocol === "grpc-web") {
    const body = frame(await pack(otlpBytes(signal)), encoding === "" ? 0 : 1);
    const response = await post(port, pathOf[signal], body, {
      "content-type": "application/grpc-web+proto",
      ...(encoding === "" ? {} : { "grpc-encoding": encoding }),
    });
    const frames = splitFrames(Buffer.from(await response.arrayBuffer()), 1000);
    const trailers = frames.find((found) => found.trailers)?.message.toString() ?? "";
    return {
      status: trailers.startsWith("grpc-status: 0\r\n") ? "ok" : trailers,
      message: "",
      body: Buffer.alloc(0),
    };
  }
  const json = protocol === "http/json";
  const response = await post(
    port,
    `/v1/${signal}`,
    await pack(json ? Buffer.from(otlpJson[signal]) : otlpBytes(signal)),
    {
      "content-type": json ? "application/json" : "application/x-protobuf",
      ...(encoding === "" ? {} : { "content-encoding": encoding }),
    },
  );
  const body = Buffer.from(await response.arrayBuffer());
  const type = response.headers.get("content-type");
  expect(type).toBe(json ? "application/json" : "application/x-protobuf");
  expect(body.toString()).toBe(json ? '{"partialSuccess":{}}' : "");
  return { status: response.status === 200 ? "ok" : String(response.status), message: "", body };
}

const protocols: readonly Protocol[] = ["grpc", "grpc-web", "http/protobuf", "http/json"];

describe("every protocol is taken on every port", () => {
  for (const protocol of protocols) {
    for (const role of ["grpc", "http"] as const) {
      for (const encoding of ["", "gzip"] as const) {
        test(`${protocol} ${encoding} on the ${role} port`, async () => {
          const otlp = await start();
          for (const signal of ["traces", "metrics", "logs"] as const) {
            const sent = await sendBy(
              protocol,
              role === "grpc" ? otlp.grpcPort : otlp.httpPort,
              signal,
              encoding,
            );
            expect(sent.status).toBe("ok");
            const [batch] = otlp[signal].batches;
            expect(Buffer.from(batch?.bytes ?? []).equals(otlpBytes(signal))).toBe(true);
            expect(batch?.itemCount).toBe(2);
            expect(batch?.context.protocol).toBe(protocol);
            expect(batch?.context.peer).toMatch(/^(127\.0\.0\.1|\[::1\]):\d+$/);
          }
          const transport = protocol === "grpc" ? "grpc" : "http";
          const labels = { receiver: "otlp", transport };
          for (const noun of ["spans", "metric_points", "log_records"]) {
            expect(otlp.settings.metrics.counter(`otelcol_receiver_accepted_${noun}`, labels, "").value).toBe(
              2,
            );
          }
        });
      }
    }
  }
});
