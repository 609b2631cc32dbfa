import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goToolchains, withoutGo } from "../../fakes/go-toolchains.ts";
import { OtlpSink, type SunkSpan } from "../../fakes/otlp-sink.ts";
import { root, startRun, type Run } from "./go-run.ts";
import { tracingRefused } from "./tracing-refused.ts";

const fixture = path.join(root, "test/fixtures/ebpf/grpc");
const refused =
  (await tracingRefused("spans of programs of several versions of Go")) ??
  withoutGo("programs of several versions of Go");
const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-matrix-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const stripped = ["stripped", ["-ldflags=-s -w"]] as const;
const movable = ["stripped and position-independent", ["-buildmode=pie", "-ldflags=-s -w"]] as const;
/** The newest gRPC is for the newest Go; what is only stripped, of the installed Go, has tests of its own. */
const older = refused === undefined ? goToolchains() : [];
const builds = [
  ...older.flatMap(({ version, environment }) =>
    [stripped, movable].map(([way, flags]) => ({
      version,
      way,
      flags: ["-modfile=older.mod", ...flags],
      environment,
    })),
  ),
  { version: "", way: movable[0], flags: movable[1], environment: process.env },
];

describe.skipIf(refused !== undefined).each(builds)(
  "a program of Go $version, $way",
  ({ version, way, flags, environment }) => {
    const sink = new OtlpSink();
    let run: Run;

    beforeAll(async () => {
      const binary = path.join(folder, `ledger-${version}-${way.replaceAll(" ", "-")}`);
      execFileSync("go", ["build", ...flags, "-o", binary, "."], { cwd: fixture, env: environment });
      await sink.listen();
      run = await startRun(folder, ["--name", "ledger", "--endpoint", sink.endpoint, "--", binary]);
    });
    afterAll(async () => {
      await run.end();
      await sink.close();
    });

    test("is traced without anything that is missing", async () => {
      await expect
        .poll(() => run.report())
        .toContain("instrumented net/http server, grpc server, grpc client by eBPF");
      expect(run.report()).toContain(`ledger (go ${version}`);
      expect(run.report()).not.toContain("was not tried");
    });

    test("an HTTP/1 request and the gRPC call below it are one trace", async () => {
      const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
      const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, "user-agent": "matrix" };
      const answer = await fetch(`${run.url}/get/missing?why=1`, { headers });
      expect(await answer.text()).toBe("NotFound");
      const spans = (): readonly SunkSpan[] => sink.spans.filter((span) => span.traceId === traceId);
      await expect.poll(() => spans().length).toBe(3);
      const request = spans().find(({ parentSpanId }) => parentSpanId === "00f067aa0ba902b7");
      const call = spans().find(({ kind }) => kind === 3);
      const served = spans().find((span) => span.kind === 2 && span !== request);
      const { port } = new URL(run.url);
      expect(request).toMatchObject({
        name: "GET /get/",
        kind: 2,
        attributes: {
          "http.request.method": "GET",
          "http.route": "/get/",
          "url.path": "/get/missing",
          "url.query": "why=1",
          "url.scheme": "http",
          "server.address": "127.0.0.1",
          "server.port": port,
          "client.address": "127.0.0.1",
          "http.response.status_code": "200",
          "network.protocol.version": "1.1",
        },
      });
      const rpc = { "rpc.method": "ledger.v1.Accounts/Get", "rpc.status_code": "NOT_FOUND" };
      expect(call).toMatchObject({ parentSpanId: request?.spanId, attributes: rpc });
      expect(served).toMatchObject({ parentSpanId: call?.spanId, attributes: rpc });
    });
  },
);
