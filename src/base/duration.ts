const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const longUnitMs: Readonly<Record<string, number>> = {
  ...unitMs,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

function parseWith(units: Readonly<Record<string, number>>, text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0;
  const match = /^([+-]?)((?:\d+(?:\.\d*)?|\.\d+)[a-zµμ]+)+$/.exec(text);
  if (match === null) return undefined;
  let total = 0;
  for (const part of text.matchAll(/(\d+(?:\.\d*)?|\.\d+)([a-zµμ]+)/g)) {
    const unit = units[part[2] ?? ""];
    if (unit === undefined) return undefined;
    total += Number(part[1]) * unit;
  }
  return match[1] === "-" ? -total : total;
}

/** Milliseconds of a Go duration ("1h30m", "200ms", "1.5s", "0"); undefined when the text is none (Go: time.ParseDuration). */
export function parseGoDuration(text: string): number | undefined {
  return parseWith(unitMs, text);
}

/** Milliseconds of a duration that may use days, weeks and years ("7d", "2w"), as people write retention. */
export function parseLongDuration(text: string): number | undefined {
  return parseWith(longUnitMs, text);
}

/** Prints milliseconds as Go does: "1h0m0s", "1m30s", "200ms", "1.5s", "0s" (Go: Duration.String). */
export function printGoDuration(ms: number): string {
  if (ms === 0) return "0s";
  const sign = ms < 0 ? "-" : "";
  const nanos = Math.round(Math.abs(ms) * 1e6);
  if (nanos < 1000) return `${sign}${nanos}ns`;
  if (nanos < 1e6) return `${sign}${nanos / 1e3}µs`;
  if (nanos < 1e9) return `${sign}${nanos / 1e6}ms`;
  // Without an exponent: one nanosecond is 0.000000001.
  const seconds = ((nanos % 60e9) / 1e9).toFixed(9).replace(/\.?0+$/, "");
  const minutes = Math.floor(nanos / 60e9) % 60;
  const hours = Math.floor(nanos / 3600e9);
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`;
}
