import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseGoDuration, parseLongDuration, printGoDuration } from "./duration.ts";

describe("parseGoDuration", () => {
  test.each([
    ["0", 0],
    ["-0", 0],
    ["0s", 0],
    ["1s", 1000],
    ["200ms", 200],
    ["1.5s", 1500],
    [".5s", 500],
    ["1.s", 1000],
    ["1h30m", 5_400_000],
    ["1m0.5s", 60_500],
    ["-1h", -3_600_000],
    ["+5s", 5000],
    ["100us", 0.1],
    ["100µs", 0.1],
    ["100μs", 0.1],
    ["1ns", 1e-6],
    ["3s2s", 5000],
  ])("%s", (text, ms) => {
    expect(parseGoDuration(text)).toBeCloseTo(ms, 9);
  });

  test.each([
    "",
    "1",
    "s",
    ".s",
    "1 s",
    " 1s",
    "1s ",
    "1d",
    "1w",
    "1S",
    "1e3s",
    "--1s",
    "1s-1s",
    "one",
    "1_000s",
  ])('"%s" is none', (text) => {
    expect(parseGoDuration(text)).toBeUndefined();
  });
});

test.each([
  ["7d", 7 * 86_400_000],
  ["2w", 14 * 86_400_000],
  ["1y", 365 * 86_400_000],
  ["1d12h", 129_600_000],
  ["0", 0],
  ["90m", 5_400_000],
  ["7 d", undefined],
  ["week", undefined],
])("parseLongDuration: %s", (text, ms) => {
  expect(parseLongDuration(text)).toBe(ms);
});

test.each([
  [0, "0s"],
  [1e-6, "1ns"],
  [0.0015, "1.5µs"],
  [200, "200ms"],
  [1500, "1.5s"],
  [60_000, "1m0s"],
  [90_000, "1m30s"],
  [60_000.000001, "1m0.000000001s"],
  [3_600_000, "1h0m0s"],
  [-1500, "-1.5s"],
  [604_800_000, "168h0m0s"],
])("printGoDuration: %d", (ms, text) => {
  expect(printGoDuration(ms)).toBe(text);
});

test("what is printed is read as the same number of nanoseconds", () => {
  // Up to ten days, where sums of milliseconds as doubles still tell nanoseconds apart.
  const nanos = fc.maxSafeInteger().map((value) => value % 864_000_000_000_000);
  fc.assert(
    fc.property(nanos, (value) => {
      const ms = value / 1e6;
      expect(Math.round((parseGoDuration(printGoDuration(ms)) ?? NaN) * 1e6) + 0).toBe(
        Math.round(ms * 1e6) + 0,
      );
    }),
  );
});
