import type { Diagnostic } from "../../../base/diagnostic.ts";
import {
  ignoredFields,
  ignoring,
  observedFields,
  type ObservedConfig,
} from "../../../instrument/ebpf/configuration/schema.ts";
import { selectionOf } from "../../../instrument/ebpf/configuration/selection-of.ts";
import type { ConfigNode } from "../../../pipeline/settings/config-node.ts";
import { duration, section } from "../../../pipeline/settings/options.ts";
import { configProblem } from "../../../pipeline/settings/problem.ts";
import type { Section } from "../../../pipeline/settings/schema.ts";

export interface EbpfReceiverConfig extends ObservedConfig {
  /** Milliseconds. */
  readonly metrics_interval: number;
}

export const ebpfReceiverConfig: Section<EbpfReceiverConfig> = section<EbpfReceiverConfig>({
  ...observedFields,
  metrics_interval: duration({ default: "60s", minMs: 1, doc: "time between two reports of metrics" }),
  ...ignoring("what is observed goes into the pipeline", "otel_traces_export otel_metrics_export"),
  ...ignoredFields,
});

/** A receiver that selects nothing would never have anything. */
export function checkEbpfReceiver(
  config: EbpfReceiverConfig,
  node: ConfigNode,
  path: string,
): readonly Diagnostic[] {
  if (selectionOf(config).rules.length > 0) return [];
  return [
    configProblem({
      code: "bad-option",
      node,
      path,
      text: "does not say what to observe",
      hint: "such as open_port: 8080, or rules in discovery.instrument",
    }),
  ];
}
