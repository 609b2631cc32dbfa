import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Sender } from "../e2e/durability/sender.ts";
import { freePort } from "../fakes/free-port.ts";
import { killPid, StackProcess } from "../e2e/durability/stack-process.ts";
import { countStored } from "./count.ts";
import { pause } from "./kinds.ts";
import type { Outcome } from "./outcome.ts";

/** The engine is killed whenever it comes up, for so long, under load: receiving goes on, and all is there afterwards. */
export async function engineDown(seconds: number): Promise<Outcome> {
  const folder = mkdtempSync(path.join(tmpdir(), "otelier-faults-"));
  const port = await freePort();
  const stack = new StackProcess(folder, { grpc: await freePort(), otlpHttp: port, http: await freePort() });
  await stack.start();
  const sender = new Sender(port, 6, ["traces", "logs", "metrics"]);
  const until = performance.now() + seconds * 1000;
  let kills = 0;
  while (performance.now() < until) {
    const pid = stack.enginePid();
    if (pid !== undefined) {
      killPid(pid);
      kills++;
    }
    await pause(20);
  }
  const during = sender.answeredCount;
  await sender.stop();
  await stack.kill("SIGTERM");
  const count = await countStored(folder, sender.answeredBy);
  rmSync(folder, { recursive: true });
  return {
    name: `engine down for ${seconds} s under load`,
    passed: count.lost + count.doubled + sender.failures + count.setAside.length === 0,
    figures: {
      "times killed": kills,
      "items answered meanwhile": during,
      "requests refused": sender.failures,
      "items lost": count.lost,
      "items stored twice": count.doubled,
    },
  };
}
