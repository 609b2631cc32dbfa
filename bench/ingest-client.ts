/** The sending side of bench/ingest.ts, in a process of its own: makes a corpus, then sends it by OTLP/gRPC as fast as it is answered. */
import { GrpcClient } from "../src/base/net/grpc-client.ts";
import type { Signal } from "../src/telemetry/signal.ts";
import { countItems } from "../src/telemetry/wire/count-items.ts";
import { generateLogs, generateMetrics, generateTraces } from "./corpus.ts";

export interface IngestOrder {
  readonly port: number;
  readonly signal: Signal;
  readonly seed: number;
  /** Requests are left out of the corpus once it has so many items. */
  readonly items: number;
  readonly itemsPerRequest: number;
  readonly startUnixMs: number;
}

export type ClientMessage =
  | { readonly kind: "made"; readonly items: number; readonly bytes: number }
  | { readonly kind: "sent"; readonly milliseconds: number; readonly latenciesMs: readonly number[] };

const services: Readonly<Record<Signal, string>> = {
  traces: "trace.v1.TraceService",
  metrics: "metrics.v1.MetricsService",
  logs: "logs.v1.LogsService",
};
const connections = 2;
/** Exports of metrics are small and come from many senders. */
const callsEach: Readonly<Record<Signal, number>> = { traces: 16, metrics: 64, logs: 16 };

let prepared: { readonly order: IngestOrder; readonly requests: readonly Uint8Array[] } | undefined;

process.on("message", (message: { readonly make: IngestOrder } | "go") => {
  if (message === "go") void send();
  else make(message.make);
});

function make(order: IngestOrder): void {
  const requests = corpus(order);
  prepared = { order, requests };
  const items = requests.reduce((sum, bytes) => sum + countItems(order.signal, bytes), 0);
  tell({ kind: "made", items, bytes: requests.reduce((sum, bytes) => sum + bytes.length, 0) });
}

function corpus({ signal, seed, items, itemsPerRequest, startUnixMs }: IngestOrder): readonly Uint8Array[] {
  const startUnixNano = BigInt(startUnixMs) * 1_000_000n;
  if (signal === "traces") {
    return generateTraces({ seed, spans: items, spansPerRequest: itemsPerRequest, startUnixNano });
  }
  if (signal === "logs") {
    return generateLogs({ seed, records: items, recordsPerRequest: itemsPerRequest, startUnixNano });
  }
  const requests = generateMetrics({ seed, exports: Math.ceil(items / 20), startUnixNano });
  let count = 0;
  return requests.filter((bytes) => {
    count += countItems("metrics", bytes);
    return count <= items;
  });
}

async function send(): Promise<void> {
  if (prepared === undefined) return;
  const { order, requests } = prepared;
  const clients = Array.from(
    { length: connections },
    () => new GrpcClient({ target: { hostPort: `127.0.0.1:${order.port}` }, userAgent: "bench" }),
  );
  const latenciesMs: number[] = [];
  let next = 0;
  const start = performance.now();
  const worker = async (client: GrpcClient): Promise<void> => {
    for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
      const sent = performance.now();
      await client.unary({
        path: `/opentelemetry.proto.collector.${services[order.signal]}/Export`,
        message: [Buffer.from(request)],
      });
      latenciesMs.push(performance.now() - sent);
    }
  };
  await Promise.all(
    clients.flatMap((client) => Array.from({ length: callsEach[order.signal] }, () => worker(client))),
  );
  const milliseconds = performance.now() - start;
  for (const client of clients) client.close();
  tell({ kind: "sent", milliseconds, latenciesMs });
}

function tell(message: ClientMessage): void {
  process.send?.(message);
}
