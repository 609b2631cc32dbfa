import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LoadedObject } from "../../../src/instrument/ebpf/kernel/bpf.ts";
import { readGoObjects } from "../../../src/instrument/ebpf/object-file.ts";
import { Tracer } from "../../../src/instrument/ebpf/tracer.ts";
import { withoutGo } from "../../fakes/go-toolchains.ts";
import { until } from "../until.ts";
import { root } from "./go-run.ts";
import { start, type Started } from "./started.ts";
import { tracingRefused } from "./tracing-refused.ts";

const what = "gRPC calls of Go that carry a traceparent of their own";
const refused = (await tracingRefused(what)) ?? withoutGo(what);
const calls = 20;

describe.skipIf(refused !== undefined)(what, () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-own-context-"));
  const binary = path.join(folder, "ledger");
  const fixture = path.join(root, "test/fixtures/ebpf/grpc");
  let tracer: Tracer;
  let program: Started;
  let url = "";

  beforeAll(async () => {
    execFileSync("go", ["build", "-o", binary, "."], { cwd: fixture });
    tracer = new Tracer(readGoObjects(), { wantsLogs: false, ofLauncher: false });
    const watched = tracer.watch(binary, "ledger", 0);
    if (watched.kind !== "watched") throw new Error(watched.reason);
    program = start(binary, [], {});
    await until(() => /^http:\S+$/m.test(program.stdout()));
    url = /^http:\S+$/m.exec(program.stdout())![0];
    tracer.trace(program.pid, watched, { propagates: true, logs: false });
  });
  afterAll(async () => {
    await program.end("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  const carried = async (own: string): Promise<string> => (await fetch(`${url}/carried/${own}`)).text();

  test("keep it, and leave nothing behind for the calls of others", async () => {
    const [others, own] = [new Set<string>(), new Set<string>()];
    for (let index = 0; index < calls; index++) {
      others.add(await carried(""));
      own.add(await carried(`00-${(index + 1).toString(16).padStart(32, "a")}-00f067aa0ba902b7-01`));
    }
    // Each call without one got one, so that the tracer does note calls.
    expect(others.size).toBe(calls);
    for (const context of others) expect(context).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(own.size).toBe(calls);
    for (const context of own) expect(context).toMatch(/^00-a{30}[0-9a-f]{2}-00f067aa0ba902b7-01$/);
    // Where a call's array of fields lies, that of any other may lie later.
    for (const map of ["field_spans", "beginning_calls"])
      expect([map, ...loaded(tracer).map(map).keys()]).toEqual([map]);
  });
});

/** What it has in the kernel, of which nothing else tells what waits there. */
function loaded(tracer: Tracer): LoadedObject {
  const { object } = tracer as unknown as { readonly object: LoadedObject };
  return object;
}
