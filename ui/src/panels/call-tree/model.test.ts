import { expect, it } from "vitest";
import type { CallPath } from "../../../../src/api/explore/wire.ts";
import { buildPathTree, shownPaths } from "./model.ts";

const path = (parent: number, selfNano: number): CallPath => ({
  parent,
  service: "",
  name: "",
  kind: "Internal",
  traceCount: 1,
  spanCount: 1,
  errorCount: 0,
  totalNano: selfNano,
  selfNano,
  slowestTraceId: "",
  slowestSpanId: "",
});
const tree = buildPathTree([path(-1, 5), path(0, 1), path(1, 1), path(0, 2), path(-1, 1)]);

it("knows depth, subtrees and places", () => {
  expect([...tree.depth]).toEqual([0, 1, 2, 1, 0]);
  expect([...tree.size]).toEqual([4, 2, 1, 1, 1]);
  expect([...tree.place]).toEqual([1, 1, 1, 2, 2]);
  expect([...tree.siblings]).toEqual([2, 2, 1, 2, 2]);
  expect(tree.selfNano).toBe(10);
  expect(buildPathTree([]).selfNano).toBe(1);
});

it.each([
  [[], [0, 1, 2, 3, 4]],
  [[1], [0, 1, 3, 4]],
  [
    [0, 1],
    [0, 4],
  ],
])("folds %j", (folded, wanted) => {
  expect(shownPaths(tree, new Set(folded))).toEqual(wanted);
});
