import type { Clock } from "../../src/base/clock.ts";

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Moves on, running what is due in order; promises settle in between. */
  advance(ms: number): Promise<void>;
  /** Timers that wait. */
  readonly pending: number;
}

export function createManualClock(startUnixMs = 1_700_000_000_000): ManualClock {
  let nowMs = 0;
  const timers = new Set<Timer>();
  const schedule = (delayMs: number, callback: () => void): (() => void) => {
    const timer = { atMs: nowMs + delayMs, callback };
    timers.add(timer);
    return () => timers.delete(timer);
  };
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    now: () => startUnixMs + nowMs,
    monotonic: () => nowMs,
    schedule,
    sleep: (delayMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve();
        const cancel = schedule(delayMs, resolve);
        signal?.addEventListener("abort", () => {
          cancel();
          resolve();
        });
      }),
    get pending() {
      return timers.size;
    },
    advance: async (ms) => {
      const endMs = nowMs + ms;
      await settle();
      for (;;) {
        const due = [...timers].filter((timer) => timer.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (due === undefined) break;
        timers.delete(due);
        nowMs = Math.max(nowMs, due.atMs);
        due.callback();
        await settle();
      }
      nowMs = endMs;
      await settle();
    },
  };
}
