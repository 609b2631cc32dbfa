/** The other side of bench/forward.ts, in a process of its own: a sink for what is forwarded, and a load of unary calls. */
import { GrpcClient } from "../src/base/net/grpc-client.ts";
import { grpcHandler } from "../src/base/net/grpc-server.ts";
import { serveHttp } from "../src/base/net/http-server.ts";
import { countItems } from "../src/telemetry/wire/count-items.ts";
import { generateTraces } from "./corpus.ts";

const service = "opentelemetry.proto.collector.trace.v1.TraceService";
const connections = 4;
const callsEach = 2;
/** Spans on their way at most: bounds what may wait in the queue of a slow forwarder, so that memory is that of work and not of a backlog. */
const windowSpans = 65_536;

export interface LoadOrder {
  readonly port: number;
  readonly spansPerRequest: number;
  readonly requests: number;
}

export type PeerMessage =
  | { readonly sinkPort: number }
  /** Everything sent has arrived. */
  | { readonly spans: number; readonly bytesPerSpan: number; readonly seconds: number };

let arrived = 0;
let onArrival: (() => void) | undefined;
const sink = await serveHttp({
  endpoint: "127.0.0.1:0",
  limits: { maxBufferedBytes: 1024 ** 3 },
  handler: grpcHandler({
    services: new Map([
      [
        service,
        new Map([
          [
            "Export",
            ({ message }) => {
              arrived += countItems("traces", message);
              onArrival?.();
              return Promise.resolve(new Uint8Array());
            },
          ],
        ]),
      ],
    ]),
    maxMessageBytes: 64 * 1024 * 1024,
  }),
});

process.on("message", (order: LoadOrder) => void load(order));
tell({ sinkPort: sink.port });

async function load({ port, spansPerRequest, requests }: LoadOrder): Promise<void> {
  const options = { seed: 1, spans: spansPerRequest * 100, spansPerRequest, startUnixNano: 10n ** 18n };
  // Requests that an instance of a service left unfilled are left out.
  const corpus = generateTraces(options).filter((bytes) => countItems("traces", bytes) === spansPerRequest);
  const before = arrived;
  const start = performance.now();
  let next = 0;
  const clients = Array.from(
    { length: connections },
    () => new GrpcClient({ target: { hostPort: `127.0.0.1:${port}` }, userAgent: "bench" }),
  );
  const sent = (): number => next * spansPerRequest;
  const worker = async (client: GrpcClient): Promise<void> => {
    while (next < requests) {
      if (sent() - (arrived - before) >= windowSpans) await nextArrival();
      else {
        const message = corpus[next++ % corpus.length] ?? new Uint8Array();
        await client.unary({ path: `/${service}/Export`, message: [message] });
      }
    }
  };
  await Promise.all(clients.flatMap((client) => Array.from({ length: callsEach }, () => worker(client))));
  while (arrived - before < sent()) await nextArrival();
  const seconds = (performance.now() - start) / 1000;
  for (const client of clients) client.close();
  const bytes = corpus.reduce((sum, message) => sum + message.length, 0);
  tell({ spans: arrived - before, bytesPerSpan: bytes / (corpus.length * spansPerRequest), seconds });
}

let waiting: Promise<void> | undefined;

/** Resolves at the next arrival; all who wait share it. */
function nextArrival(): Promise<void> {
  waiting ??= new Promise((resolve) => {
    onArrival = () => {
      waiting = undefined;
      onArrival = undefined;
      resolve();
    };
  });
  return waiting;
}

function tell(message: PeerMessage): void {
  process.send?.(message);
}
