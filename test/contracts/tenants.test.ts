/** Whatever stands between receiver and store: telemetry of two tenants that send at the same time is never mixed, and none is lost. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { seededRandom } from "../../src/base/random.ts";
import { componentFactories } from "../../src/components/index.ts";
import { toModel } from "../../src/config/collector/to-model.ts";
import { parseYaml } from "../../src/config/collector/yaml-node.ts";
import type { ComponentLog } from "../../src/pipeline/log/log.ts";
import { createMetricRegistry } from "../../src/pipeline/self-metrics/registry.ts";
import { SenderRegistry } from "../../src/pipeline/senders/sender-registry.ts";
import { createService } from "../../src/pipeline/service/service.ts";
import type { TelemetryWriter } from "../../src/storage/store.ts";
import type { Batch } from "../../src/telemetry/batch.ts";
import { createMemoryLog } from "../fakes/component-settings.ts";
import { spansNamed } from "../fakes/named-spans.ts";
import { sendGrpc } from "../fakes/otlp-client.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "otelier-tenants-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const direct = "{traces: {receivers: [otlp], exporters: [clickhouse]}}";
const batching = "batch: {min_size: 7, flush_timeout: 50ms}";
const edit = "{actions: [{key: a, value: b, action: insert}]}";

/** Everything here that joins batches, remembers them, or makes others of them. */
const graphs: readonly (readonly [string, string, string])[] = [
  ["nothing", "", direct],
  [
    "batch",
    "processors: {batch: {send_batch_size: 7, timeout: 50ms}}",
    "{traces: {receivers: [otlp], processors: [batch], exporters: [clickhouse]}}",
  ],
  [
    "batch that splits",
    "processors: {batch: {send_batch_size: 3, send_batch_max_size: 3, timeout: 50ms}}",
    "{traces: {receivers: [otlp], processors: [batch], exporters: [clickhouse]}}",
  ],
  [
    "batch by metadata",
    "processors: {batch: {send_batch_size: 7, timeout: 50ms, metadata_keys: [x-team]}}",
    "{traces: {receivers: [otlp], processors: [batch], exporters: [clickhouse]}}",
  ],
  ["queue that joins", `exporters: {clickhouse: {sending_queue: {${batching}}}}`, direct],
  [
    "queue on disk",
    `extensions: {file_storage: {directory: FOLDER}}\nexporters: {clickhouse: {sending_queue: {storage: file_storage}}}`,
    direct,
  ],
  [
    "processors that change items",
    `processors: {attributes: ${edit}, resource: {attributes: [{key: a, value: b, action: insert}]}, memory_limiter: {check_interval: 1s, limit_mib: 4000}}`,
    "{traces: {receivers: [otlp], processors: [memory_limiter, attributes, resource], exporters: [clickhouse]}}",
  ],
  [
    "connector, batch before and behind",
    "processors: {batch: {send_batch_size: 5, timeout: 50ms}}\nconnectors: {forward: }",
    "{traces/in: {receivers: [otlp], processors: [batch], exporters: [forward]}, traces: {receivers: [forward], processors: [batch], exporters: [clickhouse]}}",
  ],
];

test.each(graphs)("%s", async (_, parts, pipelines) => {
  const written: Batch[] = [];
  const store: TelemetryWriter = {
    write: async (batch) => {
      written.push(batch);
      return { rejected: 0, reason: "" };
    },
  };
  const ports: number[] = [];
  const factories = componentFactories({
    senders: new SenderRegistry({ clock: systemClock }),
    store,
    dataDir: folder,
    otlp: { onListening: ({ grpc }) => ports.push(Number(new URL(grpc[0] ?? "").port)) },
  });
  const yaml = [
    "receivers: {otlp: {multitenancy_enabled: true, protocols: {grpc: {endpoint: 'localhost:0', include_metadata: true}}}}",
    parts.replace("FOLDER", JSON.stringify(folder)),
    parts.includes("exporters:") ? "" : "exporters: {clickhouse: }",
    `service: {extensions: [${parts.includes("file_storage:") ? "file_storage" : ""}], pipelines: ${pipelines}}`,
  ].join("\n");
  const { value: root } = parseYaml(yaml, "test.yaml");
  const log: ComponentLog = { ...createMemoryLog(), child: () => log };
  const { value: service, diagnostics } = createService(toModel(root).value, factories, {
    log,
    metrics: createMetricRegistry(),
    clock: systemClock,
    random: seededRandom(1),
    userAgent: "test",
  });
  if (service === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  await service.start();
  const sent: string[] = [];
  try {
    for (let round = 0; round < 12; round++) {
      await Promise.all(
        ["acme", "globex"].map(async (tenant) => {
          const name = `${tenant} ${round}`;
          sent.push(name);
          const message = Buffer.from(spansNamed([name, `${name} too`]).bytes);
          const headers = { "x-scope-orgid": tenant, "x-team": String(round % 2) };
          expect((await sendGrpc(ports[0] ?? 0, message, { headers })).grpc).toBe(0);
        }),
      );
    }
  } finally {
    await service.shutdown();
  }
  const kept = written.flatMap((batch) => spanNames(batch).map((name) => `${batch.context.tenant}: ${name}`));
  const wanted = sent.flatMap((name) =>
    [name, `${name} too`].map((span) => `${name.split(" ")[0]}: ${span}`),
  );
  expect(kept.toSorted()).toEqual(wanted.toSorted());
});

function spanNames(batch: Batch): string[] {
  return [...batch.clone().traces().resourceSpans].flatMap(({ scopeSpans }) =>
    [...scopeSpans].flatMap(({ spans }) => [...spans].map(({ name }) => name)),
  );
}
