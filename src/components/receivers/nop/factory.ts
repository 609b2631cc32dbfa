import { defineFactory } from "../../../pipeline/component.ts";
import type { AnyFactory } from "../../../pipeline/component.ts";
import { nopReceiverConfig } from "./config.ts";
import type { NopReceiverConfig } from "./config.ts";
import { nopReceiver } from "./nop.ts";

export const nopReceiverFactory: AnyFactory = defineFactory<NopReceiverConfig>({
  kind: "receiver",
  type: "nop",
  summary: "Receives nothing; keeps a configuration complete while nothing is to be received.",
  config: nopReceiverConfig,
  signals: { traces: "beta", metrics: "beta", logs: "beta" },
  create: () => nopReceiver,
});
