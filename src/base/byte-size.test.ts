import { expect, test } from "vitest";
import { parseByteSize, printByteSize } from "./byte-size.ts";

test.each([
  ["0", 0],
  ["100", 100],
  ["100B", 100],
  ["5GB", 5e9],
  ["5gb", 5e9],
  ["512MiB", 512 * 1024 ** 2],
  ["1.5 KiB", 1536],
  [" 2TB ", 2e12],
  ["", undefined],
  ["-1", undefined],
  ["GB", undefined],
  ["5 G", undefined],
  ["5PB", undefined],
  ["1,5GB", undefined],
  ["1e3", undefined],
])('"%s" is %s bytes', (text, bytes) => {
  expect(parseByteSize(text)).toBe(bytes);
});

test.each([
  [0, "0 B"],
  [832, "832 B"],
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [1.5 * 1024 ** 2, "1.5 MiB"],
  [5e9, "4.7 GiB"],
  [3 * 1024 ** 5, "3072.0 TiB"],
])("%d is printed as %s", (bytes, text) => {
  expect(printByteSize(bytes)).toBe(text);
});
