/**
 * Two pipelines, each to two servers, one of them away for a minute: the other is not delayed, nothing is lost, nothing comes twice, and the counters
 * say so under the Collector's names.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Batch, internalContext } from "../../../src/telemetry/batch.ts";
import { RunningCollector, scrape } from "./run-collector.ts";

const downMs = 60_000;
const everyMs = 250;

/** Remembers when each span or log record came, by its name. */
class Sink {
  readonly arrivedMs = new Map<string, number>();
  twice = 0;
  readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      for (const name of names(request.url ?? "", Buffer.concat(chunks))) {
        if (this.arrivedMs.has(name)) this.twice++;
        this.arrivedMs.set(name, performance.now());
      }
      response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
    });
  });

  async listen(port = 0): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(port, "127.0.0.1", resolve));
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}

function names(url: string, body: Buffer): string[] {
  const signal = url === "/v1/logs" ? "logs" : "traces";
  const batch = Batch.fromBytes(signal, body, internalContext);
  // Names are unique texts of a fixed form, so they can be found in the bytes themselves.
  const found = body.toString("latin1").match(/(?:span|record)-\d{6}/g) ?? [];
  expect(found).toHaveLength(batch.itemCount);
  return found;
}

let folder = "";
let collector: RunningCollector | undefined;
const near = new Sink();
const away = new Sink();

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "otelier-fanout-"));
});
afterAll(async () => {
  await collector?.stop();
  await Promise.all([near.close(), away.close()]);
  rmSync(folder, { recursive: true });
});

async function send(endpoint: string, number: number): Promise<number> {
  const name = String(number).padStart(6, "0");
  const id = number.toString(16).padStart(16, "0");
  const traces = {
    resourceSpans: [
      { scopeSpans: [{ spans: [{ traceId: id.repeat(2), spanId: id, name: `span-${name}` }] }] },
    ],
  };
  const logs = {
    resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: `record-${name}` } }] }] }],
  };
  const started = performance.now();
  for (const [signal, body] of Object.entries({ traces, logs })) {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${endpoint}/v1/${signal}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
    await response.arrayBuffer();
  }
  return performance.now() - started;
}

it("does not let a server that is away hold up another, and loses nothing", async () => {
  const nearPort = await near.listen();
  // Takes a port and gives it back: nobody listens there until the server returns.
  const awayPort = await away.listen();
  await away.close();
  const file = path.join(folder, "otel.yaml");
  writeFileSync(
    file,
    `receivers:
  otlp:
    protocols:
      http: {endpoint: "127.0.0.1:0"}
exporters:
  otlp_http/near: {endpoint: "http://127.0.0.1:${nearPort}", compression: none}
  otlp_http/away:
    endpoint: http://127.0.0.1:${awayPort}
    compression: none
    retry_on_failure: {initial_interval: 1s, max_interval: 5s}
service:
  telemetry:
    metrics:
      readers:
        - pull: {exporter: {prometheus: {host: 127.0.0.1, port: 0}}}
  pipelines:
    traces: {receivers: [otlp], exporters: [otlp_http/near, otlp_http/away]}
    logs: {receivers: [otlp], exporters: [otlp_http/near, otlp_http/away]}
`,
  );
  collector = new RunningCollector(["--config", file], folder);
  const endpoint = (await collector.line("Starting HTTP server")).endpoint ?? "";
  const metrics = (await collector.line("Serving own metrics")).endpoint ?? "";
  const sentMs = new Map<string, number>();
  const answers: number[] = [];
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < downMs) {
    sentMs.set(String(count).padStart(6, "0"), performance.now());
    answers.push(await send(endpoint, count++));
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  const delays = [...near.arrivedMs].map(([name, at]) => at - (sentMs.get(name.slice(-6)) ?? 0));
  expect(near.arrivedMs.size).toBe(2 * count);
  // Generous for a busy machine; waiting for the server that is away would take seconds.
  expect(Math.max(...delays)).toBeLessThan(1000);
  expect(Math.max(...answers)).toBeLessThan(1000);
  const queued = await scrape(metrics, "otelcol_exporter_queue_size");
  expect(queued['{exporter="otlp_http/away",data_type="traces"}']).toBe(count);
  expect(queued['{exporter="otlp_http/near",data_type="traces"}']).toBe(0);

  await away.listen(awayPort);
  while (away.arrivedMs.size < 2 * count && performance.now() - started < downMs + 60_000) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect([away.arrivedMs.size, away.twice, near.twice]).toEqual([2 * count, 0, 0]);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const both = { '{exporter="otlp_http/near"}': count, '{exporter="otlp_http/away"}': count };
  const none = { '{exporter="otlp_http/near"}': 0, '{exporter="otlp_http/away"}': 0 };
  expect(await scrape(metrics, "otelcol_exporter_sent_spans_total")).toEqual(both);
  expect(await scrape(metrics, "otelcol_exporter_sent_log_records_total")).toEqual(both);
  expect(await scrape(metrics, "otelcol_exporter_send_failed_spans_total")).toEqual(none);
  expect(await scrape(metrics, "otelcol_exporter_enqueue_failed_spans_total")).toEqual(none);
  const accepted = await scrape(metrics, "otelcol_receiver_accepted_spans_total");
  expect(Object.values(accepted).reduce((sum, value) => sum + value, 0)).toBe(count);
  expect(await collector.stop("SIGINT")).toBe(0);
});
