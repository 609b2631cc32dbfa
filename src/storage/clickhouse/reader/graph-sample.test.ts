/** Stretches of a window that stand for it, over the real engine. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { generateTraces } from "../../../../bench/corpus.ts";
import { systemClock } from "../../../base/clock.ts";
import { Batch, internalContext } from "../../../telemetry/batch.ts";
import { openStore, type ClickHouseStore } from "../store.ts";
import { chooseStretches } from "./graph-sample.ts";

const folder = mkdtempSync(path.join(tmpdir(), "otelier-sample-"));
const startMs = 1_790_000_000_000;
const minute = 60_000;
const minutes = 20;
const window = { startMs, endMs: startMs + minutes * minute };
const context = { tenant: internalContext.tenant };
let store: ClickHouseStore;
let spanCount = 0;

beforeAll(async () => {
  store = await openStore({ dataDirectory: folder });
  for (let at = 0; at < minutes; at++) {
    const startUnixNano = BigInt(startMs + at * minute) * 1_000_000n;
    for (const bytes of generateTraces({ seed: at, spans: 1000, spansPerRequest: 1000, startUnixNano })) {
      const batch = Batch.fromBytes("traces", bytes, internalContext);
      spanCount += batch.itemCount;
      await store.write(batch);
    }
  }
  while (store.counts().insertedRows < spanCount) await systemClock.sleep(20);
}, 120_000);

afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

it("reads all of a window that holds few spans", async () => {
  expect(await chooseStretches(store.client, window, context, spanCount + 1, 10)).toBeUndefined();
});

it("chooses a stretch at the newest span and one at the middle of all", async () => {
  const sample = await chooseStretches(store.client, window, context, spanCount, 1500);
  expect(sample?.spanCount).toBe(spanCount);
  const [newest, middle] = sample?.stretches ?? [];
  expect(newest?.endMs).toBeGreaterThan(startMs + (minutes - 1) * minute);
  expect(middle?.endMs).toBeLessThanOrEqual(startMs + (minutes / 2 + 1) * minute);
  expect(middle?.endMs).toBeGreaterThan(startMs + (minutes / 2 - 2) * minute);
  expect(sample?.spansRead).toBeGreaterThanOrEqual(2 * 1500);
  expect(sample?.spansRead).toBeLessThan(spanCount / 2);
});

it("takes no stretch twice when each would hold everything", async () => {
  const sample = await chooseStretches(store.client, window, context, 1, spanCount * 2);
  expect(sample?.stretches).toHaveLength(1);
  expect(sample?.spansRead).toBe(spanCount);
});
