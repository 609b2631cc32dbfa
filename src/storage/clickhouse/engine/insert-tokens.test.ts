import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { withdrawUnkeptTokens } from "./insert-tokens.ts";

let root: string;
let table: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "otelier-tokens-"));
  table = path.join(root, "store", "123", "12345678-0000");
  mkdirSync(path.join(table, "deduplication_logs"), { recursive: true });
});

afterEach(() => rmSync(root, { recursive: true }));

const logPath = (number: number): string =>
  path.join(table, "deduplication_logs", `deduplication_log_${number}.txt`);

function withdraw(logs: Readonly<Record<number, string>>, parts: readonly string[]): number {
  for (const part of parts) mkdirSync(path.join(table, part));
  for (const [number, text] of Object.entries(logs)) writeFileSync(logPath(Number(number)), text);
  return withdrawUnkeptTokens(root);
}

it.each([
  ["its part is there", "1\tall_1_1_0\tone\n", ["all_1_1_0"], ""],
  ["its part has another level", "1\tall_1_1_0\tone\n", ["all_1_1_1"], ""],
  ["its part was merged", "1\tall_2_2_0\tone\n", ["all_1_3_1"], ""],
  ["its part was mutated", "1\tall_2_2_0\tone\n", ["all_2_2_0_4"], ""],
  ["its part is not there", "1\tall_3_3_0\tone\n", ["all_1_2_1"], "2\tall_3_3_0\tone\n"],
  ["its part has a temporary name", "1\tall_1_1_0\tone\n", ["tmp_insert_all_1_1_0"], "2\tall_1_1_0\tone\n"],
  ["only another partition has the number", "1\tb_1_1_0\tone\n", ["a_1_1_0"], "2\tb_1_1_0\tone\n"],
  ["it was dropped already", "1\tall_1_1_0\tone\n2\tall_1_1_0\tone\n", [], ""],
  ["it came again since", "1\tall_1_1_0\tone\n2\tall_1_1_0\tone\n1\tall_2_2_0\tone\n", ["all_2_2_0"], ""],
  ["its part has a name of another kind", "1\tsome-part\tone\n", [], ""],
])("a token, when %s", (_, log, parts, added) => {
  expect(withdraw({ 1: log }, parts)).toBe(added === "" ? 0 : 1);
  expect(readFileSync(logPath(1), "utf8")).toBe(log + added);
});

it("reads the logs by their numbers and writes to the last", () => {
  const logs = { 9: "1\tall_1_1_0\tone\n", 10: "2\tall_1_1_0\tone\n1\tall_2_2_0\ttwo\n" };
  expect(withdraw(logs, [])).toBe(1);
  expect(readFileSync(logPath(9), "utf8")).toBe(logs[9]);
  expect(readFileSync(logPath(10), "utf8")).toBe(`${logs[10]}2\tall_2_2_0\ttwo\n`);
});

it("cuts off what a power cut left of a line", () => {
  expect(withdraw({ 1: "1\tall_1_1_0\tone\n1\tall_2_2_0\tt" }, [])).toBe(1);
  expect(readFileSync(logPath(1), "utf8")).toBe("1\tall_1_1_0\tone\n2\tall_1_1_0\tone\n");
});

it("leaves a directory without tables alone", () => {
  const empty = path.join(root, "empty");
  expect(withdrawUnkeptTokens(empty)).toBe(0);
  expect(existsSync(empty)).toBe(false);
});
