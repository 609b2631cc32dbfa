/** Every count of what was refused or dropped, in one list: what, where, why. Made from own metrics, so it says what they say. */
import type { MetricFamily } from "../../pipeline/self-metrics/registry.ts";
import type { Sender } from "../../pipeline/senders/sender.ts";
import type { Loss, SenderLoss } from "./wire.ts";

interface Source {
  readonly name: RegExp;
  readonly stage: Loss["stage"];
  readonly outcome: Loss["outcome"];
  readonly unit: Loss["unit"];
  /** Where no label says why. */
  readonly reason: string;
}

/** The signal is in the name, as a noun, or in a label. */
const nouns = "(spans|metric_points|log_records)";

const sources: readonly Source[] = [
  {
    name: /^otelier_receiver_refused_requests$/,
    stage: "receiver",
    outcome: "refused",
    unit: "requests",
    reason: "",
  },
  {
    name: /^otelier_receiver_refused_items$/,
    stage: "receiver",
    outcome: "refused",
    unit: "items",
    reason: "",
  },
  {
    name: new RegExp(`^otelcol_processor_refused_${nouns}$`),
    stage: "processor",
    outcome: "refused",
    unit: "items",
    reason: "processor-refused",
  },
  {
    name: new RegExp(`^otelcol_exporter_send_failed_${nouns}$`),
    stage: "exporter",
    outcome: "dropped",
    unit: "items",
    reason: "export-failed",
  },
  {
    name: new RegExp(`^otelcol_exporter_enqueue_failed_${nouns}$`),
    stage: "exporter",
    outcome: "refused",
    unit: "items",
    reason: "queue-full",
  },
  {
    name: /^otelier_exporter_rejected_items$/,
    stage: "exporter",
    outcome: "dropped",
    unit: "items",
    reason: "rejected-items",
  },
  {
    name: /^otelier_store_rejected_items$/,
    stage: "store",
    outcome: "dropped",
    unit: "items",
    reason: "rejected-items",
  },
  {
    name: /^otelier_store_dropped_attribute_keys$/,
    stage: "store",
    outcome: "dropped",
    unit: "keys",
    reason: "attribute-key-limit",
  },
  {
    name: /^otelier_store_set_aside_rows$/,
    stage: "store",
    outcome: "set-aside",
    unit: "rows",
    reason: "set-aside",
  },
  {
    name: /^otelier_store_dropped_rows$/,
    stage: "store",
    outcome: "dropped",
    unit: "rows",
    reason: "retention",
  },
];

const signalOfNoun: Readonly<Record<string, string>> = {
  spans: "traces",
  metric_points: "metrics",
  log_records: "logs",
};

export function lossesOf(families: readonly MetricFamily[]): readonly Loss[] {
  return families.flatMap(({ name, series }) => {
    const source = sources.find((one) => one.name.test(name));
    if (source === undefined) return [];
    const noun = source.name.exec(name)?.[1] ?? "";
    return series.flatMap((one) => {
      if (!("value" in one) || one.value === 0) return [];
      const { receiver, processor, exporter, reason, data_type: dataType, signal = dataType } = one.labels;
      return [
        {
          stage: source.stage,
          component: receiver ?? processor ?? exporter ?? "",
          signal: signal ?? signalOfNoun[noun] ?? "",
          outcome: source.outcome,
          reason: reason ?? source.reason,
          unit: source.unit,
          count: one.value,
        },
      ];
    });
  });
}

/** Senders of which anything was refused. */
export function senderLossesOf(senders: readonly Sender[]): readonly SenderLoss[] {
  return senders
    .filter(({ refusals }) => refusals.length > 0)
    .map(({ service, peer, protocol, port, refusals }) => ({ service, peer, protocol, port, refusals }));
}
