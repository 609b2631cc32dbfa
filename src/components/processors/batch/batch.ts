/**
 * Joins small batches of one tenant to larger ones without looking inside: protobuf messages merge by concatenation. The answer to a sender means
 * "accepted", not "delivered": what fails behind this processor is logged and counted, as in the Collector.
 */
import { messageOf, OtelierError } from "../../../base/error.ts";
import type { ComponentSettings, Consumer, Processor } from "../../../pipeline/component.ts";
import { printComponentId } from "../../../pipeline/component-id.ts";
import type { Batch } from "../../../telemetry/batch.ts";
import type { BatchConfig } from "./config.ts";
import { Shard } from "./shard.ts";

const sizeBounds = [
  10, 25, 50, 75, 100, 250, 500, 750, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10000, 20000,
  30000, 50000, 100000,
];

export function createBatch(settings: ComponentSettings, config: BatchConfig, next: Consumer): Processor {
  const labels = { processor: printComponentId(settings.id) };
  const { metrics } = settings;
  const name = (rest: string): string => `otelcol_processor_batch_${rest}`;
  const sizes = metrics.histogram(
    name("batch_send_size"),
    labels,
    "Number of units in the batch",
    sizeBounds,
  );
  const bySize = metrics.counter(
    name("batch_size_trigger_send"),
    labels,
    "Number of times the batch was sent due to a size trigger",
  );
  const byTimeout = metrics.counter(
    name("timeout_trigger_send"),
    labels,
    "Number of times the batch was sent due to a timeout trigger",
  );
  const shards = new Map<string, Shard>();
  metrics.gauge(
    name("metadata_cardinality"),
    labels,
    "Number of distinct metadata value combinations being processed",
    () => shards.size,
  );
  const keys = config.metadata_keys.map((key) => key.toLowerCase());

  const shardOf = (batch: Batch): Shard => {
    const { tenant, metadata } = batch.context;
    const combination = [tenant, ...keys.map((key) => metadata?.get(key)?.join("\u0001") ?? "\u0000")].join(
      "\u0002",
    );
    const known = shards.get(combination);
    if (known !== undefined) return known;
    if (
      config.metadata_cardinality_limit > 0 &&
      keys.length > 0 &&
      shards.size >= config.metadata_cardinality_limit
    ) {
      throw new OtelierError("cannot batch: too many batcher metadata-value combinations", {
        code: "too-many-combinations",
        outcome: "permanent",
      });
    }
    const shard = new Shard({
      config,
      clock: settings.clock,
      next,
      onSent: (items, trigger) => {
        sizes.record(items);
        if (trigger === "size") bySize.add(1);
        if (trigger === "timeout") byTimeout.add(1);
      },
      onFailed: (error, items) => settings.log.warn("sender failed", { error: messageOf(error), items }),
      // Whoever sends chooses the tenants, so there is no end of them.
      ...(tenant === "" ? {} : { onIdle: () => shards.delete(combination) }),
    });
    shards.set(combination, shard);
    return shard;
  };

  return {
    mutatesBatch: false,
    start: () => Promise.resolve(),
    consume: async (batch) => shardOf(batch).add(batch),
    shutdown: async () => {
      await Promise.all([...shards.values()].map((shard) => shard.flush()));
    },
  };
}
