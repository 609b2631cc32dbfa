import { defineFactory } from "../../../pipeline/component.ts";
import type { AnyFactory, ComponentSettings, Connector, Consumer } from "../../../pipeline/component.ts";
import { forwardConfig } from "./config.ts";
import type { ForwardConfig } from "./config.ts";
import { forwardConnector } from "./forward.ts";

const pair = {
  stability: "beta",
  create: (_settings: ComponentSettings, _config: ForwardConfig, next: Consumer): Connector =>
    forwardConnector(next),
} as const;

export const forwardConnectorFactory: AnyFactory = defineFactory<ForwardConfig>({
  kind: "connector",
  type: "forward",
  summary:
    "Joins pipelines of one signal: what ends in one begins in others, to merge or to split processing.",
  config: forwardConfig,
  pairs: { "traces->traces": pair, "metrics->metrics": pair, "logs->logs": pair },
});
