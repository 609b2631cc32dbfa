/** Stretches of a window that stand for it, over the real engine. */
import { expect, it } from "vitest";
import { internalContext } from "../../../telemetry/batch.ts";
import { corpusStore } from "../../../../test/contracts/corpus-store.ts";
import { chooseStretches } from "./graph-sample.ts";

const startMs = 1_790_000_000_000;
const minute = 60_000;
const minutes = 20;
const window = { startMs, endMs: startMs + minutes * minute };
const context = { tenant: internalContext.tenant };

const corpus = corpusStore(
  Array.from({ length: minutes }, (_, at) => ({ seed: at, spans: 1000, startMs: startMs + at * minute })),
);

it("reads all of a window that holds few spans", async () => {
  expect(
    await chooseStretches(corpus.store.client, window, context, corpus.spanCount + 1, 10),
  ).toBeUndefined();
});

it("chooses a stretch at the newest span and one at the middle of all", async () => {
  const sample = await chooseStretches(corpus.store.client, window, context, corpus.spanCount, 1500);
  expect(sample?.spanCount).toBe(corpus.spanCount);
  const [newest, middle] = sample?.stretches ?? [];
  expect(newest?.endMs).toBeGreaterThan(startMs + (minutes - 1) * minute);
  expect(middle?.endMs).toBeLessThanOrEqual(startMs + (minutes / 2 + 1) * minute);
  expect(middle?.endMs).toBeGreaterThan(startMs + (minutes / 2 - 2) * minute);
  expect(sample?.spansRead).toBeGreaterThanOrEqual(2 * 1500);
  expect(sample?.spansRead).toBeLessThan(corpus.spanCount / 2);
});

it("takes no stretch twice when each would hold everything", async () => {
  const sample = await chooseStretches(corpus.store.client, window, context, 1, corpus.spanCount * 2);
  expect(sample?.stretches).toHaveLength(1);
  expect(sample?.spansRead).toBe(corpus.spanCount);
});
