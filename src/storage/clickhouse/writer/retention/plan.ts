import { printByteSize } from "../../../../base/byte-size.ts";
import type { RetentionSettings } from "../../../usage.ts";
import { ageRulesOf, maxAgeOf, ownersOf } from "./age-rules.ts";
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
  /** Nothing is done before there are rows older than this; absent: any will do. */
  readonly dueBeforeMs?: number;
  /** Whose rows, in SQL; absent: all. */
  readonly owners?: string;
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

/**
 * Which parts to drop: those whose newest row is too old for everybody, then the oldest of all tables until the rest fits. Small parts merge with younger
 * ones all day long; those that came to hold rows much older than the limit are trimmed, and so are those with edges that are too large to
 * drop as a whole. A part holds rows of all tenants: where they have ages of their own, it is trimmed of the rows of each. `parts`: oldest first.
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
    const longestMs = maxAgeOf(part.table, limits);
    const isSpared = (keptUntil(part.day) ?? 0) > nowMs;
    if (!isSpared && longestMs > 0 && part.newestMs < nowMs - longestMs) {
      drops.push({ part, reason: `older than ${printAge(longestMs)}` });
      continue;
    }
    kept.push(part);
    if (!isSpared) trims.push(...trimsOf(part, limits, nowMs));
  }
  const bySize = planSize(kept, limits.maxBytes, edges);
  const dropped = new Set(bySize.drops.map(({ part }) => part));
  return {
    drops: [...drops, ...bySize.drops],
    // Age first: what it takes is counted as too old.
    trims: [...trims.filter(({ part }) => !dropped.has(part)), ...bySize.trims],
  };
}

function trimsOf(part: TablePart, limits: RetentionSettings, nowMs: number): readonly PlannedTrim[] {
  const rules = ageRulesOf(part.table, limits);
  return rules.flatMap((rule): PlannedTrim[] => {
    const { tenant, maxAgeMs } = rule;
    if (maxAgeMs === 0) return [];
    const beforeMs = nowMs - maxAgeMs;
    const dueBeforeMs = beforeMs - Math.min(dayMs, maxAgeMs * slackShare);
    const isWholeDay = part.newestMs < beforeMs;
    // Of a day nobody knows which rows are old before all are.
    if (part.isExact ? part.oldestMs >= dueBeforeMs : !isWholeDay) return [];
    const age = `older than ${printAge(maxAgeMs)}`;
    if (rules.length === 1) return [{ part, beforeMs, reason: age }];
    const reason = tenant === undefined ? age : `${age}, of tenant ${tenant}`;
    // The part's oldest row may be another tenant's: whether there is anything to do, only the rows tell.
    const due = isWholeDay ? beforeMs : dueBeforeMs;
    return [{ part, beforeMs, dueBeforeMs: due, owners: ownersOf(rule, limits), reason }];
  });
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
