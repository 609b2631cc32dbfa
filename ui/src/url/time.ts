/** The window of time that a page shows, as it stands in its address: relative ("now-15m" to "now") or absolute (Unix milliseconds). */
export interface TimeRange {
  readonly from: string;
  readonly to: string;
}

export interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

export const defaultRange: TimeRange = { from: "now-15m", to: "now" };

export const presets: readonly { readonly label: string; readonly from: string }[] = [
  { label: "Last 5 minutes", from: "now-5m" },
  { label: "Last 15 minutes", from: "now-15m" },
  { label: "Last 30 minutes", from: "now-30m" },
  { label: "Last hour", from: "now-1h" },
  { label: "Last 3 hours", from: "now-3h" },
  { label: "Last 6 hours", from: "now-6h" },
  { label: "Last 12 hours", from: "now-12h" },
  { label: "Last 24 hours", from: "now-24h" },
  { label: "Last 2 days", from: "now-2d" },
  { label: "Last 7 days", from: "now-7d" },
];

const unitMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Unix milliseconds of one end; undefined when the text is neither form. */
export function parseTime(text: string, nowMs: number): number | undefined {
  if (text === "now") return nowMs;
  const relative = /^now-(\d+)([smhdw])$/.exec(text);
  if (relative !== null) return nowMs - Number(relative[1]) * (unitMs[relative[2]!] ?? 0);
  if (/^\d{1,15}(\.\d+)?$/.test(text)) return Number(text);
  return undefined;
}

/** Falls back to the default range when an end is unreadable or the ends are the wrong way round. */
export function resolveRange(range: TimeRange, nowMs: number): Window {
  const startMs = parseTime(range.from, nowMs);
  const endMs = parseTime(range.to, nowMs);
  if (startMs !== undefined && endMs !== undefined && startMs < endMs) return { startMs, endMs };
  return { startMs: nowMs - 15 * 60_000, endMs: nowMs };
}

/** True when the range moves with the clock: only then can new data fall into it. */
export function isMoving(range: TimeRange): boolean {
  return range.to === "now";
}

export function absoluteRange(window: Window): TimeRange {
  return { from: String(Math.floor(window.startMs)), to: String(Math.ceil(window.endMs)) };
}

/** Twice as long around the same middle, but never past now. */
export function zoomOut(range: TimeRange, nowMs: number): TimeRange {
  const { startMs, endMs } = resolveRange(range, nowMs);
  const half = (endMs - startMs) / 2;
  const over = Math.max(0, endMs + half - nowMs);
  return absoluteRange({ startMs: startMs - half - over, endMs: endMs + half - over });
}

/** The window before (-1) or after (1) this one, overlapping it by half; never past now. */
export function shiftRange(range: TimeRange, direction: -1 | 1, nowMs: number): TimeRange {
  const { startMs, endMs } = resolveRange(range, nowMs);
  const by = Math.min((direction * (endMs - startMs)) / 2, nowMs - endMs);
  return absoluteRange({ startMs: startMs + by, endMs: endMs + by });
}

/** Words for the button: a preset's label or undefined for a range that has none. */
export function presetLabel(range: TimeRange): string | undefined {
  if (range.to !== "now") return undefined;
  return presets.find((preset) => preset.from === range.from)?.label;
}
