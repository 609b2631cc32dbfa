import { defineFactory, type AnyFactory } from "../../../pipeline/component.ts";
import { attributesConfig, checkAttributes, type AttributesConfig } from "./config.ts";
import { createLogsAttributes, createMetricsAttributes, createTracesAttributes } from "./attributes.ts";

/** Changes attributes of spans, log records and data points. */
export const attributesFactory: AnyFactory = defineFactory<AttributesConfig>({
  kind: "processor",
  type: "attributes",
  summary:
    "Inserts, updates, deletes, hashes, extracts and converts attributes of spans, log records and data points.",
  config: attributesConfig,
  check: checkAttributes,
  signals: {
    traces: { stability: "beta", create: (_, config, next) => createTracesAttributes(config, next) },
    metrics: { stability: "beta", create: (_, config, next) => createMetricsAttributes(config, next) },
    logs: { stability: "beta", create: (_, config, next) => createLogsAttributes(config, next) },
  },
});
