import { printByteSize } from "../../../../base/byte-size.ts";
import type { RetentionSettings } from "../../../usage.ts";
import { signalOfTable } from "../../schema/table-signals.ts";
import type { TablePart } from "./parts.ts";
import { cutForSize, noEdges, type TimeEdges } from "./size-cut.ts";

export interface PlannedDrop {
  readonly part: TablePart;
  readonly reason: string;
}

/** Rows older than `beforeMs` of a part that also holds younger ones. */
export interface PlannedTrim {
  readonly part: TablePart;
  readonly beforeMs: number;
  readonly reason: string;
}

export interface RetentionPlan {
  readonly drops: readonly PlannedDrop[];
  readonly trims: readonly PlannedTrim[];
}

/** Until when age spares a day, Unix milliseconds; undefined: it does not. */
export type KeptUntil = (day: string) => number | undefined;

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
 * ones all day long; those that came to hold rows much older than the limit are trimmed, and so are those with edges that are too large to
 * drop as a whole. `parts`: oldest first.
 */
export function planRetention(
  parts: readonly TablePart[],
  limits: RetentionSettings,
  nowMs: number,
  keptUntil: KeptUntil = () => undefined,
  edges: TimeEdges = noEdges,
): RetentionPlan {
  const drops: PlannedDrop[] = [];
  const trims: PlannedTrim[] = [];
  const kept: TablePart[] = [];
  for (const part of parts) {
    const maxAgeMs = maxAgeOf(part.table, limits);
    const beforeMs = nowMs - maxAgeMs;
    const isSpared = maxAgeMs === 0 || (keptUntil(part.day) ?? 0) > nowMs;
    const reason = `older than ${printAge(maxAgeMs)}`;
    if (!isSpared && part.newestMs < beforeMs) {
      drops.push({ part, reason });
      continue;
    }
    kept.push(part);
    const slackMs = Math.min(dayMs, maxAgeMs * slackShare);
    if (!isSpared && part.isExact && part.oldestMs < beforeMs - slackMs)
      trims.push({ part, beforeMs, reason });
  }
  const bySize = planSize(kept, limits.maxBytes, edges);
  const dropped = new Set(bySize.drops.map(({ part }) => part));
  return {
    drops: [...drops, ...bySize.drops],
    // Age first: what it takes is counted as too old.
    trims: [...trims.filter(({ part }) => !dropped.has(part)), ...bySize.trims],
  };
}

function planSize(parts: readonly TablePart[], maxBytes: number, edges: TimeEdges): RetentionPlan {
  const size = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  if (maxBytes === 0 || size <= maxBytes) return { drops: [], trims: [] };
  const reason = `the oldest, because all tables took ${printByteSize(size)} of ${printByteSize(maxBytes)}`;
  const cuts = cutForSize(parts, maxBytes, edges);
  return {
    drops: cuts.flatMap(({ part, beforeMs }) => (beforeMs === undefined ? [{ part, reason }] : [])),
    trims: cuts.flatMap(({ part, beforeMs }) => (beforeMs === undefined ? [] : [{ part, beforeMs, reason }])),
  };
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
