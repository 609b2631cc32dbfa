import { expect, it } from "vitest";
import { memoryShares } from "./memory-shares.ts";

it.each([
  [256, 256, 128],
  [512, 307, 205],
  [2048, 1228, 820],
  [16_384, 9830, 6554],
])("%i MiB: engine %i, process %i", (limit, engineMib, processMib) => {
  expect(memoryShares(limit)).toEqual({ engineMib, processMib });
});
