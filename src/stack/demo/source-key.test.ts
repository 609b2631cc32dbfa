import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { filesEndingIn, sourceKey } from "./source-key.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "otelier-source-key-"));
  writeFileSync(path.join(folder, "a.go"), "package a");
  writeFileSync(path.join(folder, "b.go"), "package b");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("equal sources give equal keys, in any order", () => {
  expect(sourceKey(folder, ["a.go", "b.go"], ["1.22"])).toBe(sourceKey(folder, ["b.go", "a.go"], ["1.22"]));
  expect(sourceKey(folder, ["a.go"])).toMatch(/^[0-9a-f]{12}$/);
});

test.each([
  ["a changed file", () => writeFileSync(path.join(folder, "a.go"), "package a ")],
  [
    "text moved from one file to the other",
    () => {
      writeFileSync(path.join(folder, "a.go"), "package ap");
      writeFileSync(path.join(folder, "b.go"), "ackage b");
    },
  ],
])("%s gives another key", (_, change) => {
  const before = sourceKey(folder, ["a.go", "b.go"], ["1.22"]);
  change();
  expect(sourceKey(folder, ["a.go", "b.go"], ["1.22"])).not.toBe(before);
});

test("another compiler gives another key", () => {
  expect(sourceKey(folder, ["a.go"], ["1.22"])).not.toBe(sourceKey(folder, ["a.go"], ["1.23"]));
});

test("files are found by how they end", () => {
  writeFileSync(path.join(folder, "go.sum"), "");
  writeFileSync(path.join(folder, "README.md"), "");
  expect([...filesEndingIn(folder, [".go", "go.sum"])].sort()).toEqual(["a.go", "b.go", "go.sum"]);
});
