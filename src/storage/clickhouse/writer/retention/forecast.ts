/** What retention will drop next, said before it does. */
import type { KeptAmount, RetentionSettings, UpcomingDrop } from "../../../usage.ts";
import { signalOfTable } from "../../schema/table-signals.ts";
import type { TablePart } from "./parts.ts";
import { maxAgeOf } from "./age-rules.ts";
import type { KeptUntil } from "./plan.ts";
import { cutForSize, noEdges, type SizeCut, type TimeEdges } from "./size-cut.ts";

/** What falls due for its age within this time is told. */
const horizonMs = 86_400_000;
/** Growth changes; of what is further away than this, nothing can be said. */
const sizeHorizonMs = 30 * 86_400_000;
const hourMs = 3_600_000;

export interface Forecast {
  /** Average since the oldest row. */
  readonly growthBytesPerHour: number;
  /** Soonest first; parts of a table that go for the same reason are one. */
  readonly upcoming: readonly UpcomingDrop[];
}

/** `parts`: all active ones, oldest first; `edges`: of those that are too large to go as a whole. */
export function forecastDrops(
  parts: readonly TablePart[],
  limits: RetentionSettings,
  nowMs: number,
  keptUntil: KeptUntil = () => undefined,
  edges: TimeEdges = noEdges,
): Forecast {
  const size = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  const oldestMs = Math.min(nowMs, ...parts.filter((part) => part.isExact).map((part) => part.oldestMs));
  // Of a store that is a minute old no growth is known; a minute bounds the guess.
  const growth = size === 0 ? 0 : (size / Math.max(nowMs - oldestMs, 60_000)) * hourMs;
  const byAge = parts.flatMap((part) => {
    const maxAgeMs = maxAgeOf(part.table, limits);
    if (maxAgeMs === 0) return [];
    const dueMs = Math.max(part.newestMs + maxAgeMs, keptUntil(part.day) ?? 0, nowMs);
    return dueMs < nowMs + horizonMs ? [{ part, dueMs }] : [];
  });
  const upcoming = groupByTable(byAge, "age");
  if (limits.maxBytes > 0 && size > 0) {
    const fullMs = nowMs + (Math.max(limits.maxBytes - size, 0) / growth) * hourMs;
    const isNear = fullMs < nowMs + sizeHorizonMs;
    const next = (isNear ? cutForSize(parts, limits.maxBytes, edges) : []).map((cut) => ({
      part: goingOf(cut),
      dueMs: Math.round(fullMs),
    }));
    upcoming.push(...groupByTable(next, "size"));
  }
  return {
    growthBytesPerHour: Math.round(growth),
    upcoming: upcoming.sort((left, right) => left.dueMs - right.dueMs),
  };
}

/** That of the part which goes. */
function goingOf({ part, beforeMs, rows, bytes }: SizeCut): TablePart {
  return beforeMs === undefined ? part : { ...part, rows, sizeBytes: bytes, newestMs: beforeMs - 1 };
}

interface Due {
  readonly part: TablePart;
  readonly dueMs: number;
}

function groupByTable(due: readonly Due[], reason: UpcomingDrop["reason"]): UpcomingDrop[] {
  const byTable = new Map<string, Due[]>();
  for (const one of due) byTable.set(one.part.table, [...(byTable.get(one.part.table) ?? []), one]);
  return [...byTable].map(([table, own]) => ({
    table,
    signal: signalOfTable(table),
    reason,
    dueMs: Math.min(...own.map(({ dueMs }) => dueMs)),
    ...amountOf(own.map(({ part }) => part)),
  }));
}

/** Sums of parts; times of empty ones are 0. */
export function amountOf(parts: readonly TablePart[]): KeptAmount {
  const sum = (of: (part: TablePart) => number): number => parts.reduce((total, part) => total + of(part), 0);
  // Days are no times of rows; they count where nothing better is known.
  const exact = parts.filter((part) => part.isExact);
  const timed = exact.length > 0 ? exact : parts;
  return {
    rows: sum((part) => part.rows),
    bytesOnDisk: sum((part) => part.sizeBytes),
    parts: parts.length,
    oldestMs: timed.length === 0 ? 0 : Math.min(...timed.map((part) => part.oldestMs)),
    newestMs: timed.length === 0 ? 0 : Math.max(...timed.map((part) => part.newestMs)),
  };
}
