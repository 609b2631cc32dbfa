import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { systemClock } from "../base/clock.ts";
import { fillOnce } from "./agent-cache.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-fill-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("fillOnce", () => {
  test("many at once fill once, and leave nothing beside it", async () => {
    const target = path.join(folder, "a", "agent");
    let fills = 0;
    const fill = async (part: string): Promise<void> => {
      fills++;
      await systemClock.sleep(50);
      writeFileSync(path.join(part, "file"), "x");
    };
    await Promise.all([1, 2, 3, 4].map(() => fillOnce(target, fill, systemClock)));
    expect(fills).toBe(1);
    expect(readdirSync(path.dirname(target))).toEqual(["agent"]);
    expect(existsSync(path.join(target, "file"))).toBe(true);
  });

  test("a failure passes through and the next one tries again", async () => {
    const target = path.join(folder, "b");
    await expect(fillOnce(target, () => Promise.reject(new Error("offline")), systemClock)).rejects.toThrow(
      "offline",
    );
    expect(existsSync(target)).toBe(false);
    await fillOnce(target, () => Promise.resolve(), systemClock);
    expect(existsSync(target)).toBe(true);
  });

  test("the lock of a process that died is taken over", async () => {
    const target = path.join(folder, "c");
    writeFileSync(`${target}.lock`, "4194303");
    await fillOnce(target, () => Promise.resolve(), systemClock);
    expect(existsSync(target)).toBe(true);
  });
});
