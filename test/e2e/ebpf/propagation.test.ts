import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../until.ts";
import { OtlpSink, type SunkSpan } from "../../fakes/otlp-sink.ts";
import { withoutGo } from "../../fakes/go-toolchains.ts";
import { root, startRun, type Run } from "./go-run.ts";
import { tracingRefused } from "./tracing-refused.ts";

const refused =
  (await tracingRefused("trace context of Go programs")) ?? withoutGo("trace context of Go programs");
const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";

/** What came at the other end of the wire. */
interface Received {
  readonly traceparents: readonly string[];
  readonly method: string;
  readonly length: number;
  readonly digest: string;
}

describe.skipIf(refused !== undefined)("requests that a Go program sends", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-outgoing-"));
  const binary = path.join(folder, "relay");
  const sink = new OtlpSink();
  const callee = createServer((request, response) => {
    const hash = createHash("sha256");
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      hash.update(chunk);
      length += chunk.length;
    });
    request.on("end", () => {
      const traceparents = request.headersDistinct["traceparent"] ?? [];
      response.end(
        JSON.stringify({ traceparents, method: request.method, length, digest: hash.digest("hex") }),
      );
    });
  });
  let to = "";
  let run: Run;

  beforeAll(async () => {
    execFileSync("go", ["build", "-o", binary, "."], { cwd: path.join(root, "test/fixtures/ebpf/go") });
    await sink.listen();
    await once(callee.listen(0, "127.0.0.1"), "listening");
    to = `http://127.0.0.1:${(callee.address() as AddressInfo).port}/target`;
    run = await startRun(folder, ["--name", "relay", "--endpoint", sink.endpoint, "--", binary]);
    await until(() => run.report().includes("by eBPF"));
  });
  afterAll(async () => {
    await run.end();
    callee.close();
    await sink.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function forward(at: Run, query: string, body?: Buffer, flags = "01"): Promise<Received> {
    const answer = await fetch(`${at.url}/forward/?to=${to}${query}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-${flags}` },
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
    });
    return (await answer.json()) as Received;
  }

  test.each([
    ["without a body", undefined, ""],
    ["with a body that does not fit into one write", Buffer.alloc(300_000, "a body"), ""],
    ["with a long path", undefined, encodeURIComponent(`?${"x".repeat(900)}`)],
  ])("%s: carry the span of the request", async (_, body, query) => {
    const received = await forward(run, query, body);
    const [header = ""] = received.traceparents;
    expect(received).toEqual({
      traceparents: [expect.stringMatching(`^00-${traceId}-[0-9a-f]{16}-01$`)],
      method: body === undefined ? "GET" : "POST",
      length: body?.length ?? 0,
      digest: createHash("sha256")
        .update(body ?? "")
        .digest("hex"),
    });
    const span = (): SunkSpan | undefined => sink.spans.find(({ spanId }) => spanId === header.split("-")[2]);
    await expect.poll(span).toMatchObject({ traceId, kind: 3, name: received.method });
  });

  test("one after the other on a connection: each carries its own span", async () => {
    const seen = new Set<string>();
    for (let count = 0; count < 50; count++) {
      const { traceparents } = await forward(run, "");
      expect(traceparents).toHaveLength(1);
      seen.add(traceparents[0] ?? "");
    }
    expect(seen.size).toBe(50);
  });

  test("with a traceparent of the program's own get no second one", async () => {
    const own = "00-11111111111111111111111111111111-2222222222222222-01";
    expect((await forward(run, `&own=${own}`)).traceparents).toEqual([own]);
  });

  test("of a trace that is not sampled say so", async () => {
    expect((await forward(run, "", undefined, "00")).traceparents).toEqual([
      expect.stringMatching(`^00-${traceId}-[0-9a-f]{16}-00$`),
    ]);
  });

  test("carry it from the first on in further runs, beside the one and right after each other", async () => {
    for (let time = 0; time < 2; time++) {
      const again = await startRun(folder, ["--endpoint", sink.endpoint, "--", binary]);
      try {
        await until(() => again.report().includes("by eBPF"));
        expect((await forward(again, "")).traceparents).toHaveLength(1);
      } finally {
        await again.end();
      }
    }
  });

  test("carry nothing where OTEL_PROPAGATORS does not ask for it", async () => {
    const args = ["--endpoint", sink.endpoint, "--", binary];
    const other = await startRun(folder, args, { OTEL_PROPAGATORS: "b3" });
    try {
      await expect.poll(() => other.report()).toContain("by eBPF");
      expect((await forward(other, "")).traceparents).toEqual([]);
    } finally {
      await other.end();
    }
  });
});
