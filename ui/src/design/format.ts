/** Values as people read them. Units are part of the text; a no-break space stands between number and unit. */
const space = "\u00a0";

function significant(value: number, digits: number): string {
  if (value === 0) return "0";
  // Rounded first: 0.9996 has the magnitude of 1.
  const magnitude = Math.floor(Math.log10(Math.abs(Number(value.toPrecision(digits)))));
  const decimals = Math.max(0, Math.min(6, digits - 1 - magnitude));
  return value.toFixed(decimals);
}

/** `formatDuration(1_234_000)` is "1.23 ms". */
export function formatDuration(nano: number): string {
  if (nano === 0) return "0";
  const sign = nano < 0 ? "-" : "";
  const value = Math.abs(nano);
  if (value < 1e3) return `${sign}${Math.round(value)}${space}ns`;
  // 999.5 and more would round up to "1000": the next unit takes it.
  if (value < 999.5e3) return `${sign}${significant(value / 1e3, 3)}${space}µs`;
  if (value < 999.5e6) return `${sign}${significant(value / 1e6, 3)}${space}ms`;
  if (value < 60e9) return `${sign}${significant(value / 1e9, 3)}${space}s`;
  const seconds = Math.round(value / 1e9);
  if (seconds < 3600) return `${sign}${Math.floor(seconds / 60)}${space}m ${seconds % 60}${space}s`;
  return `${sign}${Math.floor(seconds / 3600)}${space}h ${Math.floor((seconds % 3600) / 60)}${space}m`;
}

/** A mark of an axis: "80.0 ms" is "80 ms" there. */
export function trimZeros(text: string): string {
  return text.replace(/(\.\d*?)0+(?=\D|$)/, "$1").replace(/\.(?=\D|$)/, "");
}

/** Whole numbers with separators below a million, then with a magnitude: "1.24 M". */
export function formatCount(value: number): string {
  if (Math.abs(value) < 1_000_000) return Math.round(value).toLocaleString("en-US");
  return withMagnitude(value);
}

function withMagnitude(value: number): string {
  const absolute = Math.abs(value);
  if (absolute >= 999.5e9) return `${significant(value / 1e12, 3)}${space}T`;
  if (absolute >= 999.5e6) return `${significant(value / 1e9, 3)}${space}G`;
  if (absolute >= 999.5e3) return `${significant(value / 1e6, 3)}${space}M`;
  if (absolute >= 999.5) return `${significant(value / 1e3, 3)}${space}k`;
  return significant(value, 3);
}

/** Events a second: "12.3/s". */
export function formatRate(perSecond: number): string {
  if (perSecond === 0) return "0/s";
  if (perSecond < 0.01) return `${significant(perSecond * 60, 2)}/min`;
  return `${withMagnitude(perSecond)}/s`;
}

/** `share` from 0 to 1. Never rounds a real share down to 0 % or up to 100 %. */
export function formatPercent(share: number): string {
  if (share === 0) return `0${space}%`;
  if (share < 0.001) return `<${space}0.1${space}%`;
  if (share < 1 && share >= 0.9995) return `>${space}99.9${space}%`;
  return `${share >= 0.0995 ? (share * 100).toFixed(share === 1 ? 0 : 1) : (share * 100).toFixed(2)}${space}%`;
}

/** Powers of 1,024 with the binary names. */
export function formatBytes(bytes: number): string {
  const absolute = Math.abs(bytes);
  if (absolute < 1024) return `${significant(bytes, 3)}${space}B`;
  const names = ["KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = bytes;
  let name = "B";
  for (const next of names) {
    if (Math.abs(value) < 1023.5) break;
    value /= 1024;
    name = next;
  }
  return `${significant(value, 3)}${space}${name}`;
}

/** A metric's value with its UCUM unit as instruments declare it: "s", "ms", "By", "1", "%", "{request}". */
export function formatMetricValue(value: number, unit: string): string {
  const timeUnits: Record<string, number> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, min: 60e9, h: 3600e9 };
  const nano = timeUnits[unit];
  if (nano !== undefined) return formatDuration(value * nano);
  const perSecond = unit.endsWith("/s") ? "/s" : "";
  const base = perSecond === "" ? unit : unit.slice(0, -2);
  if (base === "By") return formatBytes(value) + perSecond;
  if (base === "KiBy") return formatBytes(value * 1024) + perSecond;
  if (base === "MiBy") return formatBytes(value * 1024 * 1024) + perSecond;
  const text = withMagnitude(value);
  if (base === "%") return `${text}${space}%`;
  if (base === "" || base === "1" || base.startsWith("{")) return text + perSecond;
  return `${text}${space}${unit}`;
}

const pad = (value: number, length = 2): string => String(value).padStart(length, "0");

/** Local time "14:03:27", with `milliseconds` "14:03:27.482". */
export function formatClock(ms: number, milliseconds = false): string {
  const date = new Date(ms);
  const clock = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
  return milliseconds ? `${clock}.${pad(date.getMilliseconds(), 3)}` : clock;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Local day and time "23 Nov 14:03:27". */
export function formatDayClock(ms: number, milliseconds = false): string {
  const date = new Date(ms);
  return `${date.getDate()}${space}${months[date.getMonth()]} ${formatClock(ms, milliseconds)}`;
}

/** Local day "23 Nov 2026", of a time known to the day only. */
export function formatDay(ms: number): string {
  const date = new Date(ms);
  return `${date.getDate()}${space}${months[date.getMonth()]} ${date.getFullYear()}`;
}

/** How long ago, coarse: "just now", "12 s ago", "3 min ago". */
export function formatAgo(ms: number, nowMs: number): string {
  const seconds = Math.round((nowMs - ms) / 1000);
  if (seconds < 2) return "just now";
  if (seconds < 60) return `${seconds}${space}s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}${space}min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}${space}h ago`;
  return `${Math.floor(seconds / 86_400)}${space}d ago`;
}

/** Milliseconds of Unix nanoseconds given as text; exact to the microsecond, which a number can hold. */
export function nanoToMs(unixNano: string): number {
  return Number(unixNano) / 1e6;
}

/** "1 span", "2 spans". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)}${space}${count === 1 ? one : many}`;
}
