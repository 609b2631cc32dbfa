/** One stack, two tenants: each sends by another protocol, and sees its own alone, by API and from the shell. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LogVolume, SendersAnswer, StatusAnswer, TraceAnswer } from "../../../src/api/explore/wire.ts";
import type { StorageReport } from "../../../src/storage/usage.ts";
import { signals, type Signal } from "../../../src/telemetry/signal.ts";
import { markedTelemetry, sharedMetric, sharedSpanId, sharedTraceId } from "./marked-telemetry.ts";
import {
  anyPorts,
  removeFolder,
  run,
  RunningProgram,
  startStack,
  temporaryFolder,
  urlsOf,
  type Ended,
  type Stack,
} from "./run-stack.ts";
import { postTraces, sendTraces, tracesOf } from "./telemetry.ts";

const spans = 200;
const tenants = ["acme", "globex"] as const;
type Tenant = (typeof tenants)[number];

const folder = temporaryFolder();
let stack: Stack;
const traces = { acme: tracesOf("acme-shop", spans), globex: tracesOf("globex-shop", spans) };

beforeAll(async () => {
  stack = await startStack(["--multitenancy", "--own-metrics"]);
  expect(await postTraces(stack.urls.http, traces.acme, { "X-Scope-OrgID": "acme" })).toBe(200);
  expect(await sendTraces(stack.urls.grpc, traces.globex, { "x-scope-orgid": "globex" })).toBe(0);
});
afterAll(async () => {
  await stack.close();
  removeFolder(folder);
});

async function ask<T>(where: string, headers: Record<string, string>): Promise<T> {
  const response = await fetch(stack.url + where, { headers });
  expect([where, response.status]).toEqual([where, 200]);
  return (await response.json()) as T;
}

const as = (tenant: string): Record<string, string> => ({ "X-Scope-OrgID": tenant });
const storage = (...args: string[]): Promise<Ended> =>
  run(["storage", ...args, "--url", stack.url], { cwd: folder });

async function servicesOf(headers: Record<string, string>): Promise<string[]> {
  const { items } = await ask<{ items: { name: string }[] }>("/api/services?from=now-15m", headers);
  return items.map(({ name }) => name);
}

test.each(tenants)("%s sees its own, by header and by cookie", async (tenant) => {
  for (const headers of [as(tenant), { cookie: `otelier_tenant=${tenant}` }]) {
    await expect.poll(() => servicesOf(headers)).toEqual([`${tenant}-shop`]);
  }
  const { senders } = await ask<SendersAnswer>("/api/senders", as(tenant));
  expect(senders.map(({ service }) => service)).toEqual([`${tenant}-shop`]);
});

test("a trace is found by its tenant, and unknown to others", async () => {
  const [first] = (await ask<{ items: { traceId: string }[] }>("/api/traces?from=now-15m", as("acme"))).items;
  const where = `/api/traces/${first?.traceId ?? ""}`;
  expect((await ask<TraceAnswer>(where, as("acme"))).trace?.traceId).toBe(first?.traceId);
  const unknown = await ask<TraceAnswer>(`/api/traces/${"f".repeat(32)}`, as("globex"));
  expect(await ask<TraceAnswer>(where, as("globex"))).toEqual(unknown);
  expect(unknown.trace).toBeUndefined();
});

test("who names no tenant is refused at every door, and counted", async () => {
  expect(await postTraces(stack.urls.http, traces.acme)).toBe(401);
  expect(await sendTraces(stack.urls.grpc, traces.acme)).toBe(16);
  expect(await postTraces(stack.urls.http, traces.acme, as("a/b"))).toBe(400);
  expect((await fetch(`${stack.url}/api/services`)).status).toBe(401);
  const { losses } = await ask<StatusAnswer>("/api/status", {});
  expect(losses.map(({ reason, count }) => `${reason} ${count}`).toSorted()).toEqual([
    "bad-org-id 1",
    "no-org-id 1",
    "no-org-id 1",
  ]);
});

test("what the stack tells of itself is of a tenant of its own", async () => {
  await expect.poll(() => servicesOf(as("otelier"))).toEqual(["otelier"]);
});

test("from the shell: --org-id says whose", async () => {
  const reports = await Promise.all(
    tenants.map(async (tenant) => {
      const { stdout } = await storage("--json", "--org-id", tenant);
      return JSON.parse(stdout) as StorageReport;
    }),
  );
  const shares = reports.map(({ services, signals }, at) => {
    const total = signals.find(({ signal }) => signal === "traces")?.bytesOnDisk ?? 0;
    expect(services.map(({ service, rows }) => [service, rows])).toEqual([[`${tenants[at]}-shop`, spans]]);
    return (services[0]?.bytesOnDisk ?? 0) / total;
  });
  // Equal amounts: each has about the half of what is on disk, not all of it.
  for (const share of shares) expect(share).toBeCloseTo(0.5, 0.5);
  const nobody = await storage();
  expect([nobody.code, nobody.stderr]).toEqual([1, "otelier: no org id: name the tenant with --org-id\n"]);
  const wrong = await storage("--org-id", "a/b");
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain(`option "--org-id" cannot be "a/b"`);
  const sql = ["query", "--url", stack.url, "--org-id", "acme", "--sql", "SELECT 1"];
  expect((await run(sql, { cwd: folder })).stderr).toContain("several tenants share this store");
});

test("exports hold one tenant's alone, imports are whose one says, and a backup is of all", async () => {
  expect(await storage("export", "mine", "--org-id", "acme")).toMatchObject({ code: 0 });
  const exported = readdirSync(path.join(folder, "mine"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), "utf8"))
    .join("\n");
  expect([exported.includes("acme-shop"), exported.includes("globex-shop")]).toEqual([true, false]);
  const copied: Tenant | "copy" = "copy";
  expect(await storage("import", "mine", "--org-id", copied)).toMatchObject({ code: 0 });
  await expect.poll(() => servicesOf(as(copied))).toEqual(["acme-shop"]);
  expect(await storage("backup", "all.tar")).toMatchObject({ code: 0 });
});

test("a configuration says it too, and a receiver without it is told of", async () => {
  const receiver = (rest: string): string =>
    `{${rest}protocols: {grpc: {endpoint: "127.0.0.1:0"}, http: {endpoint: "127.0.0.1:0"}}}`;
  const config = [
    `receivers: {otlp/plain: ${receiver("")}, otlp: ${receiver("multitenancy_enabled: true, ")}}`,
    "exporters: {clickhouse: }",
    "service: {pipelines: {traces: {receivers: [otlp/plain, otlp], exporters: [clickhouse]}}}",
  ].join("\n");
  writeFileSync(path.join(folder, "tenants.yaml"), config);
  const program = new RunningProgram(["up", "--config", "tenants.yaml", ...anyPorts], { cwd: folder });
  try {
    const urls = await urlsOf(program);
    expect((await fetch(`${urls.front}/api/services`)).status).toBe(401);
    expect((await fetch(`${urls.front}/api/services`, { headers: as("acme") })).status).toBe(200);
    const notice = 'receiver "otlp/plain" has no multitenancy_enabled';
    const { notices } = (await (await fetch(`${urls.front}/api/status`)).json()) as StatusAnswer;
    expect(notices.map(({ message }) => message)).toEqual([expect.stringContaining(notice)]);
  } finally {
    await program.stop();
  }
});

const trace = `/api/traces/${sharedTraceId}`;
const recent = "from=now-15m";

/** Every question of the API, and whether its answer holds text of what was sent. */
const questions: readonly (readonly [string, boolean])[] = [
  [`/api/services?${recent}`, true],
  [`/api/operations?${recent}`, true],
  [`/api/graph?${recent}`, true],
  [`/api/traces?${recent}&column=mark&status=error`, true],
  [`/api/spans/groups?${recent}&by=mark`, true],
  [`/api/spans/heatmap?${recent}&steps=10`, false],
  [`/api/spans/compare?${recent}&selectStatus=error`, true],
  [`/api/spans/structure?${recent}`, true],
  [`/api/spans/exceptions?${recent}`, true],
  [`/api/spans/fields?${recent}`, true],
  [trace, true],
  [`${trace}/spans?id=${sharedSpanId}`, true],
  [`${trace}/field?by=mark`, true],
  [`${trace}/links`, true],
  [`${trace}/otlp`, true],
  [`/api/logs?${recent}`, true],
  [`/api/logs?trace=${sharedTraceId}`, true],
  [`/api/logs/volume?${recent}&steps=10`, false],
  [`/api/logs/patterns?${recent}`, true],
  [`/api/logs/fields?${recent}`, true],
  [`/api/metrics?${recent}`, true],
  [`/api/metrics/series?${recent}&metric=${sharedMetric}&groupBy=mark&function=p95`, true],
  [`/api/metrics/heatmap?${recent}&metric=${sharedMetric}`, true],
  ["/api/storage", true],
  ["/api/storage/export", false],
  ["/api/senders", true],
  ["/api/views", false],
];

async function sendMarked(tenant: string, signal: Signal): Promise<void> {
  const response = await fetch(`${stack.urls.http}/v1/${signal}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...as(tenant) },
    body: JSON.stringify(markedTelemetry(tenant)[signal]),
  });
  expect([signal, response.status, await response.text()]).toEqual([signal, 200, '{"partialSuccess":{}}']);
}

test("no answer holds a word of another tenant, though trace, span and metric have the same ids", async () => {
  for (const tenant of tenants) {
    for (const signal of signals) await sendMarked(tenant, signal);
  }
  const asked = ["acme", "globex", "stranger"];
  const whose = async (where: string): Promise<string[][]> =>
    Promise.all(
      asked.map(async (tenant) => {
        const answer = JSON.stringify(await ask<unknown>(where, as(tenant)));
        return tenants.filter((one) => answer.includes(one));
      }),
    );
  for (const [where, saysWhose] of questions) {
    const wanted = saysWhose ? [["acme"], ["globex"], []] : [[], [], []];
    await expect.poll(() => whose(where), { message: where }).toEqual(wanted);
  }
  // The two are of one tenant each, and the heat maps count its own only.
  const { trace: own } = await ask<TraceAnswer>(trace, as("acme"));
  expect(own?.spanIds).toHaveLength(2);
  const volume = await ask<LogVolume>(`/api/logs/volume?${recent}&steps=10`, as("acme"));
  expect(volume.classes.flatMap(({ counts }) => counts).reduce((sum, count) => sum + count, 0)).toBe(1);
});

test("a live page hears of its own tenant's telemetry only", async () => {
  const leave = new AbortController();
  /** Resolves once the stream is open, with what it is told first, less news of senders. */
  const listen = async (tenant: string): Promise<{ readonly first: Promise<string | undefined> }> => {
    const headers = { cookie: `otelier_tenant=${tenant}` };
    const { body } = await fetch(`${stack.url}/api/live`, { headers, signal: leave.signal });
    const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
    await reader.read();
    const first = async (): Promise<string | undefined> => {
      for (let text = ""; ; text += (await reader.read()).value ?? "") {
        const told = /event: visible\ndata: (.*)\n\n/.exec(text)?.[1];
        if (told !== undefined) return told;
      }
    };
    return { first: first() };
  };
  try {
    const [acme, globex] = [await listen("acme"), await listen("globex")];
    await sendMarked("acme", "traces");
    expect(await acme.first).toBe('{"signals":["traces"]}');
    await sendMarked("globex", "logs");
    expect(await globex.first).toBe('{"signals":["logs"]}');
  } finally {
    leave.abort();
  }
});
