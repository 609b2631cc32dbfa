/** The demo shop for tests: what it needs, and its first traces. */
import { execFileSync } from "node:child_process";
import { expect } from "vitest";
import type { Page, TraceAnswer, TraceSummary } from "../../../src/api/explore/wire.ts";
import { startStack, type Stack } from "./run-stack.ts";

/** True when the shop's services can run; says so once when not, and fails in CI. */
export const hasToolchains: boolean = ["python3", "go"].every((command) => {
  try {
    execFileSync("sh", ["-c", `command -v ${command}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
});
if (!hasToolchains && process.env["CI"] === "true") throw new Error("python3 and go are needed here");
if (!hasToolchains) console.warn("skipped: the shop's services need python3 and go");

export async function ask<T>(url: string): Promise<T> {
  const response = await fetch(url);
  expect(response.status, url).toBe(200);
  return (await response.json()) as T;
}

/** What `look` gives, once it gives something; asked for again for two minutes. */
async function until<T>(look: () => Promise<T | undefined>, missing: string): Promise<T> {
  for (let attempt = 0; attempt < 600; attempt++) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(missing);
}

/** The first trace that satisfies. */
export function findTrace(front: string, wanted: (trace: TraceSummary) => boolean): Promise<TraceSummary> {
  return until(async () => {
    const page = await ask<Page<TraceSummary>>(`${front}/api/traces?from=now-10m&limit=200`);
    return page.items.find(wanted);
  }, "no such trace came");
}

/** The trace of that id once no span waits for its parent: each service sends in its own time. */
export function wholeTrace(front: string, traceId: string): Promise<NonNullable<TraceAnswer["trace"]>> {
  return until(async () => {
    const { trace } = await ask<TraceAnswer>(`${front}/api/traces/${traceId}`);
    // Bit 1: a parent was named and not found.
    return trace?.flags.every((flags) => (flags & 1) === 0) === true ? trace : undefined;
  }, `spans of trace ${traceId} wait for their parents`);
}

/** A trace with its root through the shop's front and a service behind it. */
export const joins = (trace: TraceSummary): boolean =>
  !trace.rootMissing &&
  ["storefront", "reviews"].every((service) => trace.services.some(({ name }) => name === service));

/** The stack with the shop under its load, once traces, failures, logs and metrics of it have come. */
export async function startShop(): Promise<Stack> {
  const stack = await startStack(["--demo"]);
  try {
    await findTrace(stack.url, joins);
    await findTrace(stack.url, ({ errorCount, rootMissing }) => errorCount > 0 && !rootMissing);
    for (const wanted of ["logs?limit=1&severity=13&", "metrics?service=storefront&"]) {
      await until(async () => {
        const { items } = await ask<Page<unknown>>(`${stack.url}/api/${wanted}from=now-10m`);
        return items[0];
      }, `nothing came to ${wanted}`);
    }
    return stack;
  } catch (error) {
    await stack.close();
    throw error;
  }
}
