import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmdirSync, statfsSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { messageOf } from "../../src/base/error.ts";
import { Sender } from "../e2e/durability/sender.ts";
import { freePort } from "../fakes/free-port.ts";
import { StackProcess } from "../e2e/durability/stack-process.ts";
import { countStored } from "./count.ts";
import { pause, soon } from "./kinds.ts";
import type { Outcome } from "./outcome.ts";

const name = "disk full";

/** A small file system of its own is filled to the last byte while a sender sends, and emptied again. */
export async function diskFull(): Promise<Outcome> {
  const folder = mkdtempSync(path.join(tmpdir(), "otelier-faults-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256m", "tmpfs", folder]);
  } catch (error) {
    rmdirSync(folder);
    return { name, passed: true, figures: {}, skipped: `no file system can be mounted: ${messageOf(error)}` };
  }
  try {
    return await fill(folder);
  } finally {
    execFileSync("umount", [folder]);
    rmdirSync(folder);
  }
}

async function fill(folder: string): Promise<Outcome> {
  const port = await freePort();
  const stack = new StackProcess(folder, { grpc: await freePort(), otlpHttp: port, http: await freePort() });
  await stack.start();
  const sender = new Sender(port, 6, ["traces", "logs", "metrics"]);
  await soon(() => sender.answeredCount > 5_000, 60_000);
  const ballast = path.join(folder, "ballast");
  const refusing = (): number => sender.statuses.get(429) ?? 0;
  let rounds = 0;
  let wasFull = 0;
  for (; rounds < 3; rounds++) {
    const before = refusing();
    const until = performance.now() + 8_000;
    const file = openSync(ballast, "w");
    // Again and again: the engine gives space free by merging, and takes it by writing.
    while (performance.now() < until) {
      occupy(file, folder);
      await pause(5);
    }
    closeSync(file);
    if (refusing() > before) wasFull++;
    const answered = sender.answeredCount;
    unlinkSync(ballast);
    if (!(await soon(() => sender.answeredCount > answered + 3_000, 120_000)))
      throw new Error(`nothing is accepted although there is room again:\n${stack.output.slice(-2000)}`);
  }
  const others = [...sender.statuses].filter(([status]) => status !== 200 && status !== 429);
  await sender.stop();
  await stack.kill("SIGTERM");
  const count = await countStored(folder, sender.answeredBy);
  return {
    name,
    passed: count.lost + count.doubled + count.setAside.length === 0 && others.length === 0 && wasFull > 0,
    figures: {
      "times filled": rounds,
      "of them until receiving refused": wasFull,
      "requests refused with 429 and Retry-After": refusing(),
      "other answers": others.map(([status, times]) => `${times} x ${status}`).join(", ") || "none",
      "items answered": count.answered,
      "items lost": count.lost,
      "items stored twice": count.doubled,
      "segments set aside": count.setAside.length === 0 ? 0 : [...new Set(count.setAside)].join("; "),
    },
  };
}

function occupy(file: number, folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  try {
    for (let left = free; left > 0;) left -= writeSync(file, Buffer.alloc(Math.min(left, 1024 * 1024)));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  }
}
