import type { Batch } from "../../telemetry/batch.ts";
import type { Signal } from "../../telemetry/signal.ts";
import { printComponentId } from "../component-id.ts";
import type { ComponentSettings, Counter } from "../component.ts";
import { exporterUnits, itemNoun } from "../self-metrics/item-noun.ts";
import type { QueueConfig } from "../settings/queue.ts";

export interface ExporterMetrics {
  readonly sent: Counter;
  readonly sendFailed: Counter;
  readonly enqueueFailed: Counter;
  /** +1 when a request starts, -1 when it ends. */
  sending(change: number): void;
  recordBatch(batch: Batch): void;
}

const sizeBounds = [
  10, 25, 50, 75, 100, 250, 500, 750, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10000, 20000,
  30000, 50000, 100000,
];
const byteBounds = [
  10, 25, 50, 75, 100, 250, 500, 750, 1000, 2000, 4000, 8000, 16000, 32000, 64000, 128000, 256000, 512000,
  1e6, 2e6, 4e6, 8e6,
];

/** The metrics of one exporter and signal, by the Collector's names (core exporterhelper/metadata.yaml). */
export function exporterMetrics(
  settings: ComponentSettings,
  signal: Signal,
  queue: { readonly size: number } | undefined,
  config: QueueConfig | undefined,
): ExporterMetrics {
  const { metrics } = settings;
  const noun = itemNoun[signal];
  const labels = { exporter: printComponentId(settings.id) };
  const perSignal = { ...labels, data_type: signal };
  const words = noun.replace("_", " ");
  const counter = (name: string, doc: string): Counter =>
    metrics.counter(name, labels, doc, exporterUnits[signal]);
  let inFlight = 0;
  metrics.gauge(
    "otelcol_exporter_in_flight_requests",
    perSignal,
    "Requests being sent.",
    () => inFlight,
    "{request}",
  );
  if (queue !== undefined && config !== undefined) {
    const unit = `{${config.sizer}}`;
    metrics.gauge(
      "otelcol_exporter_queue_size",
      perSignal,
      "Current size of the sending queue.",
      () => queue.size,
      unit,
    );
    const capacity = "Fixed capacity of the sending queue.";
    metrics.gauge("otelcol_exporter_queue_capacity", perSignal, capacity, () => config.queue_size, unit);
  }
  const isBatching = config?.batch !== undefined;
  const sizes = isBatching
    ? metrics.histogram(
        "otelcol_exporter_queue_batch_send_size",
        perSignal,
        "Items in a batch sent.",
        sizeBounds,
        `{${noun}}`,
      )
    : undefined;
  const bytes = isBatching
    ? metrics.histogram(
        "otelcol_exporter_queue_batch_send_size_bytes",
        perSignal,
        "Bytes in a batch sent.",
        byteBounds,
        "By",
      )
    : undefined;
  return {
    sent: counter(`otelcol_exporter_sent_${noun}`, `Number of ${words} successfully sent to destination.`),
    sendFailed: counter(
      `otelcol_exporter_send_failed_${noun}`,
      `Number of ${words} in failed attempts to send to destination.`,
    ),
    enqueueFailed: counter(
      `otelcol_exporter_enqueue_failed_${noun}`,
      `Number of ${words} failed to be added to the sending queue.`,
    ),
    sending: (change) => {
      inFlight += change;
    },
    recordBatch: (batch) => {
      sizes?.record(batch.itemCount);
      bytes?.record(batch.sizeBytes);
    },
  };
}
