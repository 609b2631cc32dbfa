import { expect, test } from "vitest";
import type { Clock } from "../../base/clock.ts";
import type { ProcessEnd, RunningProcess } from "../../instrument/process.ts";
import { restartDelayMs, supervise } from "./supervise.ts";

/** A clock whose sleeps take no time but count. */
function fastClock(): Clock & { slept: number[] } {
  const slept: number[] = [];
  let nowMs = 0;
  return {
    slept,
    now: () => nowMs,
    monotonic: () => nowMs,
    schedule: () => () => {},
    sleep: (delayMs) => {
      slept.push(delayMs);
      nowMs += delayMs;
      return Promise.resolve();
    },
  };
}

function ended(end: ProcessEnd): RunningProcess {
  return { pid: 1, ended: Promise.resolve(end), stop: () => Promise.resolve(end) };
}

function lasting(): RunningProcess {
  let finish: (end: ProcessEnd) => void = () => {};
  const over = new Promise<ProcessEnd>((resolve) => {
    finish = resolve;
  });
  return {
    pid: 2,
    ended: over,
    stop: () => {
      finish({ signal: "SIGTERM" });
      return over;
    },
  };
}

test.each([
  [1, 500],
  [2, 1000],
  [4, 4000],
  [7, 30_000],
  [20, 30_000],
])("after end %i in a row it waits %i ms", (ends, delayMs) => {
  expect(restartDelayMs(ends)).toBe(delayMs);
});

test("a program that always ends is given up, and each end is said", async () => {
  const clock = fastClock();
  const lines: string[] = [];
  let starts = 0;
  const service = supervise({
    name: "shop",
    clock,
    logPath: "shop.log",
    output: (line) => lines.push(line),
    start: () => {
      starts++;
      return ended({ code: 3 });
    },
  });
  await expect.poll(() => service.alive()).toBe(false);
  expect(starts).toBe(8);
  expect(clock.slept).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000]);
  expect(lines[0]).toBe('demo: "shop" ended (exit code 3); starting it again in 0.5 s; see shop.log');
  expect(lines.at(-1)).toBe('demo: "shop" ended (exit code 3) 8 times in a row and stays down; see shop.log');
});

test("a program that ends once is started again, and stopping it is no end", async () => {
  const lines: string[] = [];
  const pids: number[] = [];
  const programs = [ended({ signal: "SIGSEGV" }), lasting()];
  const service = supervise({
    name: "shop",
    clock: fastClock(),
    logPath: "shop.log",
    output: (line) => lines.push(line),
    onStart: (pid) => pids.push(pid),
    start: () => programs.shift() ?? lasting(),
  });
  await expect.poll(() => pids).toEqual([1, 2]);
  expect(service.alive()).toBe(true);
  await service.stop(10);
  expect(service.alive()).toBe(false);
  expect(lines).toEqual(['demo: "shop" ended (SIGSEGV); starting it again in 0.5 s; see shop.log']);
});
