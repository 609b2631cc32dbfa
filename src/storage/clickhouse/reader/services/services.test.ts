/** What is noted of resources beside their spans must say what the spans themselves say. */
import { expect, it } from "vitest";
import { internalContext } from "../../../../telemetry/batch.ts";
import { corpusStore } from "../../../../../test/contracts/corpus-store.ts";
import { readResources } from "./resources.ts";
import { readServices } from "./services.ts";
import { readUnnoted } from "./unnoted.ts";

const startMs = 1_790_000_000_000;
const window = { startMs: startMs - 3_600_000, endMs: startMs + 3_600_000 };
const context = { tenant: internalContext.tenant };

const corpus = corpusStore([{ seed: 3, spans: 40_000, startMs }]);

it("says of each service what its spans say", async () => {
  const { items } = await readServices(corpus.store.client, window, 1, context);
  const noted = await readResources(corpus.store.client, window, context);
  const found = await readUnnoted(corpus.store.client, window, items, context);
  expect(items.length).toBeGreaterThanOrEqual(5);
  expect([...noted.keys()].toSorted()).toEqual(items.map(({ name }) => name));
  for (const { name, version, language } of items) {
    expect(noted.get(name)).toEqual(found.get(name));
    expect([version, language]).not.toContain("");
  }
});

it("looks into the spans of services that nothing was noted of", async () => {
  const before = await readServices(corpus.store.client, window, 1, context);
  await corpus.store.client.command("TRUNCATE TABLE otel_traces_resources", { what: "forget the resources" });
  expect(await readServices(corpus.store.client, window, 1, context)).toEqual(before);
});
