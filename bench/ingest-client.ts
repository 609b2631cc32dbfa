/** The sending side of bench/ingest.ts, in a process of its own: makes a corpus, then sends it as fast as it is answered. */
import { once } from "node:events";
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { bytesToOtlpJson } from "../src/telemetry/json/print.ts";
import type { Signal } from "../src/telemetry/signal.ts";
import { countItems } from "../src/telemetry/wire/count-items.ts";
import { generateLogs, generateMetrics, generateTraces } from "./corpus.ts";
import { findMoving, moveOn, type Moving } from "./moving-traces.ts";
import { prepareCall, PreparedGrpcClient, type PreparedCall } from "./prepared-grpc.ts";

/** OTLP/gRPC, or OTLP/HTTP with JSON. */
export type Protocol = "grpc" | "json";

export interface IngestOrder {
  readonly port: number;
  readonly protocol: Protocol;
  readonly signal: Signal;
  readonly seed: number;
  /** Requests are left out of the corpus once it has so many items. */
  readonly items: number;
  readonly itemsPerRequest: number;
  readonly startUnixMs: number;
}

export type ClientMessage =
  | { readonly kind: "made"; readonly items: number; readonly bytes: number }
  | { readonly kind: "sent"; readonly milliseconds: number; readonly latenciesMs: readonly number[] }
  | { readonly kind: "failed"; readonly reason: string };

const services: Readonly<Record<Signal, string>> = {
  traces: "trace.v1.TraceService",
  metrics: "metrics.v1.MetricsService",
  logs: "logs.v1.LogsService",
};
const connections = 2;
/** At least, of all instances together; what is beyond the items wanted is made for nothing. */
const pointsOfExport = 200;
/** Exports of metrics are small and come from many senders. */
const callsEach: Readonly<Record<Signal, number>> = { traces: 16, metrics: 64, logs: 16 };

/** Of JSON the bodies, of gRPC the frames. */
type Prepared =
  | { readonly order: IngestOrder; readonly bodies: readonly Uint8Array[] }
  | {
      readonly order: IngestOrder;
      readonly calls: readonly PreparedCall[];
      readonly moving: readonly Moving[];
    };

let prepared: Prepared | undefined;
let sentUnixMs: number | undefined;

process.on("message", (message: { readonly make: IngestOrder } | "go") => {
  // Whoever gave the order waits for a word, also of what went wrong.
  obey(message).catch((error: unknown) =>
    tell({ kind: "failed", reason: error instanceof Error ? error.message : String(error) }),
  );
});

async function obey(message: { readonly make: IngestOrder } | "go"): Promise<void> {
  if (message === "go") await send();
  else make(message.make);
}

function make(order: IngestOrder): void {
  const protobuf = corpus(order);
  const items = protobuf.reduce((sum, bytes) => sum + countItems(order.signal, bytes), 0);
  const sizeOf = (list: readonly Uint8Array[]): number => list.reduce((sum, { length }) => sum + length, 0);
  if (order.protocol === "json") {
    const bodies = protobuf.map((bytes) => Buffer.from(bytesToOtlpJson(order.signal, bytes)));
    prepared = { order, bodies };
    tell({ kind: "made", items, bytes: sizeOf(bodies) });
    return;
  }
  const path = `/opentelemetry.proto.collector.${services[order.signal]}/Export`;
  const calls = protobuf.map((bytes) => prepareCall(path, `127.0.0.1:${order.port}`, bytes));
  const moving =
    order.signal === "traces" ? calls.map((call, index) => findMoving(call, protobuf[index]!)) : [];
  prepared = { order, calls, moving };
  tell({ kind: "made", items, bytes: sizeOf(protobuf) });
}

function corpus({ signal, seed, items, itemsPerRequest, startUnixMs }: IngestOrder): readonly Uint8Array[] {
  const startUnixNano = BigInt(startUnixMs) * 1_000_000n;
  if (signal === "traces") {
    return generateTraces({ seed, spans: items, spansPerRequest: itemsPerRequest, startUnixNano });
  }
  if (signal === "logs") {
    return generateLogs({ seed, records: items, recordsPerRequest: itemsPerRequest, startUnixNano });
  }
  const requests = generateMetrics({ seed, exports: Math.ceil(items / pointsOfExport), startUnixNano });
  let count = 0;
  return requests.filter((bytes) => {
    count += countItems("metrics", bytes);
    return count <= items;
  });
}

async function send(): Promise<void> {
  if (prepared === undefined) return;
  const { order } = prepared;
  const nowUnixMs = Date.now();
  // What is sent again is of now, as everything is that a stack gets.
  if ("moving" in prepared && sentUnixMs !== undefined)
    for (const each of prepared.moving) moveOn(each, nowUnixMs - sentUnixMs);
  sentUnixMs = nowUnixMs;
  if ("calls" in prepared) await sendAll(order, prepared.calls, grpcSender(order));
  else await sendAll(order, prepared.bodies, jsonSender(order));
}

async function sendAll<R>(order: IngestOrder, requests: readonly R[], sender: Sender<R>): Promise<void> {
  const latenciesMs: number[] = [];
  let next = 0;
  const start = performance.now();
  const worker = async (index: number): Promise<void> => {
    for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
      const sent = performance.now();
      await sender.send(index, request);
      latenciesMs.push(performance.now() - sent);
    }
  };
  await Promise.all(
    Array.from({ length: connections * callsEach[order.signal] }, async (_, index) => worker(index)),
  );
  const milliseconds = performance.now() - start;
  sender.close();
  tell({ kind: "sent", milliseconds, latenciesMs });
}

interface Sender<R> {
  /** Rejects unless the request is answered with success. */
  send(worker: number, request: R): Promise<void>;
  close(): void;
}

function grpcSender(order: IngestOrder): Sender<PreparedCall> {
  const clients = Array.from({ length: connections }, () => new PreparedGrpcClient(order.port));
  return {
    send: async (worker, call) => clients[worker % connections]?.send(call),
    close: () => clients.forEach((client) => client.close()),
  };
}

/** HTTP/1.1, so a connection for each request in flight. */
function jsonSender(order: IngestOrder): Sender<Uint8Array> {
  const agent = new Agent({ keepAlive: true });
  return {
    send: async (_worker, message) => {
      const request = httpRequest({
        agent,
        host: "127.0.0.1",
        port: order.port,
        path: `/v1/${order.signal}`,
        method: "POST",
        headers: { "content-type": "application/json", "content-length": message.length },
      });
      request.end(message);
      const [response] = (await once(request, "response")) as [IncomingMessage];
      response.resume();
      await once(response, "end");
      if (response.statusCode !== 200) throw new Error(`answered with ${response.statusCode}`);
    },
    close: () => agent.destroy(),
  };
}

function tell(message: ClientMessage): void {
  process.send?.(message);
}
