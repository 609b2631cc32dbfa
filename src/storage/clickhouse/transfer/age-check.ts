import { OtelierError } from "../../../base/error.ts";
import type { Signal } from "../../../telemetry/signal.ts";
import type { RetentionSettings } from "../../usage.ts";
import type { KeptDays } from "../writer/retention/kept-days.ts";
import { agesOf } from "../writer/retention/age-rules.ts";
import { printAge } from "../writer/retention/plan.ts";

export interface AgeRules {
  readonly retention: RetentionSettings;
  /** Whose telemetry is imported. */
  readonly tenant: string;
  readonly keptDays: KeptDays;
  readonly nowMs: number;
  readonly keep: boolean;
}

/** How much of an import is older than its signal is kept. */
export interface OldItems {
  readonly signal: Signal;
  readonly items: number;
  readonly oldestMs: number;
  /** Their days: "2026-11-20". */
  readonly days: readonly string[];
}

/** Before which time telemetry is too old; undefined when the signal is kept for ever. */
export function oldestAllowedMs(signal: Signal, { retention, tenant, nowMs }: AgeRules): number | undefined {
  const maxAgeMs = agesOf(retention, tenant)[signal];
  return maxAgeMs === 0 ? undefined : nowMs - maxAgeMs;
}

/**
 * Retention would drop what is older than it within a minute of its import: that is refused ("import-too-old"), or, to be kept, its days are
 * spared for as long as telemetry that arrives now.
 */
export async function checkAge({ signal, items, oldestMs, days }: OldItems, rules: AgeRules): Promise<void> {
  const maxAgeMs = agesOf(rules.retention, rules.tenant)[signal];
  if (items === 0 || maxAgeMs === 0) return;
  if (rules.keep) {
    await rules.keptDays.keep(days, rules.nowMs + maxAgeMs, rules.nowMs);
    return;
  }
  const age = printAge(maxAgeMs);
  throw new OtelierError(
    `cannot import: ${items} items of ${signal} are older than the retention of ${age} (the oldest is of ${new Date(oldestMs).toISOString()}) and would be dropped at once; give --keep to keep them for ${age} from now, or start the stack with a longer --retention`,
    { code: "import-too-old", outcome: "permanent" },
  );
}
