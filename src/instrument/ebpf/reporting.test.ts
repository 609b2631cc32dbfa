import { once } from "node:events";
import type { ServerResponse } from "node:http";
import process from "node:process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "../../../test/fakes/free-port.ts";
import { OtlpSink } from "../../../test/fakes/otlp-sink.ts";
import { systemClock, type Clock } from "../../base/clock.ts";
import { Reporting } from "./reporting.ts";
import { spanOf, type TracedSpan } from "./spans/span.ts";
import type { FromTracer } from "./trace-messages.ts";

const sink = new OtlpSink();
const said: FromTracer[] = [];

beforeEach(() => sink.listen());
afterEach(async () => {
  said.length = 0;
  sink.clear();
  sink.refuses = false;
  sink.before = undefined;
  await sink.close();
});

function reporting(
  environment: Readonly<Record<string, string>> = {},
  clock: Clock = systemClock,
): Reporting {
  const resource = new Map([["service.name", "shop"]]);
  const made = new Reporting(
    { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint, ...environment },
    {
      clock,
      version: "1.2.3",
      pageBytes: 4096,
      epochNs: () => 0n,
      scope: "test",
      resourceOf: () => resource,
      say: (message) => said.push(message),
    },
  );
  made.begin(process.pid, resource);
  return made;
}

function served(sampled: boolean): TracedSpan {
  const head = { process: process.pid, startNs: 0n, endNs: 1n, failed: false, sampled, parentId: undefined };
  const ids = { traceId: new Uint8Array(16).fill(1), spanId: new Uint8Array(8).fill(1) };
  const texts = { method: "GET", path: "/", query: "", pattern: "/", host: "", peer: "", protocol: "1.1" };
  return spanOf({ kind: "http-server", ...head, ...ids, ...texts, status: 200, secure: false }, "");
}

function counted(): number | undefined {
  return sink.metrics.find(({ name }) => name === "http.server.request.duration")?.histograms[0]?.count;
}

test.each<readonly [string, Readonly<Record<string, string>>, number, number | undefined]>([
  ["metrics count what is not sampled; spans of it are not sent", {}, 1, 2],
  ["without traces", { OTEL_TRACES_EXPORTER: "none" }, 0, 2],
  ["without metrics", { OTEL_METRICS_EXPORTER: "none" }, 1, undefined],
])("%s", async (_, environment, spans, requests) => {
  const report = reporting(environment);
  report.add([served(true), served(false)]);
  await report.finish();
  expect([sink.spans.length, counted()]).toEqual([spans, requests]);
  expect(report.sends).toHaveLength(Number(spans > 0) + Number(requests !== undefined));
  expect(said).toEqual([]);
});

test("a receiver that is back in time gets the last of it", async () => {
  const report = reporting();
  report.add([served(true)]);
  sink.refuses = true;
  const finished = report.finish();
  const [, refused] = (await once(sink.server, "request")) as [unknown, ServerResponse];
  await once(refused, "finish");
  sink.refuses = false;
  await finished;
  expect([sink.spans.length, counted(), said]).toEqual([1, 1, []]);
});

test("what could not be sent to the end is said", async () => {
  const report = reporting();
  report.add([served(true)]);
  sink.refuses = true;
  await report.finish();
  const why = `HTTP 503 from ${sink.endpoint}/v1/`;
  expect(said).toEqual([
    { kind: "lost", what: "spans", count: 1, why: `${why}traces` },
    { kind: "metrics-unsent", why: `${why}metrics` },
  ]);
});

test("a receiver that is slow to answer gets the last of it, once", async () => {
  const report = reporting();
  report.add([served(true)]);
  const urls: string[] = [];
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  sink.before = async (url) => {
    urls.push(url);
    await answered;
  };
  const finished = report.finish();
  await expect.poll(() => urls).toEqual(["/v1/traces"]);
  answer();
  await finished;
  expect([urls, sink.spans.length, counted(), said]).toEqual([["/v1/traces", "/v1/metrics"], 1, 1, []]);
});

test.each(["127.0.0.1", "localhost"])(
  "where nobody listens at %s nothing is tried twice at the end, and why is said",
  async (host) => {
    const endpoint = `http://${host}:${await freePort()}`;
    const slept: number[] = [];
    const clock = { ...systemClock, sleep: async (ms: number) => void slept.push(ms) };
    const report = reporting({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, clock);
    report.add([served(true)]);
    await report.finish();
    const why = expect.stringContaining("ECONNREFUSED 127.0.0.1");
    expect(said).toEqual([
      { kind: "lost", what: "spans", count: 1, why },
      { kind: "metrics-unsent", why },
    ]);
    expect(slept).toEqual([]);
  },
);
