/** Services of more spans than resources are read of: nothing that names a service may be lost by reading a sample. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { systemClock } from "../../../base/clock.ts";
import { Batch, internalContext } from "../../../telemetry/batch.ts";
import { generateTraces } from "../../../../bench/corpus.ts";
import { openStore, type ClickHouseStore } from "../store.ts";
import { readServices } from "./services.ts";

const folder = mkdtempSync(path.join(tmpdir(), "otelier-services-"));
const startMs = 1_790_000_000_000;
const window = { startMs: startMs - 3_600_000, endMs: startMs + 3_600_000 };
let store: ClickHouseStore;

beforeAll(async () => {
  store = await openStore({ dataDirectory: folder });
  let spans = 0;
  const corpus = { seed: 3, spans: 40_000, spansPerRequest: 2_000 };
  for (const bytes of generateTraces({ ...corpus, startUnixNano: BigInt(startMs) * 1_000_000n })) {
    const batch = Batch.fromBytes("traces", bytes, internalContext);
    spans += batch.itemCount;
    await store.write(batch);
  }
  while (store.counts().insertedRows < spans) await systemClock.sleep(20);
}, 120_000);

afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

it.each([20_000, 10_000, 100])("with %i rows of resources wanted", async (rows) => {
  const context = { tenant: internalContext.tenant };
  const whole = await readServices(store.client, window, 1, context, Infinity);
  const sampled = await readServices(store.client, window, 1, context, rows);
  expect(whole.items.length).toBeGreaterThanOrEqual(5);
  const known = ({ items }: typeof whole): readonly unknown[] =>
    items.map(({ name, namespace, version, language, spanCount }) => [
      name,
      namespace,
      version,
      language,
      spanCount,
    ]);
  expect(known(sampled)).toEqual(known(whole));
  sampled.items.forEach(({ instances }, index) => {
    expect(instances).toBeGreaterThanOrEqual(1);
    expect(instances).toBeLessThanOrEqual(whole.items[index]?.instances ?? 0);
  });
});
