/**
 * The receiver of bench/ebpf.ts, in a process of its own: what comes is kept as it is until somebody asks what it was, so that decoding takes no time from
 * what is measured.
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { Batch, internalContext } from "../src/telemetry/batch.ts";

export interface Received {
  readonly spans: number;
  /** Of them, those whose parent is the span that the load said, which the trace id ends with. */
  readonly belowCaller: number;
  /** Requests by the last metric of their durations. */
  readonly counted: number;
}

let [spans, belowCaller, counted] = [0, 0, 0];
let kept: (readonly [url: string, body: Buffer])[] = [];

const server = createServer((request, response) => {
  void bodyOf(request).then((body) => {
    kept.push([request.url ?? "", body]);
    response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
  });
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("message", () => {
  for (const [url, body] of kept) {
    if (url === "/v1/traces") takeTraces(body);
    if (url === "/v1/metrics") takeMetrics(body);
  }
  kept = [];
  process.send?.({ spans, belowCaller, counted } satisfies Received);
});
process.on("disconnect", () => process.exit(0));

function takeTraces(body: Buffer): void {
  for (const { scopeSpans } of Batch.fromBytes("traces", body, internalContext).traces().resourceSpans) {
    for (const scope of scopeSpans) {
      for (const span of scope.spans) {
        const parent = Buffer.from(span.parentSpanId).toString("hex");
        spans++;
        if (parent !== "" && Buffer.from(span.traceId).toString("hex").endsWith(parent)) belowCaller++;
      }
    }
  }
}

function takeMetrics(body: Buffer): void {
  for (const { scopeMetrics } of Batch.fromBytes("metrics", body, internalContext).metrics()
    .resourceMetrics) {
    for (const { metrics } of scopeMetrics) {
      for (const metric of metrics) {
        if (metric.name !== "http.server.request.duration") continue;
        counted = [...(metric.histogram?.dataPoints ?? [])].reduce(
          (sum, { count }) => sum + Number(count),
          0,
        );
      }
    }
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
