/**
 * Keeps telemetry in ClickHouse. Without a queue a batch is answered when it is safe on disk; what the store refuses of it flows back as
 * a permanent error that says how many items (partial success).
 */
import { OtelierError } from "../../../base/error.ts";
import type { ComponentSettings, Exporter, Host } from "../../../pipeline/component.ts";
import { printComponentId } from "../../../pipeline/component-id.ts";
import { createQueuedExporter } from "../../../pipeline/exporter/queued-exporter.ts";
import { itemNoun } from "../../../pipeline/self-metrics/item-noun.ts";
import { defaultConfig } from "../../../pipeline/settings/decode.ts";
import { retryOption } from "../../../pipeline/settings/queue.ts";
import type { WriteResult } from "../../../storage/store.ts";
import type { Batch } from "../../../telemetry/batch.ts";
import type { Signal } from "../../../telemetry/signal.ts";
import type { ClickHouseConfig } from "./config.ts";
import type { LentWriter, WriterFor } from "./writers.ts";

export function createClickHouseExporter(
  settings: ComponentSettings,
  signal: Signal,
  config: ClickHouseConfig,
  writerFor: WriterFor,
): Exporter {
  let lent: LentWriter | undefined;
  const noun = itemNoun[signal];
  const rejectedItems = settings.metrics.counter(
    "otelier_exporter_rejected_items",
    { exporter: printComponentId(settings.id), data_type: signal },
    `Number of ${noun.replace("_", " ")} that the store refused, such as those with impossible times.`,
    `{${noun}}`,
  );
  // The queue may join batches, so only without it can a refusal be told to the one who sent the item.
  const refused = new WeakMap<Batch, WriteResult>();
  const queue = config.sending_queue;
  const inner = createQueuedExporter({
    settings,
    signal,
    config: {
      sending_queue: queue,
      // Without a queue the sender waits, and knows best whether to try again.
      retry_on_failure:
        config.retry_on_failure ?? (queue === undefined ? undefined : defaultConfig(retryOption)),
      timeout: config.timeout,
    },
    send: async (batch) => {
      if (lent === undefined) throw notOpen();
      const result = await lent.writer.write(batch);
      if (result.rejected === 0) return;
      rejectedItems.add(result.rejected);
      refused.set(batch, result);
    },
    start: async () => {
      lent = await writerFor(config, settings.log);
    },
    shutdown: async () => lent?.release(),
  });
  return {
    mutatesBatch: false,
    start: (host: Host) => inner.start(host),
    shutdown: () => inner.shutdown(),
    consume: async (batch) => {
      await inner.consume(batch);
      const result = queue === undefined ? refused.get(batch) : undefined;
      if (result === undefined) return;
      throw new OtelierError(result.reason, {
        code: "rejected-items",
        outcome: "permanent",
        rejectedItems: result.rejected,
      });
    },
  };
}

function notOpen(): OtelierError {
  return new OtelierError("cannot store telemetry: the store is not open", {
    code: "store-not-open",
    outcome: "retryable",
  });
}
