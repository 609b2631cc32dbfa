import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/base/clock.ts";
import { readObject } from "../../../src/instrument/ebpf/object-file.ts";
import type { ProcessChanges } from "../../../src/instrument/ebpf/process-changes.ts";
import type { FromTracer } from "../../../src/instrument/ebpf/trace-messages.ts";
import { startTracer } from "../../../src/instrument/ebpf/tracer-process.ts";
import { withoutGo } from "../../fakes/go-toolchains.ts";
import { OtlpSink } from "../../fakes/otlp-sink.ts";
import { until } from "../until.ts";
import { root, startRun } from "./go-run.ts";
import { tracingRefused } from "./tracing-refused.ts";

const refused = await tracingRefused("what the kernel says of processes");
/** More than any test takes: what is waited for is said, not found. */
const longMs = 600_000;

describe.skipIf(refused !== undefined)("changes of processes", () => {
  const started: ChildProcess[] = [];
  let changes: ProcessChanges | undefined;

  afterEach(() => {
    changes?.end();
    for (const child of started.splice(0)) child.kill("SIGKILL");
  });

  async function begin(all: boolean): Promise<ProcessChanges> {
    const { ProcessChanges: Changes } = await import("../../../src/instrument/ebpf/process-changes.ts");
    return (changes = new Changes(readObject("processes"), systemClock, all));
  }

  /** A shell that does what it is told, line by line; resolves once it does. */
  async function shell(): Promise<{
    readonly pid: number;
    readonly run: (line: string) => Promise<string>;
    readonly leave: () => void;
  }> {
    const child = spawn("sh", { stdio: ["pipe", "pipe", "inherit"] });
    started.push(child);
    const run = async (line: string): Promise<string> => {
      child.stdin.write(`${line}\n`);
      const [output] = (await once(child.stdout, "data")) as [Buffer];
      return output.toString().trim();
    };
    await run("echo ready");
    return { pid: child.pid!, run, leave: () => child.stdin.end() };
  }

  /** All that is said until a process executes a file. */
  async function nextExecuted(): Promise<readonly number[]> {
    for (;;) {
      const said = await changes!.next(longMs);
      if (said === undefined || said.executed.length > 0) return said?.executed ?? [];
    }
  }

  test("of one that is followed and what it starts, not of others, are said at once", async () => {
    const said = await begin(false);
    const [followed, stranger] = [await shell(), await shell()];
    expect([said.follow([followed.pid]), said.follow([followed.pid])]).toEqual([true, false]);
    await stranger.run("sleep 0; echo done");
    expect(said.take()).toBeUndefined();

    const executed = nextExecuted();
    // Its parent, which nobody knew, has ended before anybody looks.
    const line = await followed.run("sh -c 'sleep 600 >/dev/null & echo $!'");
    const sleeping = Number(line);
    try {
      const pids = [...(await executed)];
      while (!pids.includes(sleeping)) pids.push(...(await nextExecuted()));
      expect(pids).toHaveLength(2);
    } finally {
      process.kill(sleeping);
    }
    // It ends, and then the shell.
    expect(await said.next(longMs)).toEqual({ executed: [] });
    followed.leave();
    expect(await said.next(longMs)).toEqual({ executed: [] });
  });

  test("are enough to meet whoever executes a file, without a look in between", async () => {
    const { ProcessWatch } = await import("../../../src/instrument/ebpf/process-watch.ts");
    const said = await begin(false);
    const followed = await shell();
    const met: number[] = [];
    const watch = new ProcessWatch({
      // Its time stands still.
      clock: { ...systemClock, monotonic: () => 0, schedule: () => () => undefined },
      changes: said,
      meet: (pid) => met.push(pid),
      end: () => undefined,
    });
    const stop = new AbortController();
    watch.add(followed.pid);
    const watching = watch.run(stop.signal);
    const sleeping = Number(await followed.run("sleep 600 >/dev/null & echo $!"));
    await expect.poll(() => met.slice(-1)).toEqual([sleeping]);
    process.kill(sleeping);
    stop.abort();
    await watching;
  });

  test("are said no more of what is not followed any more", async () => {
    const said = await begin(false);
    const [first, second] = [await shell(), await shell()];
    said.follow([first.pid, second.pid]);
    said.follow([second.pid]);
    await first.run("sleep 0; echo done");
    expect(said.take()).toBeUndefined();
    await second.run("sleep 0; echo done");
    expect(said.take()?.executed).toHaveLength(1);
  });

  test("of all are said, and of sockets that begin to listen", async () => {
    const said = await begin(true);
    const stranger = await shell();
    const pids: number[] = [];
    while (!pids.includes(stranger.pid)) pids.push(...(await nextExecuted()));
    said.take();
    // Other processes of the machine may say something too; without them only this does.
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    expect(await said.next(longMs)).toBeDefined();
    server.close();
  });

  test("whoever waits for one waits no longer than until the end, and within its time", async () => {
    const said = await begin(false);
    expect(await said.next(1)).toBeUndefined();
    const waiting = said.next(longMs);
    said.end();
    expect(await waiting).toBeUndefined();
    expect(await said.next(longMs)).toBeUndefined();
  });

  test("a process that waits for one ends at once", async () => {
    const { status } = await run(`
      const { ProcessChanges } = await import(root + "/dist/instrument/ebpf/process-changes.js");
      const { readObject } = await import(root + "/dist/instrument/ebpf/object-file.js");
      const { systemClock } = await import(root + "/dist/base/clock.js");
      new ProcessChanges(readObject("processes"), systemClock, false).next(${longMs});
      setTimeout(() => process.exit(7), 100);
    `);
    expect(status).toBe(7);
  });
});

test.skipIf(refused !== undefined || withoutGo("a pool of one thread") !== undefined)(
  "a program that has one thread for libuv is traced, and its receiver is found by name",
  async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-pool-"));
    const sink = new OtlpSink();
    await sink.listen();
    const binary = path.join(folder, "relay");
    execFileSync("go", ["build", "-o", binary, "."], { cwd: path.join(root, "test/fixtures/ebpf/go") });
    const endpoint = sink.endpoint.replace("127.0.0.1", "localhost");
    const traced = await startRun(folder, ["--endpoint", endpoint, "--", binary], {
      UV_THREADPOOL_SIZE: "1",
    });
    try {
      await until(() => traced.report().includes("by eBPF"));
      await fetch(`${traced.url}/status/204`);
      await expect.poll(() => sink.spans.length).toBeGreaterThan(0);
    } finally {
      await traced.end();
      await sink.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

test.skipIf(refused !== undefined || withoutGo("what a shell executes") !== undefined)(
  "of what a shell executes there is a line about Go programs only",
  async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-lines-"));
    const binary = path.join(folder, "relay");
    execFileSync("go", ["build", "-o", binary, "."], { cwd: path.join(root, "test/fixtures/ebpf/go") });
    const said: FromTracer[] = [];
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9", OTEL_METRICS_EXPORTER: "none" };
    const tracer = await startTracer({ environment, version: "1" }, (message) => said.push(message));
    if ("refused" in tracer) throw new Error(tracer.refused);
    // Many: some have ended when their files are to be read.
    const shell =
      'read line; sleep 0; for each in 1 2 3 4 5 6 7 8 9; do for all in 1 2 3 4 5 6 7 8 9; do ls / >/dev/null; done; done; exec "$0"';
    const child = spawn("sh", ["-c", shell, binary], {
      stdio: ["pipe", "ignore", "inherit"],
    });
    try {
      tracer.trace(child.pid!);
      child.stdin.write("go on\n");
      await until(() => said.some(({ kind }) => kind === "traced"));
      expect(said.map(({ kind }) => kind)).toEqual(["traced"]);
    } finally {
      child.kill("SIGKILL");
      await tracer.stop(4000);
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

async function run(code: string): Promise<{ readonly status: number }> {
  const child = spawn(
    process.execPath,
    ["--input-type=module", "-e", `const root = process.argv[1];${code}`, root],
    {
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  const [status] = (await once(child, "exit")) as [number];
  return { status };
}
