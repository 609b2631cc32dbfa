import { defineFactory, type AnyFactory, type ProcessorFactory } from "../../../pipeline/component.ts";
import { createBatch } from "./batch.ts";
import { batchConfig, checkBatch, type BatchConfig } from "./config.ts";

type Entry = NonNullable<ProcessorFactory<BatchConfig>["signals"]["traces"]>;
const entry: Entry = { stability: "beta", create: createBatch };

/** Joins small batches to larger ones. */
export const batchFactory: AnyFactory = defineFactory<BatchConfig>({
  kind: "processor",
  type: "batch",
  answersEarly: true,
  summary: "Joins small batches to larger ones, by number of items and by time.",
  config: batchConfig,
  check: checkBatch,
  signals: { traces: entry, metrics: entry, logs: entry },
});
