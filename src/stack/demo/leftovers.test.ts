import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { startProcess } from "../../instrument/process.ts";
import { leftoversIn, startTicks } from "./leftovers.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "otelier-leftovers-"));
  file = path.join(folder, "processes");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sleeper = { command: "sleep", args: ["60"], workingDirectory: tmpdir(), environment: process.env };

test.runIf(existsSync("/proc/self/stat"))("the next run ends what the last one left", async () => {
  const left = startProcess(sleeper);
  leftoversIn(file, systemClock).remember(left.pid);
  expect(await leftoversIn(file, systemClock).endAll()).toBe(1);
  expect((await left.ended).signal).toBe("SIGTERM");
  expect(await leftoversIn(file, systemClock).endAll()).toBe(0);
});

test.runIf(existsSync("/proc/self/stat"))(
  "a pid that belongs to another program now is left alone",
  async () => {
    const other = startProcess(sleeper);
    writeFileSync(file, `${other.pid} 1\n`);
    expect(await leftoversIn(file, systemClock).endAll()).toBe(0);
    expect(startTicks(other.pid)).toMatch(/^\d+$/);
    await other.stop(1000);
  },
);
