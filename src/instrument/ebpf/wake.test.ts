import { expect, test } from "vitest";
import type { Clock } from "../../base/clock.ts";
import { systemClock } from "../../base/clock.ts";
import { Wake } from "./wake.ts";

/** Time passes when it is told to. */
function stoppedClock(): {
  readonly clock: Clock;
  readonly pass: () => void;
  readonly waiting: () => number;
} {
  const scheduled = new Set<() => void>();
  const schedule: Clock["schedule"] = (_, callback) => {
    scheduled.add(callback);
    return () => scheduled.delete(callback);
  };
  return {
    clock: { ...systemClock, schedule },
    pass: () => {
      for (const callback of scheduled) callback();
      scheduled.clear();
    },
    waiting: () => scheduled.size,
  };
}

test("a sleep ends with its time, or when somebody rings, and leaves nothing behind", async () => {
  const { clock, pass, waiting } = stoppedClock();
  const wake = new Wake(clock);
  const first = wake.sleep(100);
  pass();
  await first;
  const second = wake.sleep(100);
  wake.ring();
  await second;
  expect(waiting()).toBe(0);
});

test("who rings while nobody sleeps ends the next sleep, once", async () => {
  const { clock, pass, waiting } = stoppedClock();
  const wake = new Wake(clock);
  wake.ring();
  wake.ring();
  await wake.sleep(100);
  const next = wake.sleep(100);
  expect(waiting()).toBe(1);
  pass();
  await next;
});
