import { defineFactory } from "../../../pipeline/component.ts";
import type { AnyFactory } from "../../../pipeline/component.ts";
import { nopExporterConfig } from "./config.ts";
import type { NopExporterConfig } from "./config.ts";
import { nopExporter } from "./nop.ts";

const signal = { stability: "beta", create: () => nopExporter } as const;

export const nopExporterFactory: AnyFactory = defineFactory<NopExporterConfig>({
  kind: "exporter",
  type: "nop",
  summary: "Takes everything and forgets it; measures what stands before it, or silences a pipeline.",
  config: nopExporterConfig,
  signals: { traces: signal, metrics: signal, logs: signal },
});
