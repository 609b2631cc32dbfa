import process from "node:process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { OtlpSink } from "../../../test/fakes/otlp-sink.ts";
import { systemClock } from "../../base/clock.ts";
import { spanOf } from "./spans/span.ts";
import { MetricSender } from "./metric-sender.ts";

const sink = new OtlpSink();
let sender: MetricSender;

beforeEach(async () => {
  await sink.listen();
  sink.clear();
  sink.refuses = false;
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint, OTEL_METRIC_EXPORT_INTERVAL: "70" };
  sender = new MetricSender(environment, { clock: systemClock, version: "1.2.3", pageBytes: 4096 });
});
afterEach(() => sink.close());

function served(pid: number): void {
  const head = { process: pid, startNs: 0n, endNs: 1n, failed: false, sampled: true, parentId: undefined };
  const ids = { traceId: new Uint8Array(16), spanId: new Uint8Array(8) };
  const texts = { method: "GET", path: "/", query: "", pattern: "/", host: "", peer: "", protocol: "1.1" };
  sender.add(spanOf({ kind: "http-server", ...head, ...ids, ...texts, status: 200, secure: false }, ""));
}

/** Service, metric and count of what the sink got since it was last cleared. */
function received(): readonly string[] {
  return sink.metrics
    .filter(({ histograms }) => histograms.length > 0)
    .map(({ service, name, histograms }) => `${service} ${name} ${histograms[0]?.count}`);
}

test("a running process reports what it takes beside its requests", async () => {
  sender.begin(process.pid, new Map([["service.name", "shop"]]));
  served(process.pid);
  expect(sender.intervalMs).toBe(70);
  expect(await sender.send()).toBeUndefined();
  expect(sink.metrics.map(({ name, points }) => [name, points])).toEqual([
    ["http.server.request.duration", 1],
    ["process.cpu.time", 2],
    ["process.memory.usage", 1],
    ["process.memory.virtual", 1],
    ["process.thread.count", 1],
    ["process.unix.file_descriptor.count", 1],
  ]);
});

test("what a receiver did not take is in the next try; totals go on", async () => {
  sender.begin(1, new Map([["service.name", "shop"]]));
  served(1);
  sink.refuses = true;
  expect(await sender.send()).toMatch(/^HTTP 503 from http/);
  sink.refuses = false;
  served(1);
  expect(await sender.send()).toBeUndefined();
  served(1);
  expect(await sender.send()).toBeUndefined();
  expect(received()).toEqual(["shop http.server.request.duration 2", "shop http.server.request.duration 3"]);
});

test("an ended process is sent twice more, its late spans too, and is forgotten", async () => {
  sender.begin(1, new Map([["service.name", "shop"]]));
  served(1);
  sender.end(1);
  await sender.send();
  served(1);
  await sender.send();
  await sender.send();
  expect(received()).toEqual(["shop http.server.request.duration 1", "shop http.server.request.duration 2"]);
});

test("what a process's runtime said last is sent once it has ended, with the time when it was read, and once", async () => {
  let goroutines = 0;
  let closed = false;
  sender.begin(1, new Map([["service.name", "shop"]]), {
    read: () => {
      if (closed) throw new Error("it is read though it is closed");
      goroutines++;
      return { heap: undefined, collector: undefined, goroutines, processors: 2, latencies: undefined };
    },
    lacking: () => [],
    close: () => void (closed = true),
  });
  const sent = (): readonly (readonly number[])[] =>
    sink.metrics.filter(({ name }) => name === "go.goroutine.count").map(({ values }) => values);
  expect(await sender.send()).toBeUndefined();
  sender.look();
  sender.look();
  sender.end(1);
  expect(closed).toBe(true);
  sink.refuses = true;
  expect(await sender.send()).toMatch(/^HTTP 503/);
  sink.refuses = false;
  expect(await sender.send()).toBeUndefined();
  expect(await sender.send()).toBeUndefined();
  expect(sent()).toEqual([[1], [3]]);
});

test("what its runtime lacks for long is told, once", () => {
  const told: unknown[] = [];
  const measuring = { clock: systemClock, version: "1", pageBytes: 4096 };
  const unread = (pid: number, metrics: readonly string[]): void => void told.push([pid, metrics]);
  const watching = new MetricSender({}, { ...measuring, unread });
  let lacking: readonly string[] = ["go.goroutine.count"];
  watching.begin(1, new Map(), { read: () => undefined, lacking: () => lacking, close: () => undefined });
  const look = (times: number): void => {
    for (let time = 0; time < times; time++) watching.look();
  };
  look(9);
  lacking = [];
  look(1);
  lacking = ["go.goroutine.count"];
  look(9);
  expect(told).toEqual([]);
  look(20);
  expect(told).toEqual([[1, ["go.goroutine.count"]]]);
});

test("a process that becomes another program, or whose id is used again, begins anew", async () => {
  sender.begin(1, new Map([["service.name", "old"]]));
  served(1);
  sender.begin(1, new Map([["service.name", "new"]]));
  served(1);
  served(1);
  await sender.send();
  expect(received()).toEqual(["old http.server.request.duration 1", "new http.server.request.duration 2"]);
});

test("the last tries do not say that a process which ends meanwhile lacks something", async () => {
  const [unread, slept]: [unknown[], number[]] = [[], []];
  let nowMs = 0;
  const clock = {
    ...systemClock,
    monotonic: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms;
      slept.push(ms);
    },
  };
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint };
  const measuring = { clock, version: "1.2.3", pageBytes: 4096, unread: () => unread.push("unread") };
  const last = new MetricSender(environment, measuring);
  last.begin(1, new Map(), {
    read: () => undefined,
    lacking: () => ["go.memory.used"],
    close: () => undefined,
  });
  sink.refuses = true;
  expect(await last.sendLast(2000)).toMatch(/^HTTP 503 from http/);
  expect([unread, slept.length]).toEqual([[], 20]);
});
