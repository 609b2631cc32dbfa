import { once } from "node:events";
import type { ServerResponse } from "node:http";
import process from "node:process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { OtlpSink } from "../../../test/fakes/otlp-sink.ts";
import { systemClock } from "../../base/clock.ts";
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
  await sink.close();
});

function reporting(environment: Readonly<Record<string, string>> = {}): Reporting {
  const resource = new Map([["service.name", "shop"]]);
  const made = new Reporting(
    { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint, ...environment },
    {
      clock: systemClock,
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
