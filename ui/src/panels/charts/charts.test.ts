import { describe, expect, it } from "vitest";
import { areaPath, linePath, lonelyPoints, stackedBarPaths, stackedMax } from "./paths.ts";
import { powerTicks, roundStep, timeTickLabel, timeTicks, valueTicks } from "./scale.ts";
import { durationAt, durationScale, placeDuration } from "./scatter-model.ts";

const box = { width: 100, height: 10 };

describe("paths", () => {
  it("breaks lines where there is no value", () => {
    expect(linePath([0, 10, null, 5, null], box, 10)).toBe("M0 10L25 0M75 5h0");
    expect(areaPath([10, null, 10, 10], { width: 90, height: 10 }, 10)).toBe(
      "M0 10L0 0L0 10ZM60 10L60 0L90 0L90 10Z",
    );
    expect(linePath([], box, 1)).toBe("");
    expect(lonelyPoints([1, null, 2, 3, null, 4])).toEqual([0, 5]);
  });
  it("stacks from the ground and keeps small counts in sight", () => {
    const [low, high] = stackedBarPaths(
      [
        [100, 0],
        [1, 50],
      ],
      { width: 4, height: 100 },
      101,
    );
    expect(low).toBe("M0 100v-99h2v99z");
    expect(high).toBe("M0 1v-1h2v1zM2 100v-49.5h2v49.5z");
    expect(
      stackedMax([
        [100, 0],
        [1, 50],
      ]),
    ).toBe(101);
    expect(stackedMax([])).toBe(0);
  });
});

describe("scales", () => {
  it.each([
    [0, [0]],
    [Number.NaN, [0]],
    [10, [0, 5, 10]],
    [7, [0, 5]],
    [0.25, [0, 0.1, 0.2]],
  ])("valueTicks(%d)", (max, wanted) => {
    expect(valueTicks(max, 3)).toEqual(wanted);
  });
  it("rounds up to 1, 2 or 5", () => {
    expect([0.011, 1, 1.1, 3, 51].map(roundStep)).toEqual([0.02, 1, 2, 5, 100]);
    expect(powerTicks(90, 12_000)).toEqual([100, 1000, 10_000]);
  });
  it("marks round times, at most as many as asked", () => {
    const start = new Date(2026, 10, 23, 14, 3, 20).getTime();
    const { ticks, stepMs } = timeTicks(start, start + 900_000, 8);
    expect(stepMs).toBe(120_000);
    expect(ticks.map((tick) => timeTickLabel(tick, stepMs))).toEqual([
      "14:04",
      "14:06",
      "14:08",
      "14:10",
      "14:12",
      "14:14",
      "14:16",
      "14:18",
    ]);
    expect(timeTickLabel(new Date(2026, 10, 24).getTime(), 3_600_000)).toBe("24 Nov");
    expect(timeTickLabel(start + 5, 5)).toBe("14:03:20.005");
  });
  it("places durations on a scale that is never flat", () => {
    const item = (durationNano: number) => ({ timeMs: 0, durationNano, isError: false });
    const scale = durationScale([item(1e6), item(1e6)]);
    expect(scale.maxNano / scale.minNano).toBeCloseTo(10);
    expect(placeDuration(scale, 1e6)).toBeCloseTo(0.5);
    expect(durationAt(scale, placeDuration(scale, 2e6))).toBeCloseTo(2e6);
    expect(durationScale([]).ticks).toEqual([1e6, 1e7, 1e8, 1e9]);
    expect(placeDuration(durationScale([item(0)]), 0)).toBeCloseTo(0.5);
  });
});
