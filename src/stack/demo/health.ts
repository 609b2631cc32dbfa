import type { Clock } from "../../base/clock.ts";

/** Asks `url` until it answers 200; false when `timeoutMs` pass, the signal aborts, or `alive` says that nobody will answer. */
export async function waitForHealth(
  url: string,
  options: {
    readonly timeoutMs: number;
    readonly clock: Clock;
    readonly signal: AbortSignal;
    readonly alive: () => boolean;
  },
): Promise<boolean> {
  const endMs = options.clock.monotonic() + options.timeoutMs;
  while (!options.signal.aborted && options.alive() && options.clock.monotonic() < endMs) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
      await response.arrayBuffer();
      if (response.ok) return true;
    } catch {
      // Not listening yet.
    }
    await options.clock.sleep(100, options.signal);
  }
  return false;
}
