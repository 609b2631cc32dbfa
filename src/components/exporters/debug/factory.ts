import { defineFactory, type AnyFactory, type ExporterFactory } from "../../../pipeline/component.ts";
import { checkDebug, debugConfig, type DebugConfig } from "./config.ts";
import { createDebug } from "./debug.ts";

type Entry = NonNullable<ExporterFactory<DebugConfig>["signals"]["traces"]>;
const entry: Entry = { stability: "development", create: createDebug };

/** Prints what passes. */
export const debugFactory: AnyFactory = defineFactory<DebugConfig>({
  kind: "exporter",
  type: "debug",
  summary: "Prints telemetry for people: a summary, a line an item, or everything.",
  config: debugConfig,
  check: checkDebug,
  signals: { traces: entry, metrics: entry, logs: entry },
});
