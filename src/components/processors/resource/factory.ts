import { defineFactory, type AnyFactory, type ProcessorFactory } from "../../../pipeline/component.ts";
import { checkResource, resourceConfig, type ResourceConfig } from "./config.ts";
import { createResource } from "./resource.ts";

type Entry = NonNullable<ProcessorFactory<ResourceConfig>["signals"]["traces"]>;
const entry: Entry = { stability: "beta", create: (_, config, next) => createResource(config, next) };

/** Changes the attributes of resources. */
export const resourceFactory: AnyFactory = defineFactory<ResourceConfig>({
  kind: "processor",
  type: "resource",
  summary: "Inserts, updates, deletes, hashes, extracts and converts attributes of resources.",
  config: resourceConfig,
  check: checkResource,
  signals: { traces: entry, metrics: entry, logs: entry },
});
