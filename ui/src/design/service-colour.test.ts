import * as fc from "fast-check";
import { expect, it } from "vitest";
import { chooseSlot, hashName } from "./service-colour.ts";

it("hashes as FNV-1a does", () => {
  expect(hashName("")).toBe(0x811c9dc5);
  expect(hashName("a")).toBe(0xe40c292c);
  expect(hashName("foobar")).toBe(0xbf9cf968);
});

it("gives twelve services twelve colours, whatever their names", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { minLength: 12, maxLength: 12 }), (names) => {
      const taken = new Set<number>();
      for (const name of names) taken.add(chooseSlot(name, taken));
      expect(taken.size).toBe(12);
    }),
  );
});

it("falls back to the hash when all are taken", () => {
  const all = new Set(Array.from({ length: 12 }, (_, i) => i));
  expect(chooseSlot("storefront", all)).toBe(hashName("storefront") % 12);
});
