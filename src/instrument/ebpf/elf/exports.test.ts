import { readFileSync } from "node:fs";
import process from "node:process";
import { expect, test } from "vitest";
import { elfOf, withElfFile } from "./elf.ts";
import { exportsOf } from "./exports.ts";

test.skipIf(process.platform !== "linux")("functions that a file exports, where its code has them", () => {
  const wanted = new Set(["napi_create_object", "malloc", "no_such_function"]);
  const found = withElfFile(process.execPath, (elf) => exportsOf(elf, wanted));
  // malloc is libc's: this file only uses it.
  expect([...found.keys()]).toEqual(["napi_create_object"]);
  expect(found.get("napi_create_object")).toBeGreaterThan(0);
  expect(found.get("napi_create_object")).toBeLessThan(readFileSync(process.execPath).length);
});

test("an object without exports", () => {
  const head = Buffer.alloc(64);
  head.write("\x7fELF\x02\x01\x01", "latin1");
  head.writeUInt16LE(56, 54);
  head.writeUInt16LE(64, 58);
  expect(exportsOf(elfOf(head), new Set(["SSL_read"])).size).toBe(0);
});
