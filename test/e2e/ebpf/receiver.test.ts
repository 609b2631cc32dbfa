import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { until } from "../until.ts";
import { OtlpSink } from "../../fakes/otlp-sink.ts";
import { start } from "./started.ts";
import { tracingRefused } from "./tracing-refused.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const refused = await tracingRefused("the ebpf receiver");

test.skipIf(refused !== undefined)(
  "the ebpf receiver: a program's requests go through a pipeline",
  async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-ebpf-receiver-"));
    const sink = new OtlpSink();
    await sink.listen();
    const shop = start("python3", [path.join(root, "test/fixtures/ebpf/slow.py"), "0"], {});
    await until(() => shop.stdout().includes("\n"));
    const port = shop.stdout().trim();
    const file = path.join(folder, "collector.yaml");
    writeFileSync(
      file,
      `receivers: {obi: {discovery: {instrument: [{open_ports: ${port}, name: shop}]}, metrics_interval: 300ms}}
processors: {attributes: {actions: [{key: passed, value: here, action: insert}]}}
exporters: {otlp_http: {endpoint: "${sink.endpoint}"}}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    traces: {receivers: [obi], processors: [attributes], exporters: [otlp_http]}
    metrics: {receivers: [obi], exporters: [otlp_http]}
`,
    );
    const collector = start(
      process.execPath,
      [path.join(root, "dist/main.js"), "collector", "--config", file],
      {},
    );
    try {
      await until(() => collector.stderr().includes("observes HTTP"));
      for (let index = 0; index < 20; index++) {
        await (await fetch(`http://127.0.0.1:${port}/order/${index}`)).text();
      }
      await expect.poll(() => sink.spans.length).toBe(20);
      expect(new Set(sink.spans.map(({ service, name }) => `${service} ${name}`))).toEqual(
        new Set(["shop GET /order/*"]),
      );
      expect(sink.spans[0]?.attributes["passed"]).toBe("here");
      const counted = (): number | undefined =>
        sink.metrics.findLast(({ name }) => name === "http.server.request.duration")?.histograms[0]?.count;
      await expect.poll(counted).toBe(20);
    } finally {
      expect(await collector.end("SIGTERM")).toBe(0);
      await shop.end();
      await sink.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
