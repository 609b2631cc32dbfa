import { printByteSize } from "../../../../base/byte-size.ts";
import type { TablePart } from "./parts.ts";

export interface RetentionLimits {
  /** 0: no limit. */
  readonly maxAgeMs: number;
  /** 0: no limit. */
  readonly maxBytes: number;
}

export interface PlannedDrop {
  readonly part: TablePart;
  readonly reason: string;
}

/** After dropping for size this part of the limit is used, so that not every round drops a little. */
const keptShare = 0.95;

/** Which parts to drop: those whose newest row is too old, then the oldest of all tables until the rest fits. `parts`: oldest first. */
export function planDrops(
  parts: readonly TablePart[],
  limits: RetentionLimits,
  nowMs: number,
): readonly PlannedDrop[] {
  const drops: PlannedDrop[] = [];
  const isExpired = (part: TablePart): boolean =>
    limits.maxAgeMs > 0 && part.newestMs < nowMs - limits.maxAgeMs;
  for (const part of parts) {
    if (isExpired(part)) drops.push({ part, reason: `older than ${printAge(limits.maxAgeMs)}` });
  }
  const kept = parts.filter((part) => !isExpired(part));
  let size = kept.reduce((sum, part) => sum + part.sizeBytes, 0);
  if (limits.maxBytes === 0 || size <= limits.maxBytes) return drops;
  const reason = `the oldest, because all tables took ${printByteSize(size)} of ${printByteSize(limits.maxBytes)}`;
  for (const part of kept) {
    if (size <= limits.maxBytes * keptShare) break;
    size -= part.sizeBytes;
    drops.push({ part, reason });
  }
  return drops;
}

function printAge(ms: number): string {
  const units: readonly (readonly [number, string])[] = [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "m"],
  ];
  const [size, name] = units.find(([unit]) => ms % unit === 0) ?? [1000, "s"];
  return `${ms / size}${name}`;
}
