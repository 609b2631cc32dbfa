import { expect, test } from "vitest";
import { branchAfter, callSites, type Register } from "./call-sites.ts";

const code = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");
/** A call of the instruction behind it. */
const call = "e800000000";

test("calls of one function are found, others and data that looks alike are not", () => {
  // mov eax, 0xe8; call +0x10; nop; call +0xa; call +0x20; ret
  const bytes = code("b8 e8 00 00 00  e8 10 00 00 00  90  e8 0a 00 00 00  e8 20 00 00 00  c3");
  expect(callSites(bytes, 0x1000n, 0x101an)).toEqual([5, 11]);
  expect(callSites(bytes, 0x1000n, 0x9999n)).toEqual([]);
});

const cases: readonly [name: string, bytes: string, kept: readonly Register[], at: number | undefined][] = [
  ["a branch at once", "74 05", [], 0],
  ["a near branch behind a test", "48 85 c0  0f 84 00 01 00 00", ["ax"], 3],
  ["a call behind a nop", "0f 1f 44 00 00  e8 00 00 00 00", ["ax", "bx"], 5],
  ["a jump behind stores of the results", "48 89 4a 08  48 89 3a  eb 10", ["cx", "di"], 7],
  ["a load into another register", "48 8b 54 24 68  74 05", ["cx", "di"], 5],
  ["a load into the result", "48 8b 4c 24 68  74 05", ["cx", "di"], undefined],
  ["the same, when no result is needed", "48 8b 4c 24 68  74 05", [], 5],
  ["a move over the result", "48 89 d1  74 05", ["cx"], undefined],
  ["a move into r9, whose number ends like that of cx", "49 89 d1  74 05", ["cx"], 3],
  ["a change of the goroutine", "4d 89 ce  74 05", ["cx"], undefined],
  ["an addition to the result", "48 83 c1 08  74 05", ["cx"], undefined],
  ["a comparison of the result", "48 83 f9 08  74 05", ["cx"], 4],
  ["a constant into the result", "b9 01 00 00 00  74 05", ["cx"], undefined],
  ["what is not understood", "f3 0f 6f 00  74 05", ["cx"], undefined],
  ["a return", "48 83 c4 20  5d  c3  74 05", [], undefined],
  ["a call through a register", "ff d6  74 05", [], undefined],
  ["a call through memory", "41 ff 50 18  74 05", [], undefined],
  ["the end of the code", "90 90", [], undefined],
];

test.each(cases)("behind a call: %s", (_, bytes, kept, at) => {
  expect(branchAfter(code(call + bytes), 0, kept)).toBe(at === undefined ? undefined : at + 5);
});
