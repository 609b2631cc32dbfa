import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openLogFile } from "./log-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "otelier-log-file-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("holds the newest output within its limit", () => {
  const file = openLogFile(path.join(folder, "shop.log"), 100);
  for (let line = 0; line < 30; line++) file.write(Buffer.from(`line ${String(line).padStart(2, "0")}\n`));
  file.close();
  const newer = readFileSync(file.path, "utf8");
  const older = readFileSync(`${file.path}.1`, "utf8");
  expect(newer).toMatch(/line 29\n$/);
  expect(older.length + newer.length).toBeLessThanOrEqual(100);
  expect(older + newer).toMatch(/^line \d\d\n/);
});

test("goes on where an earlier run ended, and ignores what comes after its end", () => {
  const target = path.join(folder, "shop.log");
  const first = openLogFile(target, 1000);
  first.write(Buffer.from("first\n"));
  first.close();
  first.write(Buffer.from("late\n"));
  const second = openLogFile(target, 1000);
  second.write(Buffer.from("second\n"));
  second.close();
  expect(readFileSync(target, "utf8")).toBe("first\nsecond\n");
});
