/** The other side of bench/transport.ts, in a process of its own: a sink for what is relayed, and a load of unary calls. */
import { GrpcClient } from "../src/base/net/grpc-client.ts";
import { compress } from "../src/base/net/compression.ts";
import { grpcHandler } from "../src/base/net/grpc-server.ts";
import { serveHttp } from "../src/base/net/http-server.ts";
import { generateTraces } from "./corpus.ts";

const service = "opentelemetry.proto.collector.trace.v1.TraceService";
const connections = 4;
const callsEach = 8;

export interface LoadOrder {
  readonly port: number;
  readonly compression: "none" | "gzip";
  readonly spansPerRequest: number;
  readonly requests: number;
}

let relayed = 0;
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
            () => {
              relayed++;
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
process.send?.({ sinkPort: sink.port });

async function load(order: LoadOrder): Promise<void> {
  const { spansPerRequest } = order;
  const corpus = generateTraces({
    seed: 1,
    spans: spansPerRequest * 20,
    spansPerRequest,
    startUnixNano: 10n ** 18n,
  });
  const messages = await Promise.all(
    corpus.map((bytes) =>
      order.compression === "gzip" ? compress(bytes, "gzip", 1) : Promise.resolve(Buffer.from(bytes)),
    ),
  );
  const before = relayed;
  let next = 0;
  const clients = Array.from(
    { length: connections },
    () => new GrpcClient({ target: { hostPort: `127.0.0.1:${order.port}` }, userAgent: "bench" }),
  );
  const worker = async (client: GrpcClient): Promise<void> => {
    while (next < order.requests) {
      const message = messages[next++ % messages.length] ?? Buffer.alloc(0);
      await client.unary({
        path: `/${service}/Export`,
        message: [message],
        ...(order.compression === "gzip" ? { compression: "gzip" } : {}),
      });
    }
  };
  await Promise.all(clients.flatMap((client) => Array.from({ length: callsEach }, () => worker(client))));
  for (const client of clients) client.close();
  const bytes = corpus.reduce((sum, message) => sum + message.length, 0) / (corpus.length * spansPerRequest);
  process.send?.({ done: true, relayed: relayed - before, bytesPerSpan: bytes });
}
