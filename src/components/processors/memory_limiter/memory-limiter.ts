/** Refuses data, with an error that asks the sender to come again, while the process uses more memory than it may. */
import { totalmem } from "node:os";
import process from "node:process";
import { OtelierError } from "../../../base/error.ts";
import { printComponentId } from "../../../pipeline/component-id.ts";
import type { ComponentSettings, Consumer, Processor } from "../../../pipeline/component.ts";
import type { Signal } from "../../../telemetry/signal.ts";
import type { MemoryLimiterConfig } from "./config.ts";
import { MemoryLimiter, type MemoryProbe } from "./limiter.ts";

const itemNames: Readonly<Record<Signal, string>> = {
  traces: "spans",
  metrics: "metric_points",
  logs: "log_records",
};

/** The process itself. Heap and buffers count, memory mapped from files does not: it is given back under pressure. */
const processProbe: MemoryProbe = {
  used: () => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  },
  total: () => process.constrainedMemory() || totalmem(),
  collect: globalThis.gc === undefined ? undefined : () => globalThis.gc?.(),
};

/** One limiter for each configuration section, however many pipelines and signals list it. */
const shared = new WeakMap<MemoryLimiterConfig, MemoryLimiter>();

export function createMemoryLimiter(
  signal: Signal,
  settings: ComponentSettings,
  config: MemoryLimiterConfig,
  next: Consumer,
  probe: MemoryProbe = processProbe,
): Processor {
  const limiter = shared.get(config) ?? new MemoryLimiter(config, probe, settings.clock, settings.log);
  shared.set(config, limiter);
  const labels = { processor: printComponentId(settings.id) };
  const refused = settings.metrics.counter(
    `otelcol_processor_refused_${itemNames[signal]}`,
    labels,
    "Number of items that were rejected by the next component in the pipeline.",
  );
  const accepted = settings.metrics.counter(
    `otelcol_processor_accepted_${itemNames[signal]}`,
    labels,
    "Number of items successfully pushed into the next component in the pipeline.",
  );
  return {
    mutatesBatch: false,
    start: () => {
      limiter.start();
      return Promise.resolve();
    },
    shutdown: () => {
      limiter.stop();
      return Promise.resolve();
    },
    consume: async (batch) => {
      if (limiter.mustRefuse) {
        refused.add(batch.itemCount);
        throw new OtelierError("data refused due to high memory usage", {
          code: "memory-limit",
          outcome: "retryable",
          retryAfterMs: Math.max(1000, config.check_interval),
        });
      }
      await next.consume(batch);
      accepted.add(batch.itemCount);
    },
  };
}
