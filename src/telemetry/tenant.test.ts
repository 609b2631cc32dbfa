import { expect, test } from "vitest";
import { readTenant } from "./tenant.ts";

test.each([
  [undefined, "no org id"],
  ["", "no org id"],
  ["acme", undefined],
  ["A-z_0.9!*'()", undefined],
  ["a".repeat(150), undefined],
  ["a".repeat(151), "tenant ID is too long: max 150 characters"],
  [".", "tenant ID is '.' or '..'"],
  ["..", "tenant ID is '.' or '..'"],
  ["...", undefined],
  ["a|b", "multiple org IDs present"],
  ["a/b", "tenant ID 'a/b' contains unsupported character '/'"],
  ["a b", "tenant ID 'a b' contains unsupported character ' '"],
  ["a, b", "tenant ID 'a, b' contains unsupported character ','"],
  ["\u{1F9FA}", "tenant ID '\u{1F9FA}' contains unsupported character '\u{1F9FA}'"],
  [`${"a".repeat(300)}/`, `tenant ID '${"a".repeat(150)}...' contains unsupported character '/'`],
])("%j: %s", (id, problem) => {
  if (problem === undefined) return expect(readTenant(id)).toBe(id);
  const code = problem === "no org id" ? "no-org-id" : "bad-org-id";
  return expect(() => readTenant(id)).toThrow(expect.objectContaining({ message: problem, code }));
});
