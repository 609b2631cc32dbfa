import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import http2 from "node:http2";
import os from "node:os";
import path from "node:path";
import { finished } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OtlpSink, type SunkSpan } from "../../fakes/otlp-sink.ts";
import { withoutGo } from "../../fakes/go-toolchains.ts";
import { root, startRun, type Run } from "./go-run.ts";
import { tracingRefused } from "./tracing-refused.ts";

const fixture = path.join(root, "test/fixtures/ebpf/grpc");
const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-grpc-"));
const binary = path.join(folder, "ledger");
const refused =
  (await tracingRefused("spans of gRPC in Go")) ?? withoutGo("spans of gRPC in Go") ?? unbuilt();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An unmodified program with google.golang.org/grpc, stripped of symbols. */
describe.skipIf(refused !== undefined)("gRPC in a Go program under otelier run", () => {
  const sink = new OtlpSink();
  let run: Run;

  beforeAll(async () => {
    await sink.listen();
    run = await startRun(fixture, ["--name", "ledger", "--endpoint", sink.endpoint, "--", binary]);
  });
  afterAll(async () => {
    await run.end();
    sink.server.close();
  });

  test("says what it traces", async () => {
    await expect
      .poll(() => run.report())
      .toMatch(/ instrumented net\/http server, grpc server, grpc client by eBPF/);
  });

  test.each([
    ["/get/rent", "Get", 0, "OK", {}, {}],
    ["/get/missing", "Get", 5, "NOT_FOUND", {}, { "error.type": "NOT_FOUND" }],
    ["/get/broken", "Get", 2, "UNKNOWN", { "error.type": "UNKNOWN" }, { "error.type": "UNKNOWN" }],
    ["/follow/rent", "Follow", 0, "OK", {}, {}],
    ["/follow/torn", "Follow", 15, "DATA_LOSS", { "error.type": "DATA_LOSS" }, { "error.type": "DATA_LOSS" }],
  ])(
    "%s: the call is below its request, and has its status",
    async (place, method, code, status, server, client) => {
      const traceId = traceIdOf(place);
      const answer = await fetch(run.url + place, {
        headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
      });
      expect(await answer.text()).toBe(goNames[code]);
      const mine = (): readonly SunkSpan[] => sink.spans.filter((span) => span.traceId === traceId);
      await expect.poll(() => mine().length).toBe(3);
      const call = mine().find(({ kind }) => kind === 3);
      const served = mine().find(({ parentSpanId }) => parentSpanId === call?.spanId);
      const request = mine().find((span) => span.kind === 2 && span !== served);
      const { port } = new URL(run.rpcUrl);
      const common = {
        "rpc.system.name": "grpc",
        "rpc.method": `ledger.v1.Accounts/${method}`,
        "rpc.status_code": status,
      };
      expect(call).toMatchObject({ name: `ledger.v1.Accounts/${method}`, parentSpanId: request?.spanId });
      expect(call?.attributes).toEqual({
        ...common,
        ...client,
        "server.address": "127.0.0.1",
        "server.port": port,
      });
      expect(served).toMatchObject({ kind: 2, name: call?.name, attributes: { ...common, ...server } });
      expect(served?.durationMs).toBeGreaterThan(0);
      expect(served?.durationMs).toBeLessThanOrEqual(call?.durationMs ?? 0);
    },
  );

  test("a call that reaches no server is a span too", async () => {
    const traceId = traceIdOf("nowhere");
    await fetch(`${run.url}/nowhere/`, { headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` } });
    const call = (): SunkSpan | undefined =>
      sink.spans.find((span) => span.traceId === traceId && span.kind === 3);
    await expect.poll(call).toBeDefined();
    expect(call()?.attributes).toMatchObject({
      "rpc.status_code": "UNAVAILABLE",
      "error.type": "UNAVAILABLE",
    });
  });

  test("100 calls at once on one connection: each is below its own caller; those without one are roots", async () => {
    const session = http2.connect(run.rpcUrl);
    const made = Array.from({ length: 100 }, (_, index) => ({
      traceId: `7bf92f3577b34da6a3ce929d0e0e${(0x1000 + index).toString(16)}`,
      parent: `00f067aa0bc9${(0x1000 + index).toString(16)}`,
    }));
    try {
      const answers = await Promise.all([
        ...made.map(({ traceId, parent }) =>
          call(session, "/ledger.v1.Accounts/Get", { traceparent: `00-${traceId}-${parent}-01` }),
        ),
        call(session, "/ledger.v1.Accounts/Burn", {}),
      ]);
      expect(answers).toEqual([...made.map(() => "0"), "12"]);
    } finally {
      session.close();
    }
    const spans = (): readonly SunkSpan[] =>
      sink.spans.filter(({ traceId }) => traceId.startsWith("7bf92f35"));
    await expect.poll(() => spans().length).toBe(made.length);
    const seen = spans().map(({ traceId, parentSpanId }) => ({ traceId, parent: parentSpanId }));
    expect(seen.toSorted((left, right) => left.traceId.localeCompare(right.traceId))).toEqual(made);
    const unknown = (): SunkSpan | undefined => sink.spans.find(({ name }) => name === "grpc");
    await expect.poll(unknown).toBeDefined();
    expect(unknown()).toMatchObject({ parentSpanId: "", kind: 2 });
    expect(unknown()?.attributes).toEqual({
      "rpc.system.name": "grpc",
      "rpc.method": "_OTHER",
      "rpc.method_original": "ledger.v1.Accounts/Burn",
      "rpc.status_code": "UNIMPLEMENTED",
      "error.type": "UNIMPLEMENTED",
    });
  });

  test("300 calls of a client on one connection, 100 at once: the server's spans are below their own calls", async () => {
    const made = Array.from(
      { length: 300 },
      (_, index) => `9bf92f3577b34da6a3ce929d0e0e${(0x1000 + index).toString(16)}`,
    );
    const get = async (traceId: string): Promise<string> => {
      const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
      return (await fetch(`${run.url}/get/rent`, { headers })).text();
    };
    for (let at = 0; at < made.length; at += 100) {
      const answers = await Promise.all(made.slice(at, at + 100).map(get));
      expect(new Set(answers)).toEqual(new Set(["OK"]));
    }
    const wrong = (): readonly string[] =>
      made.filter((traceId) => {
        const mine = sink.spans.filter((span) => span.traceId === traceId);
        const call = mine.find(({ kind }) => kind === 3);
        return !mine.some((span) => span.kind === 2 && span.parentSpanId === call?.spanId);
      });
    await expect.poll(wrong).toEqual([]);
  });

  test("metrics count the calls by method and status", async () => {
    const counted = (side: string): Readonly<Record<string, number>> =>
      Object.fromEntries(
        (sink.metrics.findLast(({ name }) => name === `rpc.${side}.call.duration`)?.histograms ?? []).map(
          ({ attributes, count }) => [`${attributes["rpc.method"]} ${attributes["rpc.status_code"]}`, count],
        ),
      );
    const accounts = {
      "ledger.v1.Accounts/Get NOT_FOUND": 1,
      "ledger.v1.Accounts/Get UNKNOWN": 1,
      "ledger.v1.Accounts/Follow OK": 1,
      "ledger.v1.Accounts/Follow DATA_LOSS": 1,
    };
    await expect
      .poll(() => counted("server"))
      .toEqual({ ...accounts, "ledger.v1.Accounts/Get OK": 401, "_OTHER UNIMPLEMENTED": 1 });
    await expect
      .poll(() => counted("client"))
      .toEqual({ ...accounts, "ledger.v1.Accounts/Get OK": 301, "ledger.v1.Accounts/Get UNAVAILABLE": 1 });
  });
});

/** As the library prints them. */
const goNames: Readonly<Record<number, string>> = {
  0: "OK",
  2: "Unknown",
  5: "NotFound",
  15: "DataLoss",
};

function traceIdOf(name: string): string {
  return Buffer.from(name.padEnd(16, "-")).toString("hex").slice(0, 32);
}

/** Calls a method with an empty message; resolves with "grpc-status". */
async function call(
  session: http2.ClientHttp2Session,
  method: string,
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  const stream = session.request({
    ":method": "POST",
    ":path": method,
    "content-type": "application/grpc",
    te: "trailers",
    ...headers,
  });
  let status = "";
  const note = (found: http2.IncomingHttpHeaders): void => {
    status = String(found["grpc-status"] ?? status);
  };
  stream.on("response", note).on("trailers", note);
  stream.end(Buffer.alloc(5));
  const response = once(stream, "response");
  await response;
  await finished(stream.resume());
  return status;
}

/** Its library comes over the network where it is not there yet. */
function unbuilt(): string | undefined {
  const { status, stderr } = spawnSync("go", ["build", "-ldflags=-s -w", "-o", binary, "."], {
    cwd: fixture,
    encoding: "utf8",
  });
  if (status === 0) return undefined;
  const reason = `the program does not build: ${stderr.trim().split("\n").at(-1) ?? ""}`;
  if (process.env["CI"] === "true") throw new Error(reason);
  process.stderr.write(`skipped: spans of gRPC in Go: ${reason}\n`);
  return reason;
}
