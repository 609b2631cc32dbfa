import type { Diagnostic } from "../../../base/diagnostic.ts";
import { nodeAt, type ConfigNode } from "../../../pipeline/settings/config-node.ts";
import { duration, int, section } from "../../../pipeline/settings/options.ts";
import type { Section } from "../../../pipeline/settings/schema.ts";

export interface MemoryLimiterConfig {
  /** Milliseconds, as all durations here. */
  readonly check_interval: number;
  readonly limit_mib: number;
  readonly spike_limit_mib: number;
  readonly limit_percentage: number;
  readonly spike_limit_percentage: number;
  readonly min_gc_interval_when_soft_limited: number;
  readonly min_gc_interval_when_hard_limited: number;
  readonly max_gc_interval_when_soft_limited: number;
  readonly max_gc_interval_when_hard_limited: number;
}

const collection = "shortest time between forced collections, when started with --expose-gc";

export const memoryLimiterConfig: Section<MemoryLimiterConfig> = section<MemoryLimiterConfig>({
  check_interval: duration({
    default: "0s",
    minMs: 0,
    doc: "time between looks at the memory in use; 1s is a good value",
    example: "1s",
  }),
  limit_mib: int({
    default: 0,
    min: 0,
    unit: "MiB",
    doc: "most memory of the process; wins over limit_percentage",
    example: "400",
  }),
  spike_limit_mib: int({
    default: 0,
    min: 0,
    unit: "MiB",
    doc: "largest growth expected between two looks; 0 means a fifth of the limit",
  }),
  limit_percentage: int({
    default: 0,
    min: 0,
    max: 100,
    unit: "%",
    doc: "most memory of the process, as a share of the machine's (or of the container's)",
  }),
  spike_limit_percentage: int({
    default: 0,
    min: 0,
    max: 100,
    unit: "%",
    doc: "largest growth expected between two looks, as a share of the machine's memory",
  }),
  min_gc_interval_when_soft_limited: duration({
    default: "10s",
    minMs: 0,
    doc: `${collection}, above the soft limit`,
  }),
  min_gc_interval_when_hard_limited: duration({
    default: "0s",
    minMs: 0,
    doc: `${collection}, above the limit`,
  }),
  max_gc_interval_when_soft_limited: duration({
    default: "30s",
    minMs: 0,
    doc: "longest time that interval may grow to",
  }),
  max_gc_interval_when_hard_limited: duration({
    default: "30s",
    minMs: 0,
    doc: "longest time that interval may grow to",
  }),
});

/** Texts: opentelemetry-collector internal/memorylimiter/config.go. */
export function checkMemoryLimiter(config: MemoryLimiterConfig, node: ConfigNode): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const report = (message: string, field: keyof MemoryLimiterConfig, hint: string): void => {
    const range = nodeAt(node, field)?.range ?? node.range;
    diagnostics.push({
      severity: "error",
      code: "memory-limit",
      message,
      hint,
      ...(range === undefined ? {} : { range }),
    });
  };
  if (config.check_interval <= 0) {
    report("'check_interval' must be greater than zero", "check_interval", "write check_interval: 1s");
  }
  if (config.limit_mib === 0 && config.limit_percentage === 0) {
    report(
      "'limit_mib' or 'limit_percentage' must be greater than zero",
      "limit_mib",
      "write limit_percentage: 80",
    );
  }
  if (config.limit_mib > 0 && config.limit_mib <= config.spike_limit_mib) {
    report(
      "'spike_limit_mib' must be smaller than 'limit_mib'",
      "spike_limit_mib",
      `use less than ${config.limit_mib}`,
    );
  }
  if (config.limit_percentage > 0 && config.limit_percentage <= config.spike_limit_percentage) {
    report(
      "'spike_limit_percentage' must be smaller than 'limit_percentage'",
      "spike_limit_percentage",
      `use less than ${config.limit_percentage}`,
    );
  }
  return diagnostics;
}
