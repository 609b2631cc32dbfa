import { expect, test } from "vitest";
import { parseRetention } from "./retention-ages.ts";

const day = 86_400_000;

test.each([
  ["7d", { maxAgeMs: 7 * day, signals: {} }],
  ["0", { maxAgeMs: 0, signals: {} }],
  ["7d,logs=2d", { maxAgeMs: 7 * day, signals: { logs: 2 * day } }],
  ["logs=0, 7d ,metrics=30d", { maxAgeMs: 7 * day, signals: { logs: 0, metrics: 30 * day } }],
  ["", undefined],
  ["logs=2d", undefined],
  ["7d,8d", undefined],
  ["7d,logs=1d,logs=2d", undefined],
  ["7d,profiles=2d", undefined],
  ["-1d", undefined],
  ["7d,", undefined],
])("%s", (text, expected) => {
  expect(parseRetention(text)).toEqual(expected);
});
