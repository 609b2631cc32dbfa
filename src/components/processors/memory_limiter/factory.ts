import { defineFactory, type AnyFactory } from "../../../pipeline/component.ts";
import { checkMemoryLimiter, memoryLimiterConfig, type MemoryLimiterConfig } from "./config.ts";
import { createMemoryLimiter } from "./memory-limiter.ts";

/** Refuses data while the process uses too much memory. */
export const memoryLimiterFactory: AnyFactory = defineFactory<MemoryLimiterConfig>({
  kind: "processor",
  type: "memory_limiter",
  summary: "Refuses data, for the sender to come again, while the process uses more memory than it may.",
  config: memoryLimiterConfig,
  check: checkMemoryLimiter,
  signals: {
    traces: {
      stability: "beta",
      create: (settings, config, next) => createMemoryLimiter("traces", settings, config, next),
    },
    metrics: {
      stability: "beta",
      create: (settings, config, next) => createMemoryLimiter("metrics", settings, config, next),
    },
    logs: {
      stability: "beta",
      create: (settings, config, next) => createMemoryLimiter("logs", settings, config, next),
    },
  },
});
