/** `npm start` as its user sees it: the stack and the shop, one trace through two services, their logs and metrics beside it. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { MetricSummary, Page, SpanDetail, StoredLog } from "../../../src/api/explore/wire.ts";
import {
  anyPorts,
  plainEnvironment,
  removeFolder,
  RunningProgram,
  temporaryFolder,
  urlsOf,
} from "./run-stack.ts";
import { ask, findTrace, hasToolchains, joins, wholeTrace } from "./shop.ts";

const folder = temporaryFolder();
afterAll(() => removeFolder(folder));

describe.skipIf(!hasToolchains)("up --demo", () => {
  test("shows one trace through both services with right parents, with the logs and metrics of both", async () => {
    const stack = new RunningProgram(["up", "--demo", ...anyPorts, "--data", "shop"], {
      cwd: folder,
      environment: { ...plainEnvironment, OTEL_METRIC_EXPORT_INTERVAL: "1000" },
    });
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
    const startedMs = Date.now();
    const stack = new RunningProgram(["up", "--demo", ...anyPorts, "--data", "shop"], { cwd: folder });
    try {
      const { front } = await urlsOf(stack);
      await findTrace(front, (trace) => joins(trace) && Number(trace.startUnixNano) / 1e6 > startedMs);
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
