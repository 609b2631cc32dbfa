/**
 * Two pipelines, each to two servers, one of them away: all comes to the other all the while, nothing is lost, nothing comes twice, and the counters say so
 * under the Collector's names.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Batch, internalContext } from "../../../src/telemetry/batch.ts";
import { freePort } from "../../fakes/free-port.ts";
import { RunningCollector, scrape, type LogLine } from "./run-collector.ts";

/** Sent of each signal while one server is away. */
const count = 240;
/** What is tried at once; each of them fails, waits and fails again, so often at least, before the server returns. */
const consumers = 10;
const failuresOfEach = 4;
const patience = { interval: 5 };

/** Remembers each span or log record, by its name. */
class Sink {
  readonly arrived = new Set<string>();
  twice = 0;
  readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      for (const name of names(request.url ?? "", Buffer.concat(chunks))) {
        if (this.arrived.has(name)) this.twice++;
        this.arrived.add(name);
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

async function send(endpoint: string, number: number): Promise<void> {
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
}

it("does not let a server that is away hold up another, and loses nothing", async () => {
  const nearPort = await near.listen();
  // Nobody listens there until the server returns.
  const awayPort = await freePort();
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
    retry_on_failure: {initial_interval: 200ms, max_interval: 1s}
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
  const running = new RunningCollector(["--config", file], folder);
  collector = running;
  const endpoint = (await running.line("Starting HTTP server")).endpoint ?? "";
  const metrics = (await running.line("Serving own metrics")).endpoint ?? "";
  for (let number = 0; number < count; number++) {
    await send(endpoint, number);
    // Each comes through while the other server is away, before the next one is sent.
    await expect.poll(() => near.arrived.size, patience).toBe(2 * (number + 1));
  }
  const failures = 2 * consumers * failuresOfEach;
  const isFailure = ({ msg }: LogLine): boolean => msg.startsWith("Exporting failed. Will retry");
  await expect.poll(() => running.lines.filter(isFailure).length, patience).toBeGreaterThanOrEqual(failures);
  expect(away.arrived.size).toBe(0);
  // What has arrived leaves the queue once its answer is read.
  await expect
    .poll(() => scrape(metrics, "otelcol_exporter_queue_size"), patience)
    .toMatchObject({
      '{exporter="otlp_http/away",data_type="traces"}': count,
      '{exporter="otlp_http/near",data_type="traces"}': 0,
    });

  await away.listen(awayPort);
  await expect.poll(() => away.arrived.size, patience).toBe(2 * count);
  const both = { '{exporter="otlp_http/near"}': count, '{exporter="otlp_http/away"}': count };
  const none = { '{exporter="otlp_http/near"}': 0, '{exporter="otlp_http/away"}': 0 };
  // Counted once the answer is read.
  for (const sent of ["otelcol_exporter_sent_spans_total", "otelcol_exporter_sent_log_records_total"])
    await expect.poll(() => scrape(metrics, sent), patience).toEqual(both);
  expect([near.arrived.size, away.twice, near.twice]).toEqual([2 * count, 0, 0]);
  expect(await scrape(metrics, "otelcol_exporter_send_failed_spans_total")).toEqual(none);
  expect(await scrape(metrics, "otelcol_exporter_enqueue_failed_spans_total")).toEqual(none);
  const accepted = await scrape(metrics, "otelcol_receiver_accepted_spans_total");
  expect(Object.values(accepted).reduce((sum, value) => sum + value, 0)).toBe(count);
  expect(await running.stop("SIGINT")).toBe(0);
});
