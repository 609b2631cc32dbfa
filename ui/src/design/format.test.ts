import { describe, expect, it } from "vitest";
import * as format from "./format.ts";

/** Tables are written with plain spaces. */
const plain = (text: string): string => text.replaceAll("\u00a0", " ");

describe("formatDuration", () => {
  it.each([
    [0, "0"],
    [1, "1 ns"],
    [999, "999 ns"],
    [1000, "1.00 µs"],
    [1_234_000, "1.23 ms"],
    [99_950_000, "100 ms"],
    [999_400_000, "999 ms"],
    [999_600_000, "1.00 s"],
    [59_900_000_000, "59.9 s"],
    [61_000_000_000, "1 m 1 s"],
    [3_720_000_000_000, "1 h 2 m"],
    [-2_500_000, "-2.50 ms"],
  ])("%d ns", (nano, wanted) => {
    expect(plain(format.formatDuration(nano))).toBe(wanted);
  });
});

describe("formatCount, formatRate, formatPercent, formatBytes", () => {
  it.each([
    [format.formatCount(12_345), "12,345"],
    [format.formatCount(1_240_000), "1.24 M"],
    [format.formatRate(0), "0/s"],
    [format.formatRate(12.345), "12.3/s"],
    [format.formatRate(1234), "1.23 k/s"],
    [format.formatRate(0.002), "0.12/min"],
    [format.formatPercent(0), "0 %"],
    [format.formatPercent(0.0001), "< 0.1 %".replace("< ", "<\u00a0")],
    [format.formatPercent(0.0325), "3.25 %"],
    [format.formatPercent(0.5), "50.0 %"],
    [format.formatPercent(0.9999), "> 99.9 %"],
    [format.formatPercent(1), "100 %"],
    [format.formatBytes(512), "512 B"],
    [format.formatBytes(1536), "1.50 KiB"],
    [format.formatBytes(3 * 1024 ** 3), "3.00 GiB"],
  ])("%s", (text, wanted) => {
    expect(plain(text)).toBe(plain(wanted));
  });
});

describe("formatMetricValue", () => {
  it.each([
    [0.028, "s", "28.0 ms"],
    [1500, "ms", "1.50 s"],
    [84_000_000, "By", "80.1 MiB"],
    [2048, "By/s", "2.00 KiB/s"],
    [0.25, "1", "0.250"],
    [12, "{request}", "12.0"],
    [12, "{request}/s", "12.0/s"],
    [42, "%", "42.0 %"],
    [237.5, "EUR", "238 EUR"],
    [3, "", "3.00"],
  ])("%d %s", (value, unit, wanted) => {
    expect(plain(format.formatMetricValue(value, unit))).toBe(wanted);
  });
});

it.each([
  ["80.0 ms", "80 ms"],
  ["1.50 s", "1.5 s"],
  ["100 ms", "100 ms"],
  ["10", "10"],
  ["0.250", "0.25"],
])("trimZeros(%s)", (text, wanted) => {
  expect(format.trimZeros(text)).toBe(wanted);
});

it.each([
  [500, "just now"],
  [12_000, "12 s ago"],
  [200_000, "3 min ago"],
  [7_300_000, "2 h ago"],
  [200_000_000, "2 d ago"],
])("formatAgo(%d)", (ms, wanted) => {
  expect(plain(format.formatAgo(1_000_000_000 - ms, 1_000_000_000))).toBe(wanted);
});
