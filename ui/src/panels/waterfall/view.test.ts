import * as fc from "fast-check";
import { expect, it } from "vitest";
import { rulerTicks } from "./ruler.ts";
import { clampView, panView, viewOfSpan, zoomView } from "./view.ts";

it("stays within the trace whatever is asked", () => {
  const number = fc.double({ min: -1e12, max: 1e12, noNaN: true });
  fc.assert(
    fc.property(number, number, fc.double({ min: 1, max: 1e12, noNaN: true }), (from, to, extent) => {
      const view = clampView({ from, to }, extent);
      expect(view.from).toBeGreaterThanOrEqual(0);
      expect(view.to).toBeLessThanOrEqual(extent * (1 + 1e-9));
      expect(view.to).toBeGreaterThan(view.from);
    }),
  );
});

it("zooms around the pointer and moves by shares", () => {
  expect(zoomView({ from: 0, to: 100 }, 0.5, 0.5, 100)).toEqual({ from: 25, to: 75 });
  expect(zoomView({ from: 25, to: 75 }, 2, 0.5, 100)).toEqual({ from: 0, to: 100 });
  expect(panView({ from: 0, to: 50 }, 0.5, 100)).toEqual({ from: 25, to: 75 });
  expect(panView({ from: 0, to: 50 }, -1, 100)).toEqual({ from: 0, to: 50 });
  expect(viewOfSpan(40, 20, 100)).toEqual({ from: 38, to: 62 });
});

it("marks round durations", () => {
  expect(rulerTicks({ from: 0, to: 1000 }, 440)).toEqual([0, 500, 1000]);
  expect(rulerTicks({ from: 130, to: 470 }, 440)).toEqual([200, 300, 400]);
});
