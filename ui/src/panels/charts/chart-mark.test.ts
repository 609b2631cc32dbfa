import { describe, expect, it } from "vitest";
import { markedCells, moveMark, type ChartMark } from "./chart-mark.ts";

const cells = { steps: 10, first: 4, last: 8 };
const bars = { steps: 10, first: 0, last: 0 };

/** "S-" before a key: with Shift. */
function press(keys: string, on = cells): ChartMark | undefined {
  return keys
    .split(" ")
    .reduce<ChartMark | undefined>(
      (mark, key) => moveMark(mark, key.replace("S-", ""), key.startsWith("S-"), on) ?? mark,
      undefined,
    );
}

describe("a mark on a chart", () => {
  it.each<[string, readonly number[]]>([
    ["ArrowLeft", [9, 10, 6, 7]],
    ["Home", [0, 1, 6, 7]],
    ["ArrowLeft ArrowLeft ArrowUp", [8, 9, 7, 8]],
    ["ArrowLeft ArrowRight", [9, 10, 6, 7]],
    ["Home PageDown", [9, 10, 6, 7]],
    ["Home ArrowDown ArrowDown ArrowDown ArrowDown", [0, 1, 4, 5]],
    ["End S-ArrowLeft S-ArrowLeft S-ArrowUp", [7, 10, 6, 8]],
    ["Home S-End", [0, 10, 6, 7]],
    ["End S-ArrowLeft ArrowLeft", [7, 8, 6, 7]],
  ])("after %s", (keys, [fromStep, toStep, fromRow, toRow]) => {
    expect(markedCells(press(keys)!)).toEqual({ fromStep, toStep, fromRow, toRow });
  });

  it.each([
    ["x", cells],
    ["ArrowUp", bars],
    ["ArrowLeft", { ...bars, steps: 0 }],
  ])("takes no part in %s", (key, on) => {
    expect(press(key, on)).toBeUndefined();
  });
});
