import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { RunFolder } from "./run-folder.ts";

/** Writes into the folder as long as it is there, as a process does that outlives the program which started it. */
const straggler = `
const fs = require("node:fs"), path = require("node:path");
let count = 0;
for (const end = Date.now() + 30_000; Date.now() < end && fs.existsSync(process.argv[1]); count++) {
  try { fs.writeFileSync(path.join(process.argv[1], "spool", "9-" + count + ".otlp"), "{}"); } catch {}
  if (count === 100) console.log("writes");
}`;
const running: ChildProcess[] = [];
const folders: string[] = [];

afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

test("is deleted with what lies in it", () => {
  const folder = new RunFolder();
  writeFileSync(path.join(folder.path, "spool", "1-0.otlp"), "{}");
  folder.close();
  expect(existsSync(folder.path)).toBe(false);
});

test("closes while a process still writes into it", async () => {
  const folder = new RunFolder();
  folders.push(folder.path);
  const children = [1, 2].map(() => spawn(process.execPath, ["-e", straggler, folder.path]));
  running.push(...children);
  await Promise.all(children.map((child) => new Promise((resolve) => child.stdout.once("data", resolve))));
  expect(() => folder.close()).not.toThrow();
  expect(existsSync(folder.path)).toBe(false);
});
