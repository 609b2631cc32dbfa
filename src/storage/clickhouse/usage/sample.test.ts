import { expect, test } from "vitest";
import { compressedBytes, strideOf } from "./sample.ts";

test.each([
  ["nothing", 0, 0, 0, 0],
  ["one value all over", 1000, 1, 20_000, 10],
  ["random hexadecimal ids of 32 digits", 1000, 1000, 32_000, 16_000],
  ["256 values in turn", 1_000_000, 256, 10_000_000, 1_001_024],
  ["two letters that say yes or no", 1000, 2, 1000, 126],
  ["empty texts", 1000, 1, 0, 0],
])("%s", (_, rows, distinct, textBytes, wanted) => {
  expect(compressedBytes(rows, distinct, textBytes)).toBeCloseTo(wanted, -1);
});

test.each([
  [0, 1],
  [500_000, 1],
  [500_001, 2],
  [100_000_000, 200],
])("of %i rows every %i-th granule is read", (rows, stride) => {
  expect(strideOf(rows)).toBe(stride);
});
