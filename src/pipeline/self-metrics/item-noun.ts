import type { Signal } from "../../telemetry/signal.ts";

/** How the Collector's metric names call the items of a signal: "otelcol_exporter_sent_spans". */
export const itemNoun: Readonly<Record<Signal, "spans" | "metric_points" | "log_records">> = {
  traces: "spans",
  metrics: "metric_points",
  logs: "log_records",
};
