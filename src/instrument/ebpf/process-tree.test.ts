import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { expect, test } from "vitest";
import { executableOf, newestProcess, processTree } from "./process-tree.ts";

test.skipIf(process.platform !== "linux").each([
  ["as this kernel tells it", undefined],
  ["by the parents of all processes", false],
])("a process, its children and theirs, %s", async (_, byThread) => {
  const before = newestProcess();
  // The inner shell says its number and its child's once both run.
  const inner = "sleep 600 & echo $$ $!; wait";
  const root = spawn("sh", ["-c", `sh -c '${inner}'; true`], { stdio: ["ignore", "pipe", "ignore"] });
  let [shell, child]: (number | undefined)[] = [];
  try {
    const [line] = (await once(root.stdout, "data")) as [Buffer];
    [shell, child] = line.toString().trim().split(" ").map(Number);
    expect(processTree(root.pid!, byThread)).toEqual([root.pid, shell, child]);
    expect(newestProcess()).not.toBe(before);
    expect(executableOf(process.pid)).toBe(process.execPath);
  } finally {
    // The shells wait for it, and end with it.
    if (child !== undefined) process.kill(child);
    else root.kill();
  }
});

test.skipIf(process.platform !== "linux")("a process that has ended is alone", async () => {
  const ended = spawn("true");
  await once(ended, "exit");
  expect(processTree(ended.pid!)).toEqual([ended.pid]);
  expect(executableOf(ended.pid!)).toBeUndefined();
});
