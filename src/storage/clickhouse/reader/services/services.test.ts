/** What is noted of resources beside their spans must say what the spans themselves say. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { systemClock } from "../../../../base/clock.ts";
import { Batch, internalContext } from "../../../../telemetry/batch.ts";
import { generateTraces } from "../../../../../bench/corpus.ts";
import { openStore, type ClickHouseStore } from "../../store.ts";
import { readResources } from "./resources.ts";
import { readServices } from "./services.ts";
import { readUnnoted } from "./unnoted.ts";

const folder = mkdtempSync(path.join(tmpdir(), "otelier-services-"));
const startMs = 1_790_000_000_000;
const window = { startMs: startMs - 3_600_000, endMs: startMs + 3_600_000 };
const context = { tenant: internalContext.tenant };
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
  while (store.counts().insertedRows < spans || store.counts().pendingSegments > 0)
    await systemClock.sleep(20);
}, 120_000);

afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

it("says of each service what its spans say", async () => {
  const { items } = await readServices(store.client, window, 1, context);
  const noted = await readResources(store.client, window, context);
  const found = await readUnnoted(store.client, window, items, context);
  expect(items.length).toBeGreaterThanOrEqual(5);
  expect([...noted.keys()].toSorted()).toEqual(items.map(({ name }) => name));
  for (const { name, version, language } of items) {
    expect(noted.get(name)).toEqual(found.get(name));
    expect([version, language]).not.toContain("");
  }
});

it("looks into the spans of services that nothing was noted of", async () => {
  const before = await readServices(store.client, window, 1, context);
  await store.client.command("TRUNCATE TABLE otel_traces_resources", { what: "forget the resources" });
  expect(await readServices(store.client, window, 1, context)).toEqual(before);
});
