/**
 * What every exporter that sends over a network is made of (core exporter/exporterhelper): queue and batching, retry, timeout and the
 * counters around one `send`. The exporter itself only knows how to send one batch once.
 *
 *     createQueuedExporter({ settings, signal, config, send: (batch, signal) => client.export(batch.bytes, signal) })
 */
import { setMaxListeners } from "node:events";
import { isPermanent, messageOf } from "../../base/error.ts";
import type { Batch } from "../../telemetry/batch.ts";
import type { Signal } from "../../telemetry/signal.ts";
import { printComponentId } from "../component-id.ts";
import type { ComponentSettings, Exporter, Host } from "../component.ts";
import type { QueueConfig, RetryConfig } from "../settings/queue.ts";
import { exporterMetrics } from "./exporter-metrics.ts";
import { sendWithRetry } from "./retry.ts";
import { DiskQueue } from "./queue/disk/disk-queue.ts";
import { MemoryQueue } from "./queue/memory-queue.ts";
import type { ExporterQueue } from "./queue/queue.ts";
import { withTimeout } from "./timeout.ts";

export interface QueuedExporterOptions {
  readonly settings: ComponentSettings;
  readonly signal: Signal;
  readonly config: {
    /** Undefined: each batch is sent while its sender waits. */
    readonly sending_queue: QueueConfig | undefined;
    /** Undefined: not retried. */
    readonly retry_on_failure: RetryConfig | undefined;
    /** Milliseconds for one attempt; 0: without limit. */
    readonly timeout: number;
  };
  /**
   * One attempt. Rejects with an OtelierError: permanent ones are dropped, others retried, not before `retryAfterMs`. The signal aborts at
   * the timeout. The batch is shared and must not be changed.
   */
  readonly send: (batch: Batch, signal: AbortSignal) => Promise<void>;
  readonly start?: (host: Host) => Promise<void>;
  /** Called once everything was sent. */
  readonly shutdown?: () => Promise<void>;
}

export function createQueuedExporter(options: QueuedExporterOptions): Exporter {
  const { settings, config } = options;
  const { clock, random, log } = settings;
  const stop = new AbortController();
  // Each consumer that waits for a retry listens; their number is the user's.
  setMaxListeners(0, stop.signal);
  const attempt = (batch: Batch): Promise<void> =>
    withTimeout(clock, config.timeout, (signal) => options.send(batch, signal));
  const retry = config.retry_on_failure;
  const send = async (batch: Batch): Promise<void> => {
    const items = batch.itemCount;
    metrics.sending(1);
    try {
      if (retry?.enabled === true) {
        await sendWithRetry(() => attempt(batch), { config: retry, clock, random, log, stop: stop.signal });
      } else {
        await attempt(batch);
      }
      metrics.sent.add(items);
    } catch (error) {
      if (isKept && stop.signal.aborted && !isPermanent(error)) {
        log.info("Exporting failed. The data stays in the queue for the next start.", {
          error: messageOf(error),
        });
        throw error;
      }
      metrics.sendFailed.add(items);
      const consequence =
        queue === undefined
          ? "Exporting failed. Rejecting data. Try enabling sending_queue to survive temporary failures."
          : "Exporting failed. Dropping data.";
      log.error(consequence, {
        error: messageOf(error),
        dropped_items: items,
        permanent: isPermanent(error),
      });
      throw error;
    } finally {
      metrics.sending(-1);
    }
  };
  const queueConfig = config.sending_queue;
  const isKept = queueConfig?.storage !== undefined;
  const queue =
    queueConfig === undefined
      ? undefined
      : createQueue(options, queueConfig, (batch) => {
          if (queueConfig.batch !== undefined) metrics.recordBatch(batch);
          return send(batch);
        });
  const metrics = exporterMetrics(settings, options.signal, queue, queueConfig);

  return {
    mutatesBatch: false,
    start: async (host) => {
      await options.start?.(host);
      // What an earlier run left is sent from here on.
      await queue?.start(host);
    },
    consume: async (batch) => {
      if (queue === undefined) return send(batch);
      try {
        await queue.offer(batch);
      } catch (error) {
        // With wait_for_result, which a queue on disk cannot have, the error is the sender's own and was counted there.
        if (isKept || isRefusal(error)) metrics.enqueueFailed.add(batch.itemCount);
        throw error;
      }
    },
    shutdown: async () => {
      stop.abort();
      await queue?.drain();
      await options.shutdown?.();
    },
  };
}

function createQueue(
  { settings, signal }: QueuedExporterOptions,
  config: QueueConfig,
  send: (batch: Batch) => Promise<void>,
): ExporterQueue {
  const { clock, log } = settings;
  const { storage } = config;
  if (storage === undefined) return new MemoryQueue({ config, clock, send });
  const exporter = printComponentId(settings.id);
  const damaged = settings.metrics.counter(
    "otelier_exporter_queue_damaged_files",
    { exporter, data_type: signal },
    "Files of the sending queue, or parts of them, that could not be read back and were set aside.",
  );
  return new DiskQueue({
    config: { ...config, storage },
    clock,
    log,
    signal,
    owner: `exporter_${exporter}`,
    send,
    onDamage: ({ file, reason }) => {
      damaged.add(1);
      log.error("A part of the sending queue cannot be read and was set aside.", {
        code: "queue-damaged",
        file,
        reason,
      });
    },
  });
}

function isRefusal(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "queue-full" || error.code === "queue-stopped")
  );
}
