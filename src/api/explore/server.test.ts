import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { batchOf, logs, metrics, startMs, traceId, traces } from "../../../test/contracts/store-corpus.ts";
import { createManualClock } from "../../../test/fakes/manual-clock.ts";
import { createMemoryStore } from "../../../test/fakes/memory-store/memory-store.ts";
import { OtelierError } from "../../base/error.ts";
import { textResponse } from "../../base/net/http-message.ts";
import { serveHttp, type HttpServer } from "../../base/net/http-server.ts";
import { createMetricRegistry } from "../../pipeline/self-metrics/registry.ts";
import { SenderRegistry, type SenderRequest } from "../../pipeline/senders/sender-registry.ts";
import type { Store } from "../../storage/store.ts";
import { openViewFile } from "../../storage/view-file.ts";
import { createExploreApi } from "./server.ts";
import type { StatusAnswer } from "./wire.ts";

let server: HttpServer;
let store: Store;
let failure: unknown;
let senders: SenderRegistry;
let multitenancy: boolean;
let directory: string;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "otelier-api-"));
  const memory = createMemoryStore();
  await memory.write(batchOf("traces", traces));
  await memory.write(batchOf("logs", logs));
  await memory.write(batchOf("metrics", metrics));
  failure = undefined;
  multitenancy = false;
  const serviceGraph: Store["serviceGraph"] = (window, context) =>
    failure === undefined ? memory.serviceGraph(window, context) : Promise.reject(failure);
  store = { ...memory, serviceGraph };
  // An hour after the corpus begins.
  const clock = createManualClock(startMs + 3_600_000);
  senders = new SenderRegistry({ clock });
  const own = createMetricRegistry();
  own.counter("otelcol_receiver_accepted_spans", { receiver: "otlp" }, "", "{spans}").add(5);
  const api = createExploreApi({
    store,
    views: openViewFile(join(directory, "views.json")),
    senders,
    metrics: own,
    clock,
    version: "1.2.3",
    endpoints: { grpc: "http://127.0.0.1:4317", http: "http://127.0.0.1:4318" },
    notices: () => [{ level: "warning", message: "take care" }],
    startedUnixMs: 17,
    multitenancy: () => multitenancy,
  });
  server = await serveHttp({
    endpoint: "127.0.0.1:0",
    handler: async (request) => (await api.answer(request)) ?? textResponse("not the API's\n", 404),
  });
});
afterEach(async () => {
  await server.close(0);
  rmSync(directory, { recursive: true, force: true });
});

async function ask(
  path: string,
  init?: RequestInit,
): Promise<{ status: number; headers: Headers; body: unknown }> {
  const response = await fetch(`${server.urls[0]}${path}`, init);
  const text = await response.text();
  const isJson = response.headers.get("content-type") === "application/json";
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

const named = (...names: string[]): object => ({ items: names.map((name) => ({ name })), truncated: false });
const bodies = (...texts: string[]): object => ({ items: texts.map((body) => ({ body })) });

describe("of several tenants", () => {
  beforeEach(async () => {
    multitenancy = true;
    const renamed: unknown = JSON.parse(JSON.stringify(traces).replaceAll('"cart"', '"acme-cart"'));
    await store.write(batchOf("traces", renamed, "acme"));
  });
  const as = (tenant: string): RequestInit => ({ headers: { "x-scope-orgid": tenant } });
  const byCookie = (cookie: string): RequestInit => ({ headers: { cookie } });
  const none = { items: [], empty: { code: "nothing-arrived" } };

  test.each([
    ["the header", as("acme"), "acme"],
    ["the cookie", byCookie("a=b; otelier_tenant=acme"), "acme"],
    [
      "the header above the cookie",
      { headers: { "x-scope-orgid": "acme", cookie: "otelier_tenant=globex" } },
      "acme",
    ],
  ])("each request names its own: %s", async (_, init, tenant) => {
    const { status, headers, body } = await ask("/api/services", init);
    expect({ status, body }).toMatchObject({ status: 200, body: named("acme-cart", "storefront") });
    expect(headers.get("x-scope-orgid")).toBe(tenant);
    expect((await ask("/api/services", as("globex"))).body).toMatchObject(none);
    const trace = `/api/traces/${traceId}`;
    expect((await ask(trace, init)).body).toMatchObject({ trace: { traceId } });
    expect((await ask(trace, as("globex"))).body).toEqual((await ask(trace, as("nobody"))).body);
    expect((await ask(trace, as("globex"))).body).not.toHaveProperty("trace");
  });

  test.each([
    ["/api/services", {}, 401, { code: "no-org-id", message: "no org id" }],
    ["/api/live", {}, 401, { code: "no-org-id" }],
    ["/api/senders", {}, 401, { code: "no-org-id" }],
    ["/api/views", {}, 401, { code: "no-org-id" }],
    ["/api/storage", {}, 401, { code: "no-org-id" }],
    ["/api/storage/export", {}, 401, { code: "no-org-id" }],
    ["/api/services", byCookie("otelier_tenant="), 401, { code: "no-org-id" }],
    ["/api/services", as("a/b"), 400, { code: "bad-org-id" }],
    ["/api/services", byCookie("otelier_tenant=a/b"), 400, { code: "bad-org-id" }],
    ["/api/services", as("a|b"), 400, { code: "bad-org-id", message: "multiple org IDs present" }],
  ] as const)("%s %j: %s", async (path, init, wanted, error) => {
    expect(await ask(path, init)).toMatchObject({ status: wanted, body: { error } });
  });

  test("SQL is nobody's", async () => {
    const init = { ...as("acme"), method: "POST", body: "SELECT 1" };
    expect(await ask("/api/sql", init)).toMatchObject({
      status: 400,
      body: { error: { code: "sql-refused" } },
    });
  });

  test("senders, losses and views are the tenant's; the operator sees all losses", async () => {
    for (const tenant of ["acme", "globex", ""]) {
      const connection = {
        tenant,
        peer: "10.0.0.1",
        userAgent: tenant,
        protocol: "grpc",
        port: 1,
        encrypted: false,
      };
      senders.record({
        connection,
        compression: "",
        bytes: 1,
        refusal: `refused-${tenant}`,
      } as SenderRequest);
    }
    await ask("/api/views/mine", { ...as("acme"), method: "PUT", body: "/logs" });
    expect((await ask("/api/senders", as("acme"))).body).toMatchObject({ senders: [{ tenant: "acme" }] });
    expect((await ask("/api/views", as("acme"))).body).toMatchObject({ views: [{ name: "mine" }] });
    expect((await ask("/api/views", as("globex"))).body).toEqual({ views: [] });
    const refused = async (init?: RequestInit): Promise<string[]> =>
      ((await ask("/api/status", init)).body as StatusAnswer).senderLosses.flatMap(({ refusals }) =>
        refusals.map(({ reason }) => reason),
      );
    expect(await refused(as("acme"))).toEqual(["refused-acme"]);
    expect((await refused()).toSorted()).toEqual(["refused-", "refused-acme", "refused-globex"]);
  });
});

describe("answers", () => {
  test.each([
    ["/api/services", named("batch-job", "cart", "storefront")],
    ["/api/services?from=now-1m", { items: [], empty: { code: "other-window" } }],
    ["/api/services?steps=4", { items: [{ countSeries: [0, 0, 0, 0] }, { countSeries: [1, 0, 0, 0] }, {}] }],
    ["/api/operations?service=storefront", named("GET", "GET /cart")],
    ["/api/operations?service=%20storefront%20", named("GET", "GET /cart")],
    ["/api/graph", { edges: [{ client: "storefront", server: "cart" }, { server: "postgresql/shop" }] }],
    ["/api/traces", { items: [{ traceId, matchedSpanId: "2000000000000003" }] }],
    ["/api/traces?status=error", { items: [{ matchedSpanId: "2000000000000001" }] }],
    ["/api/traces?minDuration=50ms&maxDuration=70ms", { items: [{ matchedSpanId: "1000000000000002" }] }],
    ["/api/traces?order=slowest", { items: [{ matchedSpanId: "1000000000000001" }] }],
    ["/api/traces?attr=db.namespace=shop", { items: [{ matchedSpanId: "2000000000000002" }] }],
    ["/api/traces?attr=event.exception.type=KeyError", { items: [{ matchedSpanId: "2000000000000001" }] }],
    ["/api/traces?attr=retry&attr=ratio!=1&text=cart", { items: [{ matchedSpanId: "1000000000000001" }] }],
    ["/api/traces?attr=db.namespace=x", { items: [], empty: { code: "filtered-out" } }],
    ["/api/traces?service=storefrnt", { empty: { code: "unknown-service", suggestions: ["storefront"] } }],
    ["/api/traces?spans=root&column=kind&column=retry", { items: [{ columnValues: ["Server", "true"] }] }],
    ["/api/spans/groups?by=service&steps=2", { groups: [{ value: "cart", countSeries: [3, 0] }, {}] }],
    ["/api/spans/groups?by=service&limit=1", { groups: [{ value: "cart" }], omittedGroups: 1 }],
    ["/api/spans/groups?spans=entry", { groups: [{ value: "", count: 2 }] }],
    ["/api/spans/heatmap?minDuration=50ms&steps=2", { steps: 2, step: [0, 0], count: [1, 1] }],
    ["/api/spans/compare?selectStatus=error", { selectionCount: 1, baselineCount: 4 }],
    ["/api/spans/compare?selectMin=50ms&selectTo=now", { selectionCount: 2, baselineCount: 3 }],
    ["/api/spans/structure?status=error", { tracesRead: 1, spansRead: 5 }],
    ["/api/spans/exceptions?steps=1", { items: [{ type: "KeyError", count: 1, countSeries: [1] }] }],
    ["/api/spans/fields?operation=orphan", { items: [{ scope: "resource" }, {}, {}, {}, {}, {}] }],
    [`/api/traces/${traceId}`, { trace: { traceId, parents: [-1, 0, 1, 2, -1] } }],
    [`/api/traces/${traceId.toUpperCase()}`, { trace: { traceId } }],
    ["/api/traces/1", { empty: { code: "filtered-out" } }],
    [`/api/traces/${traceId}/spans?id=2000000000000002`, [{ name: "SELECT items" }]],
    [`/api/traces/${traceId}/spans?id=ffffffffffffffff`, []],
    [
      `/api/traces/${traceId}/field?by=db.namespace`,
      { values: ["shop"], spanIds: ["2000000000000002"], value: [0] },
    ],
    [`/api/traces/${traceId}/links`, { items: [], truncated: false }],
    [
      `/api/traces/${traceId}/otlp?id=2000000000000002`,
      {
        resourceSpans: [
          { scopeSpans: [{ scope: { name: "flask" }, spans: [{ name: "SELECT items", kind: 3 }] }] },
        ],
      },
    ],
    [`/api/traces/${traceId}/otlp`, { resourceSpans: [{}, {}] }],
    [`/api/logs?trace=${traceId}`, bodies("Item user-42 OUT of stock")],
    ["/api/logs?severity=13", bodies("slow", "Item user-42 OUT of stock")],
    ["/api/logs?order=oldest&limit=1", { ...bodies("Item user-42 OUT of stock"), truncated: true }],
    [`/api/logs?limit=1&after=${BigInt(startMs + 5000) * 1_000_000n}:1`, bodies("tock")],
    ["/api/logs/volume?steps=2&service=batch-job", { stepMs: 1_800_000, startMs }],
    ["/api/logs/patterns?service=batch-job", { patterns: [{ template: "slow", count: 1 }], total: 1 }],
    ["/api/logs/fields?service=batch-job", { records: 1, truncated: false }],
    ["/api/metrics?service=cart", named("bytes", "gc", "latency", "queue", "requests", "sizes")],
    [
      "/api/metrics/series?metric=queue&function=sum&step=30m",
      { metric: { name: "queue" }, lines: [{ group: "", values: [10, null] }], omittedLines: 0 },
    ],
    [
      "/api/metrics/series?metric=queue&step=30m&groupBy=http.route&limit=1",
      { lines: [{ group: "/a", values: [4, null] }], omittedLines: 1 },
    ],
    ["/api/senders", { senders: [], endpoints: { grpc: "http://127.0.0.1:4317" } }],
    [
      "/api/status",
      {
        version: "1.2.3",
        startedUnixMs: 17,
        store: { engineUp: true },
        counters: [{ name: "otelcol_receiver_accepted_spans", labels: { receiver: "otlp" }, value: 5 }],
        notices: [{ level: "warning", message: "take care" }],
      },
    ],
  ])("%s", async (path, expected) => {
    const { status, headers, body } = await ask(path);
    expect({ status, body }).toMatchObject({ status: 200, body: expected });
    expect(headers.get("content-type")).toBe("application/json");
  });

  test("other paths are not its own", async () => {
    expect(await ask("/apis")).toMatchObject({ status: 404, body: "not the API's\n" });
    expect(await ask("/traces")).toMatchObject({ status: 404, body: "not the API's\n" });
  });
});

test("keeps views, replaces and removes them", async () => {
  const put = (name: string, body: string) =>
    ask(`/api/views/${encodeURIComponent(name)}`, { method: "PUT", body });
  const view = { name: "my / view", address: "/logs?severity=warn", savedMs: startMs + 3_600_000 };
  expect(await put(view.name, view.address)).toMatchObject({ status: 200, body: view });
  expect(await ask("/api/views")).toMatchObject({ status: 200, body: { views: [view] } });
  expect(await put("x", "https://example.org/")).toMatchObject({
    status: 400,
    body: { error: { code: "bad-parameter" } },
  });
  expect(await ask("/api/views/my%20%2F%20view", { method: "POST" })).toMatchObject({ status: 405 });
  expect(await ask("/api/views/%zz", { method: "DELETE" })).toMatchObject({ status: 400 });
  expect(await ask("/api/views/my%20%2F%20view", { method: "DELETE" })).toMatchObject({
    body: { views: [] },
  });
  expect(await ask("/api/views/my%20%2F%20view", { method: "DELETE" })).toMatchObject({ status: 404 });
});

describe("refuses parameters, all at once", () => {
  test.each([
    ["/api/services?steps=0", ['cannot use "steps=0": must be a whole number from 1 to 1000']],
    ["/api/services?steps=1.5&from=x", ['"from=x"', '"steps=1.5"']],
    [
      "/api/traces?order=best&limit=9999&minDuration=-1s&status=Bad",
      ['"order=best"', '"limit=9999"', '"minDuration=-1s"', '"status=Bad"'],
    ],
    ["/api/traces?from=now&to=now-1h", ["cannot use the window"]],
    ["/api/traces/xyz", ['"xyz" is no trace id: must be 32 hexadecimal characters']],
    [`/api/traces/${"1".repeat(33)}`, ["is no trace id"]],
    [`/api/traces/${traceId}/spans`, ['"id" is missing']],
    [`/api/traces/${traceId}/spans?id=1&id=zz`, ['"1" is no span id', '"zz" is no span id']],
    [`/api/traces/${traceId}/field`, ['"by" is missing']],
    [`/api/traces/${traceId}/otlp?id=1`, ['"1" is no span id']],
    ["/api/spans/compare", ["nothing is selected"]],
    ["/api/spans/groups?by=a&by=b&spans=odd", ['"by" is given 2 times', '"spans=odd"']],
    ["/api/logs?severity=25&after=1", ['"severity=25"', '"after=1"']],
    ["/api/logs?limit=5001", ['"limit=5001"']],
    ["/api/metrics/series?function=max&step=fast", ['"metric" is missing', '"step=fast"', '"function=max"']],
    ["/api/metrics/series?metric=queue&from=now-30d&step=10s", ["more than 11,000 steps of 10000 ms"]],
    ["/api/traces?attr=!=1", ['cannot use "attr=!=1"']],
  ])("%s", async (path, parts) => {
    const { status, body } = await ask(path);
    expect(status).toBe(400);
    const { error } = body as { error: { code: string; message: string } };
    expect(error.code).toBe("bad-parameter");
    for (const part of parts) expect(error.message).toContain(part);
    expect(error.message.split("; ")).toHaveLength(parts.length);
  });
});

test("more than 200 spans at once are refused", async () => {
  const ids = `id=${"0".repeat(16)}&`.repeat(201);
  const { status, body } = await ask(`/api/traces/${traceId}/spans?${ids}`);
  expect(status).toBe(400);
  expect(body).toMatchObject({ error: { message: "201 spans asked for, at most 200 a request" } });
});

describe("refuses requests", () => {
  test.each([
    [
      "/api/nothing",
      "GET",
      404,
      { code: "not-found", message: 'there is no "/api/nothing" here', hint: "see docs/reference/api.md" },
    ],
    ["/api", "GET", 404, { code: "not-found" }],
    ["/api/services/", "GET", 404, { code: "not-found" }],
    ["/api/services", "POST", 405, { code: "method-not-allowed", message: "/api/services takes GET only" }],
    ["/api/sql", "GET", 405, { code: "method-not-allowed", message: "/api/sql takes POST only" }],
    ["/api/sql", "POST", 400, { code: "sql-refused" }],
  ])("%s by %s: %d", async (path, method, status, error) => {
    const answer = await ask(path, { method, ...(method === "POST" ? { body: "SELECT 1" } : {}) });
    expect(answer).toMatchObject({ status, body: { error } });
    if (status === 405) expect(answer.headers.get("allow")).toBe(method === "GET" ? "POST" : "GET");
  });

  test("a SQL text beyond 64 KiB", async () => {
    const answer = await ask("/api/sql", { method: "POST", body: "x".repeat(64 * 1024 + 1) });
    expect(answer).toMatchObject({ status: 413, body: { error: { code: "body-too-large" } } });
  });
});

describe("tells what went wrong in the store", () => {
  const failed = (code: string, outcome: "permanent" | "retryable"): OtelierError =>
    new OtelierError(`cannot read: ${code}`, { code, outcome });
  test.each([
    [failed("query-timeout", "retryable"), 504, "query-timeout"],
    [failed("query-memory", "permanent"), 422, "query-memory"],
    [failed("engine-down", "retryable"), 503, "engine-down"],
    [failed("unheard-of", "permanent"), 400, "unheard-of"],
    [new TypeError("a bug"), 500, "internal"],
  ])("%s: %d", async (error, status, code) => {
    failure = error;
    expect(await ask("/api/graph")).toMatchObject({
      status,
      body: { error: { code, message: error.message } },
    });
  });
});
