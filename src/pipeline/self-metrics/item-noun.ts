import type { Signal } from "../../telemetry/signal.ts";

/** How the Collector's metric names call the items of a signal: "otelcol_exporter_sent_spans". */
export const itemNoun: Readonly<Record<Signal, "spans" | "metric_points" | "log_records">> = {
  traces: "spans",
  metrics: "metric_points",
  logs: "log_records",
};

/** Units of the receivers' counts (core receiver/receiverhelper/metadata.yaml). */
export const receiverUnits: Readonly<Record<Signal, string>> = {
  traces: "{spans}",
  metrics: "{datapoints}",
  logs: "{records}",
};

/** Units of the exporters' counts (core exporter/exporterhelper/metadata.yaml). */
export const exporterUnits: Readonly<Record<Signal, string>> = {
  traces: "{span}",
  metrics: "{datapoint}",
  logs: "{record}",
};
