import { expect, it } from "vitest";
import { batchOf, context, traceId, traces } from "../../../test/contracts/store-corpus.ts";
import { createMemoryStore } from "../../../test/fakes/memory-store/memory-store.ts";
import { tracesData } from "./otlp-json.ts";

const ids = [
  "1000000000000001",
  "1000000000000002",
  "2000000000000001",
  "2000000000000002",
  "2000000000000003",
];

it("gives spans that are stored again as they were", async () => {
  const first = createMemoryStore();
  await first.write(batchOf("traces", traces));
  const sent = await first.spans(traceId, ids, context);
  const data = tracesData(sent);
  expect(data.resourceSpans).toHaveLength(2);
  const second = createMemoryStore();
  await second.write(batchOf("traces", data));
  expect(await second.spans(traceId, ids, context)).toEqual(sent);
});
