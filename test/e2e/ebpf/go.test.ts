import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import http2 from "node:http2";
import os from "node:os";
import path from "node:path";
import { finished } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OtlpSink, type SunkLog, type SunkMetric, type SunkSpan } from "../../fakes/otlp-sink.ts";
import { withoutGo } from "../../fakes/go-toolchains.ts";
import { root, startRun, type Run } from "./go-run.ts";
import { tracingRefused } from "./tracing-refused.ts";

const refused = (await tracingRefused("spans of Go programs")) ?? withoutGo("spans of Go programs");

/** Its go.mod says Go 1.18, with which the mux is that of before Go 1.22; else requests have their route when they end. */
const muxes = [
  ["the mux that its go.mod asks for", {}],
  ["the mux of Go 1.22", { GODEBUG: "httpmuxgo121=0" }],
] as const;

/** An unmodified program, traced by `otelier run`, stripped of symbols. */
describe.skipIf(refused !== undefined).each(muxes)(
  "a Go program under otelier run, with %s",
  (_, environment) => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "otelier-go-"));
    const sink = new OtlpSink();
    let run: Run;

    beforeAll(async () => {
      const binary = path.join(folder, "relay");
      execFileSync("go", ["build", "-ldflags=-s -w", "-o", binary, "."], { cwd: fixture });
      await sink.listen();
      const args = ["--name", "relay", "--endpoint", sink.endpoint, "--", binary];
      run = await startRun(fixture, args, environment);
    });
    afterAll(async () => {
      await run.end();
      sink.server.close();
      rmSync(folder, { recursive: true, force: true });
    });

    test("says what it traces", async () => {
      await expect
        .poll(() => run.report())
        .toMatch(
          /^otelier: relay \(go \d\S+, pid \d+\): instrumented net\/http server, net\/http client, database\/sql by eBPF; sends traces to \S+, metrics to \S+, logs to \S+$/m,
        );
    });

    test("100 requests at once: every span below its own caller, through goroutines and over the wire", async () => {
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
      await expect.poll(() => callers.filter(({ traceId }) => of(traceId).length >= 4).length).toBe(100);
      const wrong = callers.filter(({ key, traceId, spanId }) => {
        const server = of(traceId).find(({ kind, parentSpanId }) => kind === 2 && parentSpanId === spanId);
        const below = of(traceId).filter((span) => span.parentSpanId === server?.spanId);
        const places = below.map(({ attributes }) => attributes["url.full"] ?? attributes["db.query.text"]);
        const client = below.find(({ attributes }) => attributes["url.full"] !== undefined);
        const called = of(traceId).find(({ name }) => name === "GET /parts/");
        return (
          called?.parentSpanId !== client?.spanId ||
          server?.attributes["url.path"] !== `/orders/${key}` ||
          below.length !== 2 ||
          !places.includes("UPDATE orders SET seen = ? WHERE name = ?") ||
          !places.includes(`${run.url}/parts/${key}`)
        );
      });
      expect(wrong).toEqual([]);
    });

    test("what goes on when its request is over is below it, whatever its connection answers meanwhile", async () => {
      const callers = Array.from({ length: 200 }, (_, index) => ({
        traceId: `6bf92f3577b34da6a3ce929d0e0e${(0x1000 + index).toString(16)}`,
        spanId: `00f067aa0ba9${(0x1000 + index).toString(16)}`,
      }));
      for (const { traceId, spanId } of callers) {
        const headers = { traceparent: `00-${traceId}-${spanId}-01` };
        await (await fetch(`${run.url}/later/${spanId}`, { headers })).arrayBuffer();
      }
      await get(`${run.url}/later/now`);
      const right = (): number =>
        callers.filter(({ traceId, spanId }) => {
          const all = sink.spans.filter((span) => span.traceId === traceId);
          const server = all.find(({ kind, parentSpanId }) => kind === 2 && parentSpanId === spanId);
          return all.some(
            ({ parentSpanId, attributes }) =>
              parentSpanId === server?.spanId && attributes["db.query.text"] !== undefined,
          );
        }).length;
      await expect.poll(right).toBe(callers.length);
    });

    test("a server span has the names of the semantic conventions", async () => {
      const { text } = await get(`${run.url}/orders/broken?really=1`);
      expect(text).toBe("no\n");
      const broken = (): SunkSpan | undefined =>
        sink.spans.find(({ attributes }) => attributes["url.path"] === "/orders/broken");
      await expect.poll(broken).toBeDefined();
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

    test("metrics count every request and error that was made, sampled or not; spans every sampled one", async () => {
      const made = Array.from({ length: 2000 }, (_, index) => ({
        status: [200, 200, 200, 404, 500, 200, 200][index % 7]!,
        sampled: index % 3 !== 0,
        traceId: `5bf92f3577b34da6a3ce929d0e0e${(0x1000 + index).toString(16)}`,
      }));
      await get(`${run.url}/orders/one`);
      await inTurns(16, made, async ({ status, sampled, traceId }) => {
        const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-0${sampled ? 1 : 0}` };
        const answer = await fetch(`${run.url}/status/${status}`, { headers });
        await answer.arrayBuffer();
        expect(answer.status).toBe(status);
      });
      const count = (code: number): number => made.filter((each) => each.status === code).length;
      const status = (labels: Readonly<Record<string, unknown>>): number =>
        Number(labels["http.response.status_code"]);
      const common = {
        "http.request.method": "GET",
        "http.route": "/status/",
        "network.protocol.version": "1.1",
        "url.scheme": "http",
      };
      const latest = (): SunkMetric | undefined =>
        sink.metrics.findLast(({ name }) => name === "http.server.request.duration");
      await expect
        .poll(() =>
          latest()
            ?.histograms.filter(({ attributes }) => attributes["http.route"] === "/status/")
            .map(({ attributes, count: counted }) => ({ ...attributes, counted }))
            .toSorted((left, right) => status(left) - status(right)),
        )
        .toEqual([
          { ...common, "http.response.status_code": "200", counted: count(200) },
          { ...common, "http.response.status_code": "404", counted: count(404) },
          { ...common, "http.response.status_code": "500", "error.type": "500", counted: count(500) },
        ]);
      expect(latest()?.histograms[0]?.bounds).toEqual([
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
      ]);
      expect(latest()).toMatchObject({ service: "relay" });
      expect(new Set(sink.metrics.map(({ name }) => name))).toEqual(
        new Set([
          "http.server.request.duration",
          "http.client.request.duration",
          "db.client.operation.duration",
          "process.cpu.time",
          "process.memory.usage",
          "process.memory.virtual",
          "process.thread.count",
          "process.unix.file_descriptor.count",
          ...["used", "allocated", "allocations", "gc.goal"].map((name) => `go.memory.${name}`),
          ...["goroutine.count", "processor.limit", "config.gogc", "schedule.duration"].map(
            (name) => `go.${name}`,
          ),
        ]),
      );
      const last = (name: string): number =>
        sink.metrics.findLast((metric) => metric.name === name)?.values[0] ?? 0;
      // Each request that was served made more than one.
      expect(last("go.memory.allocations")).toBeGreaterThan(made.length);
      expect(last("go.config.gogc")).toBe(100);
      expect(last("go.goroutine.count")).toBeGreaterThan(2);
      const sampled = made.filter((each) => each.sampled).map(({ traceId }) => traceId);
      const traced = (): readonly string[] =>
        sink.spans.filter(({ name }) => name === "GET /status/").map(({ traceId }) => traceId);
      await expect.poll(() => traced().length).toBe(sampled.length);
      expect(traced().toSorted()).toEqual(sampled.toSorted());
      expect(run.report()).not.toContain("lost");
    });

    test("HTTP/2: each request on one connection is below its own caller", async () => {
      const version = (attributes: SunkSpan["attributes"]): string | undefined =>
        attributes["network.protocol.version"];
      const session = http2.connect(run.secureUrl, { rejectUnauthorized: false });
      const made = Array.from({ length: 50 }, (_, index) => ({
        status: index % 5 === 0 ? 503 : 200,
        traceId: `6bf92f3577b34da6a3ce929d0e0e${(0x1000 + index).toString(16)}`,
        parent: `00f067aa0bb9${(0x1000 + index).toString(16)}`,
      }));
      try {
        await Promise.all(
          made.map(async ({ status, traceId, parent }) => {
            const path = `/status/${status}`;
            const stream = session.request({ ":path": path, traceparent: `00-${traceId}-${parent}-01` });
            const [headers] = (await once(stream, "response")) as [http2.IncomingHttpHeaders];
            expect(headers[":status"]).toBe(status);
            await finished(stream.resume());
          }),
        );
        const panicking = session.request({ ":path": "/panics/secure" });
        await expect(finished(panicking.resume())).rejects.toThrow();
      } finally {
        session.close();
      }
      const spans = (): readonly SunkSpan[] =>
        sink.spans.filter(({ name, attributes }) => name === "GET /status/" && version(attributes) === "2");
      await expect.poll(() => spans().length).toBe(made.length);
      const seen = spans().map(({ traceId, parentSpanId, attributes }) => ({
        status: Number(attributes["http.response.status_code"]),
        traceId,
        parent: parentSpanId,
        scheme: attributes["url.scheme"],
      }));
      expect(seen.toSorted((left, right) => left.traceId.localeCompare(right.traceId))).toEqual(
        made.map((each) => ({ ...each, scheme: "https" })),
      );
      const left = (): SunkSpan | undefined =>
        sink.spans.find(({ attributes }) => attributes["url.path"] === "/panics/secure");
      await expect.poll(left).toBeDefined();
      expect([left()?.attributes["error.type"], version(left()?.attributes ?? {})]).toEqual(["_OTHER", "2"]);
    });

    test("the caller is found among many headers, wherever chance has put them in the map", async () => {
      const others = Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`x-other-${index}`, "1"]));
      const parents = Array.from(
        { length: 50 },
        (_, index) => `00f067aa0bd9${(0x1000 + index).toString(16)}`,
      );
      for (const parent of parents) {
        const traceparent = `00-4bf92f3577b34da6a3ce929d0e0efffe-${parent}-01`;
        await (await fetch(`${run.url}/status/204`, { headers: { ...others, traceparent } })).text();
      }
      const found = (): readonly string[] =>
        sink.spans.filter(({ traceId }) => traceId.endsWith("efffe")).map(({ parentSpanId }) => parentSpanId);
      await expect.poll(() => found().toSorted()).toEqual(parents);
    });

    test("prepared statements leave spans", async () => {
      const [traceId, parent] = ["4bf92f3577b34da6a3ce929d0e0effff", "00f067aa0ba9ffff"];
      await fetch(`${run.url}/prepared/`, { headers: { traceparent: `00-${traceId}-${parent}-01` } });
      const spans = (): readonly SunkSpan[] => sink.spans.filter((span) => span.traceId === traceId);
      await expect.poll(() => spans().length).toBe(3);
      const server = spans().find(({ parentSpanId }) => parentSpanId === parent);
      const statements = spans().filter(({ parentSpanId }) => parentSpanId === server?.spanId);
      expect(statements.map(({ attributes }) => attributes["db.query.text"])).toEqual(
        Array(2).fill("DELETE FROM orders WHERE name = ?"),
      );
    });

    test("what is written to standard output and error in a request becomes log records of its span", async () => {
      const [traceId, parent] = ["8bf92f3577b34da6a3ce929d0e0effff", "00f067aa0ba9ffff"];
      await fetch(`${run.url}/logs/k1`, { headers: { traceparent: `00-${traceId}-${parent}-01` } });
      const mine = (): readonly SunkLog[] => sink.logs.filter((record) => record.traceId === traceId);
      await expect.poll(() => mine().length).toBe(3);
      const server = (): SunkSpan | undefined => sink.spans.find((span) => span.traceId === traceId);
      await expect.poll(server).toBeDefined();
      const common = { service: "relay", spanId: server()?.spanId };
      expect(mine()).toEqual([
        expect.objectContaining({
          ...common,
          body: "began k1",
          severity: "",
          attributes: { "log.iostream": "stderr" },
        }),
        expect.objectContaining({
          ...common,
          body: "slow",
          severity: "warn",
          attributes: { key: "k1", ms: "12", "log.iostream": "stdout" },
        }),
        expect.objectContaining({
          ...common,
          body: expect.stringMatching(/^long x{3500,}\.\.\.$/),
          severity: "ERROR",
        }),
      ]);
      // What belongs to no request is none of them.
      expect(sink.logs.map(({ body }) => body)).not.toContain("started");
    });

    test.each(["panics", "exits"])("a handler that %s leaves a failed span", async (how) => {
      await expect(get(`${run.url}/${how}/now`)).rejects.toThrow();
      const span = (): SunkSpan | undefined =>
        sink.spans.find(({ attributes }) => attributes["url.path"] === `/${how}/now`);
      await expect.poll(span).toBeDefined();
      expect(span()?.attributes["error.type"]).toBe("_OTHER");
      expect(span()?.attributes["http.response.status_code"]).toBeUndefined();
    });

    test("a handler that takes the connection over leaves a span without a status, which has not failed", async () => {
      expect(await get(`${run.url}/taken/over`)).toEqual({ text: "taken" });
      const span = (): SunkSpan | undefined =>
        sink.spans.find(({ attributes }) => attributes["url.path"] === "/taken/over");
      await expect.poll(span).toBeDefined();
      expect(span()?.name).toBe("GET /taken/");
      expect(span()?.attributes["error.type"]).toBeUndefined();
      expect(span()?.attributes["http.response.status_code"]).toBeUndefined();
    });

    test("the program's exit and its last spans pass through", async () => {
      await get(`${run.url}/orders/broken?last=1`);
      expect(await run.end()).toBe(143);
      expect(sink.spans.some(({ attributes }) => attributes["url.query"] === "last=1")).toBe(true);
    });
  },
);

// Its handlers get copies of requests, in which nobody finds the route afterwards.
test.skipIf(refused !== undefined)("go run is traced too, the tool chain is not", async () => {
  const sink = new OtlpSink();
  await sink.listen();
  const args = ["--endpoint", sink.endpoint, "--", "go", "run", "-tags", "copies", "."];
  const run = await startRun(fixture, args, { GODEBUG: "httpmuxgo121=0" });
  try {
    await expect.poll(() => run.report()).toMatch(/^otelier: relay \(go .* by eBPF/m);
    await get(`${run.url}/orders/broken`);
    await expect.poll(() => sink.spans.map(({ name }) => name)).toEqual(["GET /orders/"]);
  } finally {
    await run.end();
    sink.server.close();
  }
});

const fixture = path.join(root, "test/fixtures/ebpf/go");

/** Does `work` for each item, at most `width` at a time. */
async function inTurns<T>(
  width: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  const worker = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

async function get(url: string): Promise<{ readonly text: string }> {
  return { text: await (await fetch(url)).text() };
}
