import { expect, test } from "vitest";
import { lineColumnAt, lineText } from "./source-range.ts";

test.each([
  ["", 0, { line: 1, column: 1 }],
  ["ab\ncd", 0, { line: 1, column: 1 }],
  ["ab\ncd", 2, { line: 1, column: 3 }],
  ["ab\ncd", 3, { line: 2, column: 1 }],
  ["ab\r\ncd", 5, { line: 2, column: 2 }],
  ["ab\n", 99, { line: 2, column: 1 }],
  ["ab", -5, { line: 1, column: 1 }],
])("%j at %d", (text, offset, place) => {
  expect(lineColumnAt(text, offset)).toEqual(place);
});

test.each([
  [1, "ab"],
  [2, ""],
  [3, "cd"],
  [4, ""],
])("line %d", (line, expected) => {
  expect(lineText("ab\r\n\ncd", line)).toBe(expected);
});
