import { expect, test } from "vitest";
import { createMetricRegistry } from "../../pipeline/self-metrics/registry.ts";
import { lossesOf } from "./losses.ts";

const receiver = { receiver: "otlp", transport: "http" };

test.each([
  [
    "otelier_receiver_refused_requests",
    { ...receiver, protocol: "http/json", reason: "malformed" },
    "receiver otlp refused malformed requests",
  ],
  [
    "otelier_receiver_refused_items",
    { ...receiver, signal: "logs", reason: "memory-limit" },
    "receiver otlp refused memory-limit items logs",
  ],
  [
    "otelcol_processor_refused_spans",
    { processor: "memory_limiter" },
    "processor memory_limiter refused processor-refused items traces",
  ],
  [
    "otelcol_exporter_send_failed_metric_points",
    { exporter: "otlp_grpc" },
    "exporter otlp_grpc dropped export-failed items metrics",
  ],
  [
    "otelcol_exporter_enqueue_failed_log_records",
    { exporter: "debug" },
    "exporter debug refused queue-full items logs",
  ],
  [
    "otelier_exporter_rejected_items",
    { exporter: "clickhouse", data_type: "logs" },
    "exporter clickhouse dropped rejected-items items logs",
  ],
  ["otelier_store_rejected_items", {}, "store  dropped rejected-items items"],
  ["otelier_store_rejected_items", { reason: "series-limit" }, "store  dropped series-limit items"],
  [
    "otelier_store_dropped_attribute_keys",
    { reason: "attribute-key-limit" },
    "store  dropped attribute-key-limit keys",
  ],
  ["otelier_store_set_aside_rows", {}, "store  set-aside set-aside rows"],
  ["otelier_store_dropped_rows", {}, "store  dropped retention rows"],
  ["otelcol_receiver_accepted_spans", receiver, undefined],
  ["otelcol_receiver_refused_spans", receiver, undefined],
])("%s", (name, labels, wanted) => {
  const metrics = createMetricRegistry();
  metrics.counter(name, labels, "").add(2);
  metrics.counter(name, { ...labels, other: "none was lost here" }, "");
  const shown = lossesOf(metrics.collect()).map(
    ({ stage, component, outcome, reason, unit, signal, count }) => {
      expect(count).toBe(2);
      return `${stage} ${component} ${outcome} ${reason} ${unit} ${signal}`.trim();
    },
  );
  expect(shown).toEqual(wanted === undefined ? [] : [wanted]);
});
