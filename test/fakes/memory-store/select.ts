/** Which rows a question is about, and why there are none. */
import { nearestName } from "../../../src/base/nearest.ts";
import type { AttributeFilter, AttributeScope, StoredAttribute } from "../../../src/storage/attributes.ts";
import type { EmptyReason, TimeWindow } from "../../../src/storage/window.ts";

const nanoOf = (ms: number): bigint => BigInt(Math.round(ms * 1000)) * 1000n;

export function inWindow(timeNano: bigint, { startMs, endMs }: TimeWindow): boolean {
  return timeNano >= nanoOf(startMs) && timeNano < nanoOf(endMs);
}

/** Lists of attributes by scope; a scope may have several (one an event). */
export type Scopes = Readonly<Partial<Record<AttributeScope, readonly (readonly StoredAttribute[])[]>>>;

/** A filter without scope holds when the item, its resource or its scope fulfils it. */
export function matches(filter: AttributeFilter, scopes: Scopes): boolean {
  const { event: _, link: __, ...own } = scopes;
  const lists = filter.scope === undefined ? Object.values(own).flat() : (scopes[filter.scope] ?? []);
  return lists.some((list) =>
    list.some(({ key, value }) => {
      if (key !== filter.key) return false;
      if (filter.operator === "exists") return true;
      if (filter.operator === "contains") return value.toLowerCase().includes(filter.value.toLowerCase());
      return (value === filter.value) === (filter.operator === "=");
    }),
  );
}

export const wordsOf = (text: string): string[] => text.toLowerCase().split(/\s+/).filter(Boolean);

/** What a store is asked about when it found nothing. */
export interface Question {
  readonly noun: string;
  readonly window?: TimeWindow | undefined;
  readonly service?: string | undefined;
}

export function emptyReason(
  rows: readonly { readonly timeNano: bigint; readonly service: string }[],
  { noun, window, service }: Question,
): EmptyReason {
  if (rows.length === 0) {
    return {
      code: "nothing-arrived",
      message: `no ${noun} have arrived`,
      hint: "send OTLP to port 4317 or 4318",
    };
  }
  const ofService = rows.filter((row) => service === undefined || row.service === service);
  if (ofService.length === 0 && service !== undefined) {
    const near = nearestName(service, new Set(rows.map((row) => row.service)));
    const suggestions = near === undefined ? [] : [near];
    return {
      code: "unknown-service",
      message: `no service "${service}"`,
      hint: "choose another",
      suggestions,
    };
  }
  if (window === undefined || ofService.some((row) => inWindow(row.timeNano, window))) {
    return { code: "filtered-out", message: `${noun} exist, but none match`, hint: "remove a filter" };
  }
  const times = ofService.map((row) => Number(row.timeNano / 1_000_000n));
  const nearest = { startMs: Math.min(...times), endMs: Math.max(...times) + 1 };
  return { code: "other-window", message: `${noun} exist at another time`, hint: "look there", nearest };
}

export function stepOf(timeNano: bigint, { startMs, endMs }: TimeWindow, steps: number): number {
  return Math.floor((Number(timeNano - nanoOf(startMs)) / Number(nanoOf(endMs) - nanoOf(startMs))) * steps);
}

/** Value of the sorted list at quantile `q`; 0 of an empty one. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}

export function groupBy<T>(rows: Iterable<T>, keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}
