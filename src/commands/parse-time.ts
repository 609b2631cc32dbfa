import { parseLongDuration } from "../base/duration.ts";

/** Unix milliseconds of "2026-11-20", "2026-11-20T10:00:00Z", "now", "now-7d", "7d" (ago) or milliseconds; undefined for anything else. */
export function parseTime(text: string, nowMs: number): number | undefined {
  if (/^\d{11,}$/.test(text)) return Number(text);
  const [, back] = /^(?:now-)?(.+)$/.exec(text) ?? [];
  const ms = text === "now" ? 0 : parseLongDuration(back ?? "");
  if (ms !== undefined) return ms < 0 ? undefined : nowMs - ms;
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined;
  // A date without a zone is UTC, as everything that is printed.
  const isZoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(text) || /^\d{4}-\d\d-\d\d$/.test(text);
  const parsed = Date.parse(isZoned ? text : `${text}Z`);
  return Number.isNaN(parsed) ? undefined : parsed;
}
