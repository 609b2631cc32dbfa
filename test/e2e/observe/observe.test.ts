/** Otelier watched from outside: its metrics, its health, what it refused, and its own metrics and traces in its own store. */
import { readFileSync } from "node:fs";
import { hashSync } from "bcryptjs";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReadyAnswer, StatusAnswer } from "../../../src/api/explore/wire.ts";
import {
  anyPorts,
  removeFolder,
  run,
  RunningProgram,
  temporaryFolder,
  urlsOf,
  type Urls,
} from "../start/run-stack.ts";
import { until } from "../until.ts";
import { postTraces, spanCount, tracesOf } from "../start/telemetry.ts";

const folder = temporaryFolder();
let stack: RunningProgram;
let urls: Urls;

beforeAll(async () => {
  stack = new RunningProgram(["up", "--own-metrics", "--own-traces", "--max-series", "1000", ...anyPorts], {
    cwd: folder,
  });
  urls = await urlsOf(stack);
  expect(await postTraces(urls.http, tracesOf("shop", 5))).toBe(200);
  await until(async () => (await spanCount(urls.front, "shop")) === 5);
});
afterAll(async () => {
  await stack.stop();
  removeFolder(folder);
});

async function metricsText(): Promise<string> {
  return (await fetch(`${urls.front}/metrics`)).text();
}

async function status(): Promise<StatusAnswer> {
  return (await (await fetch(`${urls.front}/api/status`)).json()) as StatusAnswer;
}

async function ready(): Promise<{ readonly status: number; readonly body: ReadyAnswer }> {
  const response = await fetch(`${urls.front}/api/ready`);
  return { status: response.status, body: (await response.json()) as ReadyAnswer };
}

/** The engine: the stack's child. */
function engines(): readonly number[] {
  const { pid } = stack.child;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return children.trim().split(" ").filter(Boolean).map(Number);
}

async function sqlValue(sql: string): Promise<string> {
  const answer = await fetch(`${urls.front}/api/sql`, { method: "POST", body: sql });
  const { rows } = (await answer.json()) as { rows: readonly (readonly unknown[])[] };
  return String(rows[0]?.[0]);
}

describe("metrics for Prometheus", () => {
  // Names, types and labels of the Collector (core service, receiverhelper, processorhelper and exporterhelper metadata.yaml).
  test.each([
    ["counter", /otelcol_receiver_accepted_spans\{receiver="otlp",transport="http"\} 5/],
    ["counter", /otelcol_receiver_refused_spans\{receiver="otlp",transport="http"\} 0/],
    ["counter", /otelcol_receiver_failed_spans\{receiver="otlp",transport="http"\} 0/],
    ["counter", /otelcol_receiver_requests\{receiver="otlp",transport="http",outcome="success"\} 1/],
    ["counter", /otelcol_processor_incoming_items\{processor="memory_limiter",otel_signal="traces"\} 5/],
    ["counter", /otelcol_processor_outgoing_items\{processor="memory_limiter",otel_signal="traces"\} 5/],
    ["counter", /otelcol_exporter_sent_spans\{exporter="clickhouse"\} 5/],
    ["counter", /otelcol_exporter_send_failed_spans\{exporter="clickhouse"\} 0/],
    ["counter", /otelcol_process_uptime [\d.]+/],
    ["counter", /otelcol_process_cpu_seconds [\d.]+/],
    ["gauge", /otelcol_process_memory_rss \d+/],
    ["gauge", /otelcol_process_runtime_heap_alloc_bytes \d+/],
    ["gauge", /otelcol_process_runtime_total_sys_memory_bytes \d+/],
    ["counter", /otelier_store_inserted_rows \d+/],
    ["gauge", /otelier_store_engine_up 1/],
  ])("%s %s", async (type, line) => {
    const text = await metricsText();
    expect(text).toMatch(line);
    const name = /^[a-z_]+/.exec(line.source)?.[0] ?? "";
    expect(text).toContain(`# TYPE ${name} ${type}\n`);
  });
});

test("its own metrics are in its store as service otelier, and make no traffic of their own", async () => {
  const sql =
    "SELECT arrayStringConcat(arraySort(groupUniqArray(concat(MetricName, ' ', MetricType))), ',') FROM otel_metric_series WHERE ServiceName = 'otelier'";
  for (const name of ["otelcol_exporter_sent_spans sum", "otelcol_process_memory_rss gauge"]) {
    await expect.poll(() => sqlValue(sql)).toContain(name);
  }
  const text = await metricsText();
  expect(text).not.toMatch(/otelcol_receiver_accepted_metric_points\{.*\} [1-9]/);
  expect(text).not.toMatch(/otelcol_exporter_sent_metric_points\{.*\} [1-9]/);
  expect(
    (await status()).counters.find(({ name }) => name === "otelier_own_metrics_failed_writes")?.value,
  ).toBe(0);
});

test("its own traces lead from a request to the table, and make none of their own", async () => {
  const of = "FROM otel_traces WHERE ServiceName = 'otelier'";
  // Of the spans, and of their resource and attribute keys, which are noted beside them.
  const inserts = `SELECT count() ${of} AND startsWith(SpanName, 'insert otel_')`;
  await expect.poll(async () => Number(await sqlValue(inserts))).toBeGreaterThanOrEqual(3);
  const tree = `SELECT arrayStringConcat(arraySort(groupArray(concat(p.SpanName, ' > ', s.SpanName))), ', ')
     FROM (SELECT * ${of}) AS s LEFT JOIN (SELECT * ${of}) AS p ON s.ParentSpanId = p.SpanId
     WHERE s.TraceId = (SELECT any(TraceId) ${of} AND SpanName = 'receive traces' AND SpanAttributes['otelier.items'] = '5')`;
  await expect
    .poll(() => sqlValue(tree))
    .toBe(
      [
        " > receive traces",
        "exporter clickhouse > insert otel_attribute_keys_traces",
        "exporter clickhouse > insert otel_traces",
        "exporter clickhouse > insert otel_traces_resources",
        "exporter clickhouse > transcode",
        "exporter clickhouse > write segment",
        "processor memory_limiter > exporter clickhouse",
        "receive traces > processor memory_limiter",
      ].join(", "),
    );
  // Only one request was sent so far: whatever else is there would be about own telemetry.
  expect(await sqlValue(`SELECT uniqExact(TraceId) ${of}`)).toBe("1");
});

test("what was refused is listed by reason and sender", async () => {
  const refused = await fetch(`${urls.http}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/x-protobuf", "user-agent": "broken/1" },
    body: Buffer.from("this is no protobuf"),
  });
  expect(refused.status).toBe(400);
  const impossible = {
    resourceLogs: [
      { scopeLogs: [{ logRecords: [{ timeUnixNano: "18446744073709551615" }, { timeUnixNano: "1" }] }] },
    ],
  };
  const partial = await fetch(`${urls.http}/v1/logs`, {
    method: "POST",
    headers: { "content-type": "application/json", "user-agent": "odd/1" },
    body: JSON.stringify(impossible),
  });
  expect(await partial.json()).toMatchObject({ partialSuccess: { rejectedLogRecords: "1" } });
  const { losses, senderLosses } = await status();
  expect(losses).toContainEqual({
    stage: "receiver",
    component: "otlp",
    signal: "",
    outcome: "refused",
    reason: "malformed-otlp",
    unit: "requests",
    count: 1,
  });
  expect(losses).toContainEqual({
    stage: "receiver",
    component: "otlp",
    signal: "logs",
    outcome: "refused",
    reason: "rejected-items",
    unit: "items",
    count: 1,
  });
  expect(losses).toContainEqual({
    stage: "store",
    component: "",
    signal: "",
    outcome: "dropped",
    reason: "rejected-items",
    unit: "items",
    count: 1,
  });
  const reasons = senderLosses.map(({ protocol, refusals }) => [protocol, refusals]);
  expect(reasons).toContainEqual(["http/protobuf", [{ reason: "malformed-otlp", requests: 1, items: 0 }]]);
  expect(reasons).toContainEqual(["http/json", [{ reason: "rejected-items", requests: 1, items: 1 }]]);
});

test("points of more new metric series than --max-series are refused, told and counted", async () => {
  const dataPoints = Array.from({ length: 1_200 }, (_, index) => ({
    timeUnixNano: `${Date.now()}000000`,
    asInt: "1",
    attributes: [{ key: "request.id", value: { intValue: String(index) } }],
  }));
  const metrics = [{ name: "requests", gauge: { dataPoints } }];
  const answer = await fetch(`${urls.http}/v1/metrics`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }),
  });
  const { partialSuccess } = (await answer.json()) as {
    readonly partialSuccess: { readonly rejectedDataPoints: string; readonly errorMessage: string };
  };
  const rejected = Number(partialSuccess.rejectedDataPoints);
  expect(rejected).toBeGreaterThanOrEqual(200);
  expect(rejected).toBeLessThan(1_200);
  expect(partialSuccess.errorMessage).toContain("above the bound of 1000 a day");
  const loss = (await status()).losses.find(({ reason }) => reason === "series-limit");
  expect(loss).toMatchObject({ stage: "store", outcome: "dropped", unit: "items" });
  expect(loss?.count).toBeGreaterThanOrEqual(rejected);
  expect(await metricsText()).toMatch(/otelier_store_rejected_items\{reason="series-limit"\} [1-9]/);
  const stored = "SELECT count() FROM otel_metric_samples WHERE MetricName = 'requests'";
  await expect.poll(() => sqlValue(stored)).toBe(String(1_200 - rejected));
});

describe("health", () => {
  test("alive and ready, when it is", async () => {
    const alive = await fetch(`${urls.front}/api/health`);
    expect([alive.status, await alive.json()]).toMatchObject([200, { status: "alive" }]);
    // A busy machine may need more than the probe's patience at first.
    await expect.poll(ready).toMatchObject({ status: 200, body: { status: "ready", reasons: [] } });
  });

  test("not ready while the engine is dead, alive all the time, ready again by itself", async () => {
    let answer = await ready();
    // The engine is started again at once; each death makes the pause longer.
    while (answer.status === 200) {
      for (const pid of engines()) process.kill(pid, "SIGKILL");
      answer = await ready();
    }
    expect(answer).toMatchObject({
      status: 503,
      body: { status: "not-ready", reasons: [{ code: "engine-down" }] },
    });
    expect((await fetch(`${urls.front}/api/health`)).status).toBe(200);
    expect(await postTraces(urls.http, tracesOf("meanwhile"))).toBe(200);
    await expect.poll(async () => (await ready()).status).toBe(200);
    await expect.poll(() => spanCount(urls.front, "meanwhile")).toBe(1);
    expect(await metricsText()).toMatch(/otelier_store_engine_restarts [1-9]/);
  });

  test("not ready while the engine hangs", async () => {
    const [engine = 0] = engines();
    process.kill(engine, "SIGSTOP");
    try {
      expect(await ready()).toMatchObject({
        status: 503,
        body: {
          reasons: [{ code: "engine-down", message: expect.stringContaining("does not answer") as string }],
        },
      });
    } finally {
      process.kill(engine, "SIGCONT");
    }
    await expect.poll(async () => (await ready()).status).toBe(200);
  });

  test("probes need no credentials; everything else does", async () => {
    writeFileSync(path.join(folder, "users"), `me:${hashSync("you", 4)}\n`);
    const guarded = new RunningProgram(["up", "--data", "guarded", "--basic-auth", "users", ...anyPorts], {
      cwd: folder,
    });
    const { front } = await urlsOf(guarded);
    const statuses = (): Promise<readonly number[]> =>
      Promise.all(
        ["/api/health", "/api/ready", "/api/status", "/api/storage", "/metrics"].map(
          async (route) => (await fetch(`${front}${route}`)).status,
        ),
      );
    try {
      // Not ready at first on a busy machine, as above.
      await expect.poll(statuses).toEqual([200, 200, 401, 401, 401]);
    } finally {
      await guarded.stop();
    }
    expect((await run(["storage", "--url", front], { cwd: folder })).code).toBe(1);
  });
});
