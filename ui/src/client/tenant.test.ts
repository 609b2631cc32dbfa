/** The page takes exactly the names that the server takes. */
import { expect, test } from "vitest";
import { readTenant } from "../../../src/telemetry/tenant.ts";
import { isTenantName } from "./tenant.ts";

function serverTakes(name: string): boolean {
  try {
    return readTenant(name) === name;
  } catch {
    return false;
  }
}

test("every character, alone and between others", () => {
  const differ = Array.from({ length: 0x3000 }, (_, code) => String.fromCodePoint(code))
    .flatMap((letter) => [letter, `a${letter}b`, letter.repeat(3)])
    .filter((name) => isTenantName(name) !== serverTakes(name));
  expect(differ).toEqual([]);
});

test.each([
  ["acme", true],
  ["A-z_0.9!*'()", true],
  ["a".repeat(150), true],
  ["a".repeat(151), false],
  ["", false],
  [".", false],
  ["..", false],
  ["...", true],
  ["a|b", false],
  ["acme\n", false],
])("%j: %s", (name, taken) => {
  expect([isTenantName(name), serverTakes(name)]).toEqual([taken, taken]);
});
