import { expect, it } from "vitest";
import type { TraceSummary } from "../../../src/api/explore/wire.ts";
import { traceAtRank } from "./typical-trace.ts";

const traces = (durations: readonly number[]): readonly TraceSummary[] =>
  durations.map((durationNano, i) => ({
    traceId: String(i),
    rootService: "shop",
    rootName: "GET /",
    rootMissing: false,
    startUnixNano: "0",
    durationNano,
    spanCount: 1,
    errorCount: 0,
    services: [],
    matchedSpanId: "",
    columnValues: [],
  }));

it.each<[readonly number[], number, number | undefined]>([
  [[9, 1, 5], 0.5, 5],
  [[9, 1, 5, 7], 0.5, 7],
  [[9, 1, 5], 0, 1],
  [[9, 1, 5], 1, 9],
  [[4], 0.9, 4],
  [[], 0.5, undefined],
])("of %j the one at %d takes %d", (durations, rank, found) => {
  expect(traceAtRank(traces(durations), rank)?.durationNano).toBe(found);
});
