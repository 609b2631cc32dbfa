/** `npm start` as its user sees it: the stack and the shop, one trace through two services, their logs and metrics beside it. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type {
  MetricSummary,
  Page,
  SpanDetail,
  StoredLog,
  TraceAnswer,
  TraceSummary,
} from "../../../src/api/explore/wire.ts";
import {
  anyPorts,
  plainEnvironment,
  removeFolder,
  RunningProgram,
  temporaryFolder,
  urlsOf,
} from "./run-stack.ts";

const hasToolchains = ["python3", "go"].every((command) => {
  try {
    execFileSync("sh", ["-c", `command -v ${command}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
});
if (!hasToolchains && process.env["CI"] === "true") throw new Error("python3 and go are needed here");
if (!hasToolchains) console.warn("skipped: the shop's services need python3 and go");

const folder = temporaryFolder();
afterAll(() => removeFolder(folder));

async function ask<T>(url: string): Promise<T> {
  const response = await fetch(url);
  expect(response.status, url).toBe(200);
  return (await response.json()) as T;
}

/** The first trace that satisfies; asked for again until it is there. */
async function findTrace(front: string, wanted: (trace: TraceSummary) => boolean): Promise<TraceSummary> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const page = await ask<Page<TraceSummary>>(`${front}/api/traces?from=now-10m&limit=200`);
    const found = page.items.find(wanted);
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("no such trace came");
}

/** The trace of that id once no span waits for its parent: each service sends in its own time. */
async function wholeTrace(front: string, traceId: string): Promise<NonNullable<TraceAnswer["trace"]>> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const { trace } = await ask<TraceAnswer>(`${front}/api/traces/${traceId}`);
    // Bit 1: a parent was named and not found.
    if (trace !== undefined && trace.flags.every((flags) => (flags & 1) === 0)) return trace;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`spans of trace ${traceId} wait for their parents`);
}

const joins = (trace: TraceSummary): boolean =>
  !trace.rootMissing &&
  ["storefront", "reviews"].every((service) => trace.services.some(({ name }) => name === service));

describe.skipIf(!hasToolchains)("up --demo", () => {
  test("shows one trace through both services with right parents, with the logs and metrics of both", async () => {
    const stack = new RunningProgram(["up", "--demo", ...anyPorts, "--data", "shop"], { cwd: folder });
    try {
      const { front } = await urlsOf(stack);
      const found = await findTrace(front, joins);
      const trace = await wholeTrace(front, found.traceId);
      expect(trace.parents.filter((parent) => parent === -1)).toHaveLength(1);
      const serviceOf = (at: number): string => trace.services[trace.service[at] ?? -1] ?? "";
      expect(serviceOf(0)).toBe("storefront");
      const entries = trace.spanIds
        .map((_, at) => at)
        .filter((at) => serviceOf(at) === "reviews" && trace.kind[at] === 2);
      expect(entries.length).toBeGreaterThan(0);
      for (const at of entries) {
        const caller = trace.parents[at] ?? -1;
        expect([serviceOf(caller), trace.kind[caller]]).toEqual(["storefront", 3]);
      }
      const [root] = await ask<readonly SpanDetail[]>(
        `${front}/api/traces/${found.traceId}/spans?id=${trace.spanIds[0]}`,
      );
      expect(root?.attributes.map(({ key }) => key)).toEqual(
        expect.arrayContaining(["http.request.method", "http.route"]),
      );

      for (const service of ["storefront", "reviews"]) {
        await expect
          .poll(
            async () => {
              const address = `${front}/api/logs?from=now-10m&service=${service}&limit=50`;
              const { items } = await ask<Page<StoredLog>>(address);
              return items.some(({ traceId }) => traceId !== "");
            },
            { message: `logs of ${service} with a trace` },
          )
          .toBe(true);
        await expect
          .poll(
            async () => {
              const address = `${front}/api/metrics?from=now-10m&service=${service}`;
              const { items } = await ask<Page<MetricSummary>>(address);
              return items.map(({ name }) => name);
            },
            { message: `metrics of ${service}` },
          )
          .toContain("http.server.request.duration");
      }
    } finally {
      const { code } = await stack.stop("SIGINT");
      expect(code).toBe(0);
    }
  });

  test("installs and builds nothing the second time", async () => {
    const stack = new RunningProgram(["up", "--demo", ...anyPorts, "--data", "shop"], { cwd: folder });
    try {
      const { front } = await urlsOf(stack);
      await findTrace(
        front,
        (trace) => joins(trace) && Number(trace.startUnixNano) / 1e6 > Date.now() - 5000,
      );
      expect(stack.stderr).not.toMatch(/installing|building/);
    } finally {
      await stack.stop("SIGINT");
    }
  });

  test("without Python and Go says so in a line each, and the rest runs", async () => {
    const bin = path.join(folder, "bin");
    mkdirSync(bin);
    const real = (command: string): string =>
      execFileSync("sh", ["-c", `command -v ${command}`], { encoding: "utf8" }).trim();
    for (const command of ["sh", "env", "git", "uname"]) symlinkSync(real(command), path.join(bin, command));
    symlinkSync(process.execPath, path.join(bin, "node"));
    // npm finds its own files beside itself, so it is called where it is.
    writeFileSync(path.join(bin, "npm"), `#!/bin/sh\nexec "${real("npm")}" "$@"\n`);
    chmodSync(path.join(bin, "npm"), 0o755);
    const stack = new RunningProgram(["up", "--demo", ...anyPorts, "--data", "bare"], {
      cwd: folder,
      environment: { ...plainEnvironment, PATH: bin },
    });
    try {
      const { front } = await urlsOf(stack);
      await stack.says(/python3 not found: the "reviews" service will not run; .+\n/);
      await stack.says(/go not found: the "inventory" service will not run; .+\n/);
      const trace = await findTrace(front, ({ rootService }) => rootService === "storefront");
      expect(trace.services.map(({ name }) => name)).toEqual(["storefront"]);
    } finally {
      const { code } = await stack.stop("SIGINT");
      expect(code).toBe(0);
    }
  });
});
