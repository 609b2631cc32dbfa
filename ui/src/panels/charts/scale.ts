/** Round positions for the marks of an axis. */

/** At most `count` + 1 round values (1, 2 or 5 times a power of ten) within [0, max]; [0] when `max` is not above 0. */
export function valueTicks(max: number, count: number): readonly number[] {
  if (!(max > 0) || !Number.isFinite(max)) return [0];
  const step = roundStep(max / count);
  const ticks: number[] = [];
  for (let i = 0; i * step <= max * (1 + 1e-9); i++) ticks.push(i * step);
  return ticks;
}

/** Smallest of 1, 2, 5 times a power of ten that is at least `least`. */
export function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  for (const factor of [1, 2, 5]) if (factor * power >= least * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

/** Powers of ten within [min, max], both above 0. */
export function powerTicks(min: number, max: number): readonly number[] {
  const ticks: number[] = [];
  for (let power = Math.ceil(Math.log10(min) - 1e-9); 10 ** power <= max * (1 + 1e-9); power++)
    ticks.push(10 ** power);
  return ticks;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const timeSteps = [
  1,
  5,
  10,
  50,
  100,
  500,
  second,
  5 * second,
  10 * second,
  15 * second,
  30 * second,
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  15 * minute,
  30 * minute,
  hour,
  2 * hour,
  3 * hour,
  6 * hour,
  12 * hour,
  day,
  2 * day,
  7 * day,
  30 * day,
];

/** At most `count` + 1 marks on round local times within the window, with the step between them. */
export function timeTicks(
  startMs: number,
  endMs: number,
  count: number,
): { readonly ticks: readonly number[]; readonly stepMs: number } {
  const least = (endMs - startMs) / Math.max(1, count);
  const stepMs = timeSteps.find((step) => step >= least) ?? 365 * day;
  const zone = new Date(startMs).getTimezoneOffset() * minute;
  const ticks: number[] = [];
  for (let at = Math.ceil((startMs - zone) / stepMs) * stepMs + zone; at <= endMs; at += stepMs)
    ticks.push(at);
  return { ticks, stepMs };
}

/** A mark's text: as much of day and time as the step needs. */
export function timeTickLabel(ms: number, stepMs: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, "0");
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (stepMs >= day || (date.getHours() === 0 && date.getMinutes() === 0 && stepMs >= hour)) {
    return date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  }
  if (stepMs >= minute) return clock;
  if (stepMs >= second) return `${clock}:${two(date.getSeconds())}`;
  return `${clock}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}
