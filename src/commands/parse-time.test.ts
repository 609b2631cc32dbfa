import { expect, test } from "vitest";
import { parseTime } from "./parse-time.ts";

const now = Date.UTC(2026, 10, 20, 12);

test.each([
  ["now", now],
  ["now-1h", now - 3_600_000],
  ["7d", now - 7 * 86_400_000],
  ["2026-11-20", now - 12 * 3_600_000],
  ["2026-11-20T10:00", now - 2 * 3_600_000],
  ["2026-11-20T10:00:00Z", now - 2 * 3_600_000],
  ["2026-11-20T10:00:00+01:00", now - 3 * 3_600_000],
  ["1763640000000", 1_763_640_000_000],
  ["", undefined],
  ["yesterday", undefined],
  ["now+1h", undefined],
  ["-1h", undefined],
  ["2026-13-01", undefined],
])("%s", (text, expected) => {
  expect(parseTime(text, now)).toBe(expected);
});
