import type { Clock } from "../../../base/clock.ts";

/**
 * Lets the first `initial` messages of each second through, then every `thereafter`-th (zap's sampler). With `thereafter` 1 all pass,
 * with 0 none after the first.
 */
export function createSampler(
  initial: number,
  thereafter: number,
  clock: Clock,
): (message: string) => boolean {
  const counts = new Map<string, { resetAt: number; count: number }>();
  return (message) => {
    const now = clock.monotonic();
    let entry = counts.get(message);
    if (entry === undefined || now >= entry.resetAt) {
      entry = { resetAt: now + 1000, count: 0 };
      counts.set(message, entry);
    }
    entry.count++;
    if (entry.count <= initial) return true;
    return thereafter > 0 && (entry.count - initial) % thereafter === 0;
  };
}
