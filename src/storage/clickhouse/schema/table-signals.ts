import type { KeptSignal } from "../../usage.ts";

/** Which signal a table belongs to, by its name. */
export function signalOfTable(table: string): KeptSignal {
  if (table.startsWith("otel_traces")) return "traces";
  if (table.startsWith("otel_logs")) return "logs";
  return table.startsWith("otel_metric") ? "metrics" : "shared";
}
