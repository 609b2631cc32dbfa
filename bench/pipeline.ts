import { systemClock } from "../src/base/clock.ts";
import { seededRandom } from "../src/base/random.ts";
import type { Consumer } from "../src/pipeline/component.ts";
import { createQueuedExporter } from "../src/pipeline/exporter/queued-exporter.ts";
import { EdgeConsumer } from "../src/pipeline/graph/edge.ts";
import { fanOut } from "../src/pipeline/graph/fanout.ts";
import type { PlanNode } from "../src/pipeline/graph/plan.ts";
import { createMetricRegistry } from "../src/pipeline/self-metrics/registry.ts";
import { decodeSection } from "../src/pipeline/settings/decode.ts";
import { nullNode } from "../src/pipeline/settings/config-node.ts";
import { section } from "../src/pipeline/settings/options.ts";
import { queueOption, retryOption } from "../src/pipeline/settings/queue.ts";
import { Batch, internalContext } from "../src/telemetry/batch.ts";
import { generateTraces } from "./corpus.ts";
import type { Figure, Subject } from "./figure.ts";

const spansPerRequest = 100;
const batches = 20_000;
const runs = 5;

/** What the engine itself costs between components: edges, taps, fan-out, the sending queue. One core. */
export const pipeline: Subject = {
  about: "pipeline engine, time a batch of 100 spans on one core",
  run: async () => {
    const requests = generateTraces({ seed: 1, spans: 20_000, spansPerRequest, startUnixNano: 10n ** 18n });
    const metrics = createMetricRegistry();
    let seen = 0;
    const sink: Consumer = {
      mutatesBatch: false,
      consume: (batch) => {
        seen += batch.itemCount;
        return Promise.resolve();
      },
    };
    const edge = new EdgeConsumer(
      { from: node("receiver"), to: node("exporter"), pipeline: "traces", signal: "traces" },
      sink,
      false,
      metrics,
    );
    const queued = createQueuedExporter({
      settings: {
        id: { type: "bench", name: "" },
        kind: "exporter",
        log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
        metrics,
        clock: systemClock,
        random: seededRandom(1),
        userAgent: "bench",
      },
      signal: "traces",
      config: {
        sending_queue: decodeSection(queueOption, nullNode, "").value ?? undefined,
        retry_on_failure: decodeSection(section({ retry: retryOption }), nullNode, "").value.retry,
        timeout: 5000,
      },
      send: (batch) => sink.consume(batch),
    });
    const direct = await measure("count only", requests, sink);
    const through = await measure("through an edge", requests, edge);
    const stop = edge.observe((batch) => void batch.sizeBytes);
    const watched = await measure("through a watched edge", requests, edge);
    stop();
    const figures = [
      direct,
      through,
      watched,
      await measure("fan-out to two", requests, fanOut([sink, edge])),
      await measure("sending queue, retry and timeout", requests, queued),
    ];
    await queued.shutdown();
    // Two to warm up each; the fan-out counts twice.
    if (seen < batches * spansPerRequest) throw new Error("batches were lost");
    return [
      ...figures,
      { name: "an edge that nobody watches adds", value: through.value - direct.value, unit: "ns" },
    ];
  },
};

function node(kind: "receiver" | "exporter"): PlanNode {
  const factory = {
    kind: "extension",
    type: kind,
    summary: "",
    config: section<object>({}),
    stability: "stable",
    create: () => component,
  } as const;
  return {
    key: kind,
    kind,
    component: { id: { type: kind, name: "" }, factory, config: {} },
    input: "traces",
    output: "traces",
  };
}

const component = {
  start: (): Promise<void> => Promise.resolve(),
  shutdown: (): Promise<void> => Promise.resolve(),
};

async function measure(name: string, requests: readonly Uint8Array[], consumer: Consumer): Promise<Figure> {
  const times: number[] = [];
  for (let run = -2; run < runs; run++) {
    const started = performance.now();
    for (let at = 0; at < batches; at++) {
      const bytes = requests[at % requests.length] ?? new Uint8Array();
      await consumer.consume(Batch.fromBytes("traces", bytes, internalContext));
    }
    if (run >= 0) times.push(((performance.now() - started) * 1e6) / batches);
  }
  times.sort((left, right) => left - right);
  const at = (index: number): number => Math.round(times[index] ?? 0);
  return { name, value: at(Math.floor(runs / 2)), unit: "ns", min: at(0), max: at(runs - 1) };
}
