import { describe, expect, test } from "vitest";
import { systemClock } from "./clock.ts";

describe("systemClock", () => {
  test("sleeps at least about as long as asked, by the clock that never goes back", async () => {
    const start = systemClock.monotonic();
    await systemClock.sleep(20);
    expect(systemClock.monotonic() - start).toBeGreaterThan(15);
  });

  test("wakes when the signal aborts, and does not sleep when it already has", async () => {
    const start = systemClock.monotonic();
    const stop = new AbortController();
    systemClock.schedule(5, () => stop.abort());
    await systemClock.sleep(60_000, stop.signal);
    await systemClock.sleep(60_000, stop.signal);
    expect(systemClock.monotonic() - start).toBeLessThan(30_000);
  });

  test("calls back once, unless cancelled", async () => {
    const calls: string[] = [];
    const cancel = systemClock.schedule(1, () => calls.push("cancelled"));
    systemClock.schedule(1, () => calls.push("kept"));
    cancel();
    await systemClock.sleep(20);
    expect(calls).toEqual(["kept"]);
  });
});
