import { describe, expect, test } from "vitest";
import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { runProcess, startProcess } from "./process.ts";

const place = { workingDirectory: tmpdir(), environment: { PATH: process.env["PATH"], GREETING: "hello" } };

describe("runProcess", () => {
  test("gives code and output", async () => {
    const done = await runProcess({
      command: "sh",
      args: ["-c", "echo $GREETING; echo no >&2; exit 3"],
      ...place,
    });
    expect(done).toEqual({ code: 3, stdout: "hello\n", stderr: "no\n" });
  });
  test("says why a program could not be started", async () => {
    const done = await runProcess({ command: "no-such-program-anywhere", ...place });
    expect(done.problem).toContain("ENOENT");
    expect(done.code).toBeUndefined();
  });
  test("is stopped by its signal", async () => {
    const stopping = new AbortController();
    setTimeout(() => stopping.abort(), 100);
    const done = await runProcess({ command: "sleep", args: ["30"], ...place }, stopping.signal);
    expect(done.signal).toBe("SIGTERM");
  });
});

describe("startProcess", () => {
  test("a program that ignores SIGTERM is killed after its grace, with what it started", async () => {
    let text = "";
    const running = startProcess({
      command: "sh",
      args: ["-c", "trap '' TERM; sleep 30 & echo $!; wait; wait; sleep 30"],
      ...place,
      output: (chunk) => {
        text += chunk.toString();
      },
    });
    await expect.poll(() => text).toMatch(/^\d+\n$/);
    const end = await running.stop(200);
    expect(end.signal).toBe("SIGKILL");
    const grandchild = Number(text);
    await expect.poll(() => isRunning(grandchild)).toBe(false);
  });
  test("stopping what has ended already resolves with its end", async () => {
    const running = startProcess({ command: "true", ...place });
    await running.ended;
    expect(await running.stop(1000)).toEqual({ code: 0 });
  });
});

/** A zombie, which nobody has waited for yet, is not running. */
function isRunning(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  if (existsSync(stat)) return !/\) Z /.test(readFileSync(stat, "utf8"));
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
