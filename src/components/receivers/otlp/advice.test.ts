import { expect, test } from "vitest";
import { clockSkew, tooLarge } from "./advice.ts";

const second = 1000;
const hour = 3600 * second;

test.each<[string, number | undefined, RegExp | undefined]>([
  ["nothing told", undefined, undefined],
  ["batched", -5 * second, undefined],
  ["kept during an outage", -8 * 60 * second, undefined],
  ["a little ahead", 4 * second, undefined],
  ["ahead", 61 * 60 * second, /clock that is 1 h ahead/],
  ["seconds ahead", 12 * second, /clock that is 12 s ahead/],
  ["behind", -26 * hour, /1 d old when they arrive/],
  ["just behind", -11 * 60 * second, /11 min old/],
])("an item %s", (_, byMs, message) => {
  const nowMs = 1_700_000_000_000;
  const advice = clockSkew(byMs === undefined ? undefined : nowMs + byMs, nowMs);
  if (message === undefined) expect(advice).toBeUndefined();
  else
    expect(advice).toMatchObject({
      code: "clock-skew",
      message: expect.stringMatching(message),
      fix: "sudo timedatectl set-ntp true",
    });
});

test.each([
  [20 * 1024 * 1024, true],
  [128 * 1024 * 1024, false],
])("a limit of %d bytes is to be raised: %s", (limit, canRaise) => {
  expect(tooLarge(limit, "the option").fix.includes("raise the option")).toBe(canRaise);
});
