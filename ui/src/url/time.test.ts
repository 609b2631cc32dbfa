import { describe, expect, it } from "vitest";
import { absoluteRange, parseTime, presetLabel, resolveRange, shiftRange, zoomOut } from "./time.ts";

const now = 1_700_000_000_000;
const minute = 60_000;

describe("parseTime", () => {
  it.each([
    ["now", now],
    ["now-15m", now - 15 * minute],
    ["now-2d", now - 2 * 86_400_000],
    ["1699999999000", 1_699_999_999_000],
    ["yesterday", undefined],
    ["now+5m", undefined],
    ["-5", undefined],
    ["", undefined],
  ])("%s", (text, wanted) => {
    expect(parseTime(text, now)).toBe(wanted);
  });
});

describe("resolveRange", () => {
  it.each([
    ["now-5m", "now", now - 5 * minute, now],
    ["1000", "2000", 1000, 2000],
    // Unreadable or the wrong way round: the default window.
    ["soon", "now", now - 15 * minute, now],
    ["2000", "1000", now - 15 * minute, now],
  ])("%s to %s", (from, to, startMs, endMs) => {
    expect(resolveRange({ from, to }, now)).toEqual({ startMs, endMs });
  });
});

describe("moves", () => {
  it("doubles the window without passing now", () => {
    expect(zoomOut({ from: "now-10m", to: "now" }, now)).toEqual(
      absoluteRange({ startMs: now - 20 * minute, endMs: now }),
    );
    expect(zoomOut({ from: "1000", to: "2000" }, now)).toEqual({ from: "500", to: "2500" });
  });
  it("goes back by half a window, and never into the future", () => {
    expect(shiftRange({ from: "1000", to: "2000" }, -1, now)).toEqual({ from: "500", to: "1500" });
    expect(shiftRange({ from: "now-10m", to: "now" }, 1, now)).toEqual(
      absoluteRange({ startMs: now - 10 * minute, endMs: now }),
    );
  });
  it("names presets only", () => {
    expect(presetLabel({ from: "now-15m", to: "now" })).toBe("Last 15 minutes");
    expect(presetLabel({ from: "now-16m", to: "now" })).toBeUndefined();
    expect(presetLabel({ from: "now-15m", to: "5" })).toBeUndefined();
  });
});
