import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { OtlpSink, type SunkSpan } from "../../fakes/otlp-sink.ts";
import { tracingRefused } from "./tracing-refused.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const refused = (await tracingRefused("spans of Go programs")) ?? withoutGo();

/** An unmodified program, traced by `otelier run`, stripped of symbols. */
describe.skipIf(refused !== undefined)("a Go program under otelier run", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-go-"));
  const sink = new OtlpSink();
  let run: Run;

  beforeAll(async () => {
    const binary = path.join(folder, "relay");
    execFileSync("go", ["build", "-ldflags=-s -w", "-o", binary, "."], { cwd: fixture });
    await sink.listen();
    run = await startRun(["--name", "relay", "--endpoint", sink.endpoint, "--", binary]);
  });
  afterAll(async () => {
    await run.end();
    sink.server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("says what it traces", async () => {
    await expect
      .poll(() => run.report(), { timeout: 20_000 })
      .toMatch(
        /^otelier: relay \(go \d\S+, pid \d+\): instrumented net\/http server, net\/http client, database\/sql by eBPF; sends traces to /m,
      );
  });

  test("100 requests at once: every span below its own caller, through goroutines", async () => {
    const callers = Array.from({ length: 100 }, (_, index) => ({
      key: `k${index}`,
      traceId: `4bf92f3577b34da6a3ce929d0e0e${(0x1000 + index).toString(16)}`,
      spanId: `00f067aa0ba9${(0x1000 + index).toString(16)}`,
    }));
    const answers = await Promise.all(
      callers.map(async ({ key, traceId, spanId }) => {
        const headers = { traceparent: `00-${traceId}-${spanId}-01` };
        return (await fetch(`${run.url}/orders/${key}`, { headers })).text();
      }),
    );
    expect(answers).toEqual(callers.map(({ key }) => key));
    const of = (traceId: string): readonly SunkSpan[] =>
      sink.spans.filter((span) => span.traceId === traceId);
    await expect
      .poll(() => callers.filter(({ traceId }) => of(traceId).length >= 3).length, { timeout: 20_000 })
      .toBe(100);
    const wrong = callers.filter(({ key, traceId, spanId }) => {
      const server = of(traceId).find(({ kind, parentSpanId }) => kind === 2 && parentSpanId === spanId);
      const below = of(traceId).filter((span) => span.parentSpanId === server?.spanId);
      const places = below.map(({ attributes }) => attributes["url.full"] ?? attributes["db.query.text"]);
      return (
        server?.attributes["url.path"] !== `/orders/${key}` ||
        below.length !== 2 ||
        !places.includes("UPDATE orders SET seen = ? WHERE name = ?") ||
        !places.includes(`${run.url}/parts/${key}`)
      );
    });
    expect(wrong).toEqual([]);
  });

  test("a server span has the names of the semantic conventions", async () => {
    const { text } = await get(`${run.url}/orders/broken?really=1`);
    expect(text).toBe("no\n");
    const broken = (): SunkSpan | undefined =>
      sink.spans.find(({ attributes }) => attributes["url.path"] === "/orders/broken");
    await expect.poll(broken, { timeout: 20_000 }).toBeDefined();
    const port = new URL(run.url).port;
    expect(broken()).toMatchObject({
      service: "relay",
      name: "GET /orders/",
      kind: 2,
      scope: "otelier.ebpf.go",
      parentSpanId: "",
      attributes: {
        "http.request.method": "GET",
        "http.route": "/orders/",
        "http.response.status_code": "503",
        "error.type": "503",
        "url.path": "/orders/broken",
        "url.query": "really=1",
        "url.scheme": "http",
        "server.address": "127.0.0.1",
        "server.port": port,
        "client.address": "127.0.0.1",
        "network.protocol.version": "1.1",
      },
    });
  });

  test("prepared statements leave spans; the caller is found among many headers", async () => {
    const [traceId, parent] = ["4bf92f3577b34da6a3ce929d0e0effff", "00f067aa0ba9ffff"];
    const others = Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`x-other-${index}`, "1"]));
    await fetch(`${run.url}/prepared/`, {
      headers: { ...others, traceparent: `00-${traceId}-${parent}-01` },
    });
    const spans = (): readonly SunkSpan[] => sink.spans.filter((span) => span.traceId === traceId);
    await expect.poll(() => spans().length, { timeout: 20_000 }).toBe(3);
    const server = spans().find(({ parentSpanId }) => parentSpanId === parent);
    const statements = spans().filter(({ parentSpanId }) => parentSpanId === server?.spanId);
    expect(statements.map(({ attributes }) => attributes["db.query.text"])).toEqual(
      Array(2).fill("DELETE FROM orders WHERE name = ?"),
    );
  });

  test("a handler that panics leaves a failed span", async () => {
    await expect(get(`${run.url}/panics/now`)).rejects.toThrow();
    const span = (): SunkSpan | undefined => sink.spans.find(({ name }) => name === "GET /panics/");
    await expect.poll(span, { timeout: 20_000 }).toBeDefined();
    expect(span()?.attributes["error.type"]).toBe("_OTHER");
    expect(span()?.attributes["http.response.status_code"]).toBeUndefined();
  });

  test("the program's exit and its last spans pass through", async () => {
    await get(`${run.url}/orders/broken?last=1`);
    expect(await run.end()).toBe(143);
    expect(sink.spans.some(({ attributes }) => attributes["url.query"] === "last=1")).toBe(true);
  });
});

test.skipIf(refused !== undefined)("go run is traced too, the tool chain is not", async () => {
  const sink = new OtlpSink();
  await sink.listen();
  const run = await startRun(["--endpoint", sink.endpoint, "--", "go", "run", "."]);
  try {
    await expect.poll(() => run.report(), { timeout: 60_000 }).toMatch(/^otelier: relay \(go .* by eBPF/m);
    await get(`${run.url}/orders/broken`);
    await expect
      .poll(() => sink.spans.map(({ name }) => name), { timeout: 20_000 })
      .toEqual(["GET /orders/"]);
  } finally {
    await run.end();
    sink.server.close();
  }
});

test.skipIf(withoutGo() !== undefined)(
  "without privileges one line says so and how to get them; the program runs",
  () => {
    const command = [process.execPath, path.join(root, "dist/main.js"), "run", "--", "go", "version"];
    const [first = "", ...args] =
      process.getuid?.() === 0 ? ["setpriv", "--bounding-set=-all", ...command] : command;
    const { status, stdout, stderr } = spawnSync(first, args, { cwd: fixture, encoding: "utf8" });
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^go version go/)]);
    expect(stderr.split("\n").filter((line) => line.includes("without spans"))).toEqual([
      expect.stringMatching(
        /^otelier: relay is a Go program and runs without spans: .+(EPERM|EACCES).+ run it as root/,
      ),
    ]);
  },
);

const fixture = path.join(root, "test/fixtures/ebpf/go");

function withoutGo(): string | undefined {
  if (spawnSync("go", ["version"]).status === 0) return undefined;
  if (process.env["CI"] === "true") throw new Error("cannot test the tracer: go is not installed");
  process.stderr.write("skipped: spans of Go programs: go is not installed\n");
  return "go is not installed";
}

async function get(url: string): Promise<{ readonly text: string }> {
  return { text: await (await fetch(url)).text() };
}

interface Run {
  /** Where the program listens. */
  readonly url: string;
  /** What `otelier run` has said. */
  report(): string;
  /** Ends the program; resolves with the exit code of `otelier run`. */
  end(): Promise<number | null>;
}

/** Starts `otelier run` and waits for the address that the fixture prints. */
async function startRun(args: readonly string[]): Promise<Run> {
  const child: ChildProcess = spawn(process.execPath, [path.join(root, "dist/main.js"), "run", ...args], {
    cwd: fixture,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: the program below is ended with it.
    detached: true,
  });
  const text = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream]?.setEncoding("utf8").on("data", (chunk: string) => (text[stream] += chunk));
  }
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  await vi.waitUntil(() => /^http:\/\/\S+$/m.test(text.stdout) || child.exitCode !== null, {
    timeout: 120_000,
  });
  return {
    url: /^http:\/\/\S+$/m.exec(text.stdout)?.[0] ?? "",
    report: () => text.stderr,
    end: () => {
      if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
      return ended;
    },
  };
}
