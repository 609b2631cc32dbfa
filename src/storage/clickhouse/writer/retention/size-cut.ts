/** The oldest of all tables that together take some bytes: whole parts, and of large ones only what is older than the cut. */
import type { RetentionSettings } from "../../../usage.ts";
import type { TablePart } from "./parts.ts";

/** Rounds begin to drop at the limit and stop here, so that not every round drops a little. */
const keptShare = 0.95;
/** A part that takes more of the limit than this is cut by time: dropping it would drop far more than is needed. */
const wholeShare = 0.1;

/** Of some parts the times, Unix milliseconds, that divide their rows into groups of equal size; ascending. */
export type TimeEdges = ReadonlyMap<TablePart, readonly number[]>;

export const noEdges: TimeEdges = new Map();

/** What goes of one part. */
export interface SizeCut {
  readonly part: TablePart;
  /** Undefined: all of it. Otherwise rows older than this, Unix milliseconds. */
  readonly beforeMs: number | undefined;
  /** What goes; an estimate for a part that is cut. */
  readonly rows: number;
  readonly bytes: number;
}

/** Those that need edges, if the limit of size is to drop no more than it must. */
export function partsToCut(
  parts: readonly TablePart[],
  { maxBytes }: RetentionSettings,
): readonly TablePart[] {
  return parts.filter((part) => part.isExact && part.day !== "" && part.sizeBytes > maxBytes * wholeShare);
}

/** What a round drops once the tables take all of `maxBytes`, or more; oldest first. `parts`: all that are kept otherwise. */
export function cutForSize(
  parts: readonly TablePart[],
  maxBytes: number,
  edges: TimeEdges,
): readonly SizeCut[] {
  const size = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  let wanted = Math.max(size, maxBytes) - maxBytes * keptShare;
  let cutMs = 0;
  const taken = new Map<TablePart, number>();
  for (const { part, bytes, newestMs } of slicesOf(parts, edges)) {
    if (wanted <= 0) break;
    wanted -= bytes;
    cutMs = newestMs;
    taken.set(part, (taken.get(part) ?? 0) + 1);
  }
  return [...taken].map(([part, count]) => {
    const slices = (edges.get(part)?.length ?? 0) + 1;
    const isWhole = count === slices;
    return {
      part,
      beforeMs: isWhole ? undefined : cutMs + 1,
      rows: Math.round((part.rows * count) / slices),
      bytes: Math.round((part.sizeBytes * count) / slices),
    };
  });
}

interface Slice {
  readonly part: TablePart;
  readonly bytes: number;
  readonly newestMs: number;
}

/** Rows of a part are taken to be of one size. */
function slicesOf(parts: readonly TablePart[], edges: TimeEdges): readonly Slice[] {
  return parts
    .flatMap((part) => {
      const ends = [...(edges.get(part) ?? []), part.newestMs];
      return ends.map((newestMs) => ({ part, bytes: part.sizeBytes / ends.length, newestMs }));
    })
    .sort((left, right) => left.newestMs - right.newestMs);
}
