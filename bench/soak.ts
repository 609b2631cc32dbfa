/**
 * Ten minutes of all the spans that the machine takes, and what memory does meanwhile: what grows with the spans would be seen here. One corpus is sent again and
 * again, so the client makes nothing during the measurement. OTELIER_SOAK_SECONDS makes it shorter or longer.
 */
import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, StackProcess } from "../test/e2e/durability/stack-process.ts";
import type { Figure, Subject } from "./figure.ts";
import type { ClientMessage } from "./ingest-client.ts";
import { memoryMiB } from "./processes.ts";

const seconds = Number(process.env["OTELIER_SOAK_SECONDS"] ?? 600);
const items = 200_000;
/** The next round waits until the engine has caught up to this; at 2 GiB the store would refuse. */
const mostPending: number = 256 * 1024 * 1024;
/** Points of the curve. */
const shown = 10;

export const soak: Subject = {
  about: `spans for ${seconds} s to otelier up with 2 GiB of disk; client, stack and engine share this machine's cores`,
  run: async () => {
    execFileSync("npx", ["tsc", "-p", "tsconfig.build.json"], {
      cwd: join(import.meta.dirname, ".."),
      stdio: "inherit",
    });
    const folder = mkdtempSync(join(tmpdir(), "otelier-soak-"));
    const ports = { grpc: await freePort(), otlpHttp: await freePort(), http: await freePort() };
    const stack = new StackProcess(folder, ports, true, ["--max-disk", "2GB"]);
    const client = fork(join(import.meta.dirname, "ingest-client.ts"), { execArgv: ["--import", "tsx"] });
    const ended = once(client, "exit").then(([code]) => {
      throw new Error(`the client ended with ${String(code)}`);
    });
    ended.catch(() => undefined);
    const next = async (): Promise<ClientMessage> => {
      const [message] = (await Promise.race([once(client, "message"), ended])) as [ClientMessage];
      return message;
    };
    try {
      await stack.start();
      client.send({
        make: {
          port: ports.grpc,
          protocol: "grpc",
          signal: "traces",
          itemsPerRequest: 1000,
          seed: 1,
          items,
          startUnixMs: Date.now(),
        },
      });
      const made = await next();
      if (made.kind !== "made") throw new Error(`the client says ${made.kind}`);
      const curve: { readonly stack: number; readonly engine: number }[] = [];
      const look = (): void =>
        void curve.push({ stack: memoryMiB(stack.pid), engine: memoryMiB(stack.enginePid()) });
      const timer = setInterval(look, 1000);
      const start = performance.now();
      const elapsed = (): number => (performance.now() - start) / 1000;
      let rounds = 0;
      while (elapsed() < seconds) {
        while ((await pendingBytes(ports.http)) > mostPending)
          await new Promise((resolve) => setTimeout(resolve, 200));
        client.send("go");
        const sent = await next();
        if (sent.kind !== "sent") throw new Error(`the client says ${sent.kind}`);
        rounds++;
      }
      clearInterval(timer);
      const took = elapsed();
      const spans = rounds * made.items;
      return [
        { name: "spans answered", value: spans, unit: "spans" },
        { name: "spans answered", value: spans / took, unit: "spans/s" },
        ...part(curve, "stack"),
        ...part(curve, "engine"),
      ];
    } finally {
      client.kill();
      // Orderly, so that the engine is gone before its files are.
      await stack.kill("SIGTERM");
      rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
    }
  },
};

async function pendingBytes(port: number): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/ready`);
  return ((await answer.json()) as { readonly pendingBytes: number }).pendingBytes;
}

/** Median, least and most of each tenth of the time. */
function part(
  curve: readonly { readonly stack: number; readonly engine: number }[],
  whose: "stack" | "engine",
): readonly Figure[] {
  const size = Math.max(1, Math.floor(curve.length / shown));
  return Array.from({ length: shown }, (_, at): Figure => {
    const sorted = curve.slice(at * size, (at + 1) * size).map((one) => one[whose]);
    sorted.sort((left, right) => left - right);
    return {
      name: `memory of the ${whose}, tenth ${at + 1}`,
      value: sorted[sorted.length >> 1] ?? 0,
      unit: "MiB",
      min: sorted[0] ?? 0,
      max: sorted.at(-1) ?? 0,
    };
  });
}
