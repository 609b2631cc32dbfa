/** Reading what is new in the logs, again and again, from the place reached; memory stays bounded. */
import { queryOptions } from "@tanstack/react-query";
import type { Page, StoredLog } from "../../../src/api/explore/wire.ts";
import { getJson, type Parameters } from "./http.ts";

export interface LogTail {
  /** The newest lines, oldest first, at most `mostKept`. */
  readonly records: readonly StoredLog[];
  /** Lines read since the tail was opened, those at its opening included. */
  readonly read: number;
  /** Time of the line from which it goes on after lines came faster than they could be read. */
  readonly resumedAtNano?: string;
}

export const mostKept = 10_000;
const firstRead = 500;
/** The most that the server gives at once. */
const mostRead = 5000;
const everyMs = 1000;

/** Senders hand over in batches, so lines come out of order: this many of the last, and this long, are read again to take in the late ones. */
export const rereadRows = 1000;
export const rereadMs = 10_000;

/** Index of the first record to read again; 0 of none. */
export function rereadFrom(records: readonly StoredLog[]): number {
  const ms = (index: number): number => Number(records[index]!.timeUnixNano) / 1e6;
  let index = Math.max(0, records.length - 1);
  while (
    index > 0 &&
    records.length - index < rereadRows &&
    ms(index - 1) >= ms(records.length - 1) - rereadMs
  )
    index--;
  // All of one nanosecond or none: the cursor cannot stand among them.
  while (index > 0 && records[index - 1]!.timeUnixNano === records[index]!.timeUnixNano) index--;
  return index;
}

/** `answer`: all there is from record `from` on, oldest first. */
export function continued(tail: LogTail, from: number, answer: readonly StoredLog[]): LogTail {
  const again = tail.records.length - from;
  const records = tail.records.slice(0, from);
  for (const record of answer) records.push(record);
  return {
    ...tail,
    records: records.length > mostKept ? records.slice(records.length - mostKept) : records,
    read: tail.read + Math.max(0, answer.length - again),
  };
}

export function logTailQuery(parameters: Parameters) {
  const read = (more: Parameters, signal: AbortSignal): Promise<Page<StoredLog>> =>
    getJson<Page<StoredLog>>("api/logs", { ...parameters, ...more }, signal);
  const newest = async (limit: number, signal: AbortSignal): Promise<Page<StoredLog>> => {
    const page = await read({ order: "newest", limit }, signal);
    return { ...page, items: page.items.toReversed() };
  };
  return queryOptions({
    queryKey: ["api/logs", "tail", parameters] as const,
    queryFn: async ({ client, queryKey, signal }): Promise<LogTail> => {
      const tail = client.getQueryData<LogTail>(queryKey);
      if (tail === undefined) {
        const { items } = await newest(firstRead, signal);
        return { records: items, read: items.length };
      }
      if (tail.records.length > 0) {
        const from = rereadFrom(tail.records);
        const after = `${tail.records[from]!.timeUnixNano}:0`;
        const page = await read({ order: "oldest", limit: mostRead, after }, signal);
        if (!page.truncated) return continued(tail, from, page.items);
      }
      // Empty until now, behind for good, or the tab was away for long: on with what is newest, and the reader is told of a gap.
      const { items, truncated } = await newest(mostRead, signal);
      const [first] = items;
      return {
        records: items,
        read: tail.read + items.length,
        ...(truncated && first !== undefined ? { resumedAtNano: first.timeUnixNano } : {}),
      };
    },
    refetchInterval: everyMs,
    // Comparing thousands of records each second only to find them new would cost frames.
    structuralSharing: false,
    staleTime: 0,
    gcTime: 0,
  });
}
