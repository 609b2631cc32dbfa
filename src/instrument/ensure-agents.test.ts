import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { expect, test } from "vitest";
import { ensureAgents } from "./ensure-agents.ts";

test("nothing is installed for a program that is not there", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "otelier-ensure-"));
  const cache = path.join(folder, "cache");
  let said = "";
  const { program, problems, found } = await ensureAgents({
    command: ["no-such-program"],
    cwd: folder,
    cache,
    environment: { PATH: process.env["PATH"] },
    output: { write: (text) => (said += text) },
  });
  expect([program, problems, found, said]).toEqual([{ runtime: "other" }, [], [], ""]);
  expect(existsSync(cache)).toBe(false);
  rmSync(folder, { recursive: true });
});
