/** Senders of spans by OTLP/HTTP and OTLP/gRPC that want a rate, and count how they are answered. */
import { Agent, request } from "node:http";
import { GrpcClient } from "../../src/base/net/grpc-client.ts";
import { grpcCode, GrpcError } from "../../src/base/net/grpc-status.ts";
import { pause } from "./kinds.ts";

export const spansPerRequest = 500;
/** Of one connection; by HTTP/1.1 it is one. */
const callsAtOnce = 32;

export interface Load {
  readonly ports: { readonly grpc: number; readonly otlpHttp: number };
  readonly bodies: readonly { readonly body: Uint8Array; readonly spans: number }[];
  readonly connections: number;
  /** Demanded by all connections together. */
  readonly spansPerSecond: number;
  readonly ms: number;
}

export interface Tally {
  answeredSpans: number;
  /** With a time to come back. */
  refusedByHttp: number;
  refusedByGrpc: number;
  /** Refused without a time to come back. */
  bare: number;
  /** Neither taken nor refused: another status, or a broken connection. */
  failed: number;
}

type Answer =
  | "taken"
  | "failed"
  | { readonly refusedBy: "http" | "grpc"; readonly retryAfterMs: number | undefined };

interface Sender {
  readonly callsAtOnce: number;
  send(body: Uint8Array): Promise<Answer>;
  close(): void;
}

/** Every second connection speaks gRPC when there is a rate to keep; who sends as fast as it is answered speaks HTTP. */
export async function send(load: Load): Promise<Tally> {
  const { connections, spansPerSecond, ms } = load;
  const tally: Tally = { answeredSpans: 0, refusedByHttp: 0, refusedByGrpc: 0, bare: 0, failed: 0 };
  const until = performance.now() + ms;
  const everyMs = (1000 * connections * spansPerRequest) / spansPerSecond;
  const senders = Array.from({ length: connections }, (_, at) =>
    at % 2 === 1 && spansPerSecond !== Infinity
      ? grpcSender(load.ports.grpc)
      : httpSender(load.ports.otlpHttp),
  );
  await Promise.all(
    senders.map(async (sender, at) => keepRate(sender, load, at * 7, { until, everyMs, tally })),
  );
  for (const sender of senders) sender.close();
  return tally;
}

/** A sender that is behind by more than a second lets go of what it did not send, as one with a bounded queue does. */
async function keepRate(
  sender: Sender,
  { bodies }: Load,
  first: number,
  { until, everyMs, tally }: { readonly until: number; readonly everyMs: number; readonly tally: Tally },
): Promise<void> {
  let due = performance.now() + everyMs * Math.random();
  let notBefore = 0;
  const running = new Set<Promise<void>>();
  for (let turn = first; performance.now() < until; turn++) {
    const one = bodies[turn % bodies.length];
    if (one === undefined) break;
    const call = sender.send(one.body).then((answer) => {
      running.delete(call);
      if (answer === "taken") tally.answeredSpans += one.spans;
      else if (answer === "failed") tally.failed++;
      else if (answer.retryAfterMs === undefined) tally.bare++;
      else {
        tally[answer.refusedBy === "grpc" ? "refusedByGrpc" : "refusedByHttp"]++;
        notBefore = performance.now() + Math.min(1000, answer.retryAfterMs);
      }
    });
    running.add(call);
    if (running.size >= sender.callsAtOnce) await Promise.race(running);
    due = Math.max(due + everyMs, performance.now() - 1000);
    const wait = Math.max(due, notBefore) - performance.now();
    if (wait > 0) await pause(wait);
  }
  await Promise.all(running);
}

function grpcSender(port: number): Sender {
  const client = new GrpcClient({ target: { hostPort: `127.0.0.1:${port}` }, userAgent: "overload" });
  const path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
  return {
    callsAtOnce,
    close: () => client.close(),
    send: async (body) => {
      try {
        await client.unary({ path, message: [body] });
        return "taken";
      } catch (error) {
        if (!(error instanceof GrpcError) || error.status.code !== grpcCode.resourceExhausted)
          return "failed";
        return { refusedBy: "grpc", retryAfterMs: error.status.retryAfterMs };
      }
    },
  };
}

function httpSender(port: number): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    callsAtOnce: 1,
    close: () => agent.destroy(),
    send: (body) =>
      new Promise((resolve) => {
        const headers = { "content-type": "application/x-protobuf", "content-length": body.length };
        const sent = request(
          { agent, host: "127.0.0.1", port, path: "/v1/traces", method: "POST", headers },
          (answer) => {
            answer.resume();
            const after = answer.headers["retry-after"];
            const retryAfterMs = after === undefined ? undefined : Number(after) * 1000;
            answer.on("error", () => resolve("failed"));
            answer.on("end", () => {
              if (answer.statusCode === 200) resolve("taken");
              else if (answer.statusCode === 429 || answer.statusCode === 503)
                resolve({ refusedBy: "http", retryAfterMs });
              else resolve("failed");
            });
          },
        );
        sent.on("error", () => resolve("failed"));
        sent.end(body);
      }),
  };
}
