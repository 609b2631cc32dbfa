/** One stack, two tenants: each sends by another protocol, and sees its own alone, by API and from the shell. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SendersAnswer, StatusAnswer, TraceAnswer } from "../../../src/api/explore/wire.ts";
import type { StorageReport } from "../../../src/storage/usage.ts";
import { removeFolder, run, startStack, temporaryFolder, type Ended, type Stack } from "./run-stack.ts";
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
}, 60_000);
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
    await expect.poll(() => servicesOf(headers), { timeout: 20_000 }).toEqual([`${tenant}-shop`]);
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
  await expect.poll(() => servicesOf(as("otelier")), { timeout: 20_000 }).toEqual(["otelier"]);
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
  await expect.poll(() => servicesOf(as(copied)), { timeout: 20_000 }).toEqual(["acme-shop"]);
  expect(await storage("backup", "all.tar")).toMatchObject({ code: 0 });
});
