import { defineFactory, type AnyFactory } from "../../../pipeline/component.ts";
import { checkEbpfReceiver, ebpfReceiverConfig, type EbpfReceiverConfig } from "./config.ts";
import { EbpfReceiver } from "./ebpf.ts";

export const ebpfReceiverFactory: AnyFactory = defineFactory<EbpfReceiverConfig>({
  kind: "receiver",
  type: "ebpf",
  aliases: [
    { name: "obi", deprecated: false },
    { name: "beyla", deprecated: false },
  ],
  summary:
    "Observes running programs of any language by eBPF: spans and metrics of what they ask and answer, logs that Go programs write meanwhile.",
  config: ebpfReceiverConfig,
  check: checkEbpfReceiver,
  signals: { traces: "development", metrics: "development", logs: "development" },
  create: (settings, config, next) => new EbpfReceiver(settings, config, next),
});
