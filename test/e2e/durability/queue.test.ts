/** What `sending_queue.storage` is worth: a collector whose server is away is killed again and again; all that it answered arrives. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { OtlpSink } from "../../fakes/otlp-sink.ts";
import { RunningCollector } from "../collector/run-collector.ts";
import { Sender } from "./sender.ts";
import { freePort } from "../../fakes/free-port.ts";

const rounds = 5;
let folder: string;
let sink: OtlpSink;
let collector: RunningCollector | undefined;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "otelier-queue-"));
  sink = new OtlpSink();
  await sink.listen();
});
afterEach(async () => {
  await collector?.stop("SIGKILL");
  await sink.close();
  rmSync(folder, { recursive: true, force: true });
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

it(`loses nothing that was accepted over ${rounds} kills`, async () => {
  const port = await freePort();
  writeFileSync(
    path.join(folder, "otel.yaml"),
    `receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:${port}"}}}}
extensions: {file_storage: {directory: ${folder}/queues, create_directory: true, timeout: 10s}}
exporters:
  otlp_http:
    endpoint: ${sink.endpoint}
    sending_queue: {storage: file_storage, queue_size: 100000, batch: {min_size: 500, flush_timeout: 50ms}}
    retry_on_failure: {initial_interval: 50ms, max_interval: 200ms}
service:
  extensions: [file_storage]
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {receivers: [otlp], exporters: [otlp_http]}}
`,
  );
  const start = async (): Promise<RunningCollector> => {
    const running = new RunningCollector(["--config", "otel.yaml"], folder);
    await running.line("Everything is ready");
    return running;
  };
  collector = await start();
  const sender = new Sender(port, 4);
  for (let round = 0; round < rounds; round++) {
    // In turn with a server that takes, and one that does not.
    sink.refuses = round % 2 === 0;
    const answered = sender.answered.length;
    while (sender.answered.length < answered + 500) await pause(5);
    await collector.stop("SIGKILL");
    collector = await start();
  }
  await sender.stop();
  sink.refuses = false;
  const arrived = (): Set<string> => new Set(sink.spans.map(({ spanId }) => spanId));
  const queue = path.join(folder, "queues/exporter_otlp_http_traces");
  while (readdirSync(queue).some((name) => name.endsWith(".queue"))) await pause(20);
  const there = arrived();
  expect(sender.answered.length).toBeGreaterThan(2000);
  expect(sender.answered.filter((id) => !there.has(id))).toEqual([]);
  expect(await collector.stop()).toBe(0);
});
