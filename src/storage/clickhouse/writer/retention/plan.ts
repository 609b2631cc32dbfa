import { printByteSize } from "../../../../base/byte-size.ts";
import type { RetentionSettings } from "../../../usage.ts";
import { signalOfTable } from "../../schema/table-signals.ts";
import type { TablePart } from "./parts.ts";

export interface PlannedDrop {
  readonly part: TablePart;
  readonly reason: string;
}

/** Rows older than `beforeMs` of a part that also holds younger ones. */
export interface PlannedTrim {
  readonly part: TablePart;
  readonly beforeMs: number;
}

export interface RetentionPlan {
  readonly drops: readonly PlannedDrop[];
  readonly trims: readonly PlannedTrim[];
}

/** Until when age spares a day, Unix milliseconds; undefined: it does not. */
export type KeptUntil = (day: string) => number | undefined;

/** After dropping for size this part of the limit is used, so that not every round drops a little. */
const keptShare = 0.95;
/** A part may hold rows this much older than the limit before it is rewritten without them; at most a day. */
const slackShare = 0.25;
const dayMs = 86_400_000;

/** How long a table's rows live; 0: for ever. What serves several signals lives as long as the longest. */
export function maxAgeOf(table: string, { maxAgeMs }: RetentionSettings): number {
  const signal = signalOfTable(table);
  if (signal !== "shared") return maxAgeMs[signal];
  const ages = Object.values(maxAgeMs);
  return ages.includes(0) ? 0 : Math.max(...ages);
}

/**
 * Which parts to drop: those whose newest row is too old, then the oldest of all tables until the rest fits. Small parts merge with younger
 * ones all day long; those that came to hold rows much older than the limit are trimmed. `parts`: oldest first.
 */
export function planRetention(
  parts: readonly TablePart[],
  limits: RetentionSettings,
  nowMs: number,
  keptUntil: KeptUntil = () => undefined,
): RetentionPlan {
  const drops: PlannedDrop[] = [];
  const trims: PlannedTrim[] = [];
  const kept: TablePart[] = [];
  for (const part of parts) {
    const maxAgeMs = maxAgeOf(part.table, limits);
    const beforeMs = nowMs - maxAgeMs;
    const isSpared = maxAgeMs === 0 || (keptUntil(part.day) ?? 0) > nowMs;
    if (!isSpared && part.newestMs < beforeMs) {
      drops.push({ part, reason: `older than ${printAge(maxAgeMs)}` });
      continue;
    }
    kept.push(part);
    const slackMs = Math.min(dayMs, maxAgeMs * slackShare);
    if (!isSpared && part.isExact && part.oldestMs < beforeMs - slackMs) trims.push({ part, beforeMs });
  }
  const bySize = planSize(kept, limits.maxBytes);
  const dropped = new Set(bySize.map(({ part }) => part));
  return { drops: [...drops, ...bySize], trims: trims.filter(({ part }) => !dropped.has(part)) };
}

function planSize(parts: readonly TablePart[], maxBytes: number): readonly PlannedDrop[] {
  let size = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  if (maxBytes === 0 || size <= maxBytes) return [];
  const reason = `the oldest, because all tables took ${printByteSize(size)} of ${printByteSize(maxBytes)}`;
  const drops: PlannedDrop[] = [];
  for (const part of parts) {
    if (size <= maxBytes * keptShare) break;
    size -= part.sizeBytes;
    drops.push({ part, reason });
  }
  return drops;
}

/** The parts that a round would drop for size once the tables take all of `maxBytes`: what is over 95 % of it, oldest first. */
export function nextForSize(parts: readonly TablePart[], maxBytes: number): readonly TablePart[] {
  const size = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  let wanted = Math.max(size, maxBytes) - maxBytes * keptShare;
  const next: TablePart[] = [];
  for (const part of parts) {
    if (wanted <= 0) break;
    wanted -= part.sizeBytes;
    next.push(part);
  }
  return next;
}

/** "7d", "12h", "90s". */
export function printAge(ms: number): string {
  const units: readonly (readonly [number, string])[] = [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "m"],
  ];
  const [size, name] = units.find(([unit]) => ms % unit === 0) ?? [1000, "s"];
  return `${ms / size}${name}`;
}
