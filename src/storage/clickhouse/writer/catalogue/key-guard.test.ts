/** A sender with ids in its attribute keys, against a store with the real engine. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Batch, internalContext } from "../../../../telemetry/batch.ts";
import { ResourceSpans, ScopeSpans, Span, TracesData } from "../../../../telemetry/tree/traces.ts";
import { openStore, type ClickHouseStore } from "../../store.ts";
import { KeyGuard, type KeysLeftOut } from "./key-guard.ts";

const folder = mkdtempSync(path.join(tmpdir(), "otelier-keys-"));
let store: ClickHouseStore;
beforeAll(async () => {
  store = await openStore({ dataDirectory: folder });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const dayMs = 86_400_000;
// Noon: all in one day.
const noon = BigInt(Math.floor(Date.now() / dayMs) * dayMs - dayMs / 2) * 1_000_000n;

/** Spans with two keys of every day, and one that no other has. */
function spans(first: number, count: number, tenant: string): Batch {
  const tree = new TracesData();
  const scope = tree.resourceSpans.push(new ResourceSpans()).scopeSpans.push(new ScopeSpans());
  for (let at = first; at < first + count; at++) {
    const span = scope.spans.push(new Span());
    span.traceId = Buffer.alloc(16, 1 + (at % 200));
    span.spanId = Buffer.alloc(8, 1);
    span.startTimeUnixNano = span.endTimeUnixNano = noon;
    span.attributes.set("url.path", "/cart");
    span.attributes.set("http.request.method", "GET");
    span.attributes.set(`user.${at}.visits`, "1");
  }
  return Batch.fromTree("traces", tree, { ...internalContext, tenant });
}

async function numbers(sql: string): Promise<readonly number[]> {
  return (await store.client.queryRows(sql, { what: "count" })).rows[0]?.map(Number) ?? [];
}

it(
  "the catalogue keeps the most used of 100,000 keys, and the store all that carries them",
  { timeout: 120_000 },
  async () => {
    for (let first = 0; first < 100_000; first += 5_000) await store.write(spans(first, 5_000, ""));
    await store.write(spans(0, 50, "quiet"));
    while (store.counts().pendingSegments > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const told: KeysLeftOut[] = [];
    const guard = new KeyGuard({
      client: store.client,
      maxKeys: 1000,
      report: (action) => told.push(action),
    });
    const day = new Date(Number(noon / 1_000_000n)).toISOString().slice(0, 10);
    await guard.runOnce();
    expect(told).toEqual([{ tenant: "", signal: "traces", scope: "span", day, keys: 99_102, kept: 900 }]);
    expect(guard.leftOutKeys).toBe(99_102);
    const catalogue = "FROM otel_attribute_keys WHERE Signal = 'traces' AND Scope = 'span'";
    expect(
      await numbers(
        `SELECT uniqExactIf(Key, Tenant = ''), sumIf(Count, Key = 'url.path' AND Tenant = ''), uniqExactIf(Key, Tenant = 'quiet') ${catalogue}`,
      ),
    ).toEqual([900, 100_000, 52]);
    expect(
      await numbers(
        "SELECT count(), uniqExact(arrayFirst(key -> key LIKE 'user.%', mapKeys(SpanAttributes))), countIf(SpanAttributes['user.77777.visits'] = '1') FROM otel_traces WHERE Tenant = ''",
      ),
    ).toEqual([100_000, 100_000, 1]);
    expect(await guard.runOnce()).toEqual([]);
  },
);

it("memory of the program does not grow with the number of keys", { timeout: 120_000 }, async () => {
  const write = async (from: number): Promise<void> => {
    for (let first = from; first < from + 50_000; first += 5_000)
      await store.write(spans(first, 5_000, "busy"));
    while (store.counts().pendingSegments > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await write(0);
  const before = process.memoryUsage().arrayBuffers;
  await write(1_000_000);
  await write(2_000_000);
  // Tables of 100,000 more keys alone would take more: what is kept belongs to blocks, which are bounded.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(192 * 1024 * 1024);
});
