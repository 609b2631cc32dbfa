import { expect, it } from "vitest";
import { nextRow } from "./row-keys.ts";

it.each([
  ["ArrowDown", 3, 4],
  ["j", 9, 9],
  ["ArrowUp", 0, 0],
  ["k", 3, 2],
  ["Home", 5, 0],
  ["End", 5, 9],
  ["PageDown", 2, 7],
  ["PageUp", 2, 0],
  ["x", 2, undefined],
])("%s from %d", (key, from, wanted) => {
  expect(nextRow(key, from, 10, 5)).toBe(wanted);
});

it("has nowhere to go in an empty list", () => {
  expect(nextRow("ArrowDown", 0, 0, 5)).toBeUndefined();
});
