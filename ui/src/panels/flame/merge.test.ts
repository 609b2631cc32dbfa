import { expect, it } from "vitest";
import type { TraceSkeleton } from "../../../../src/api/explore/wire.ts";
import { buildTree } from "../waterfall/tree.ts";
import { mergeFrames, placeFrames } from "./merge.ts";

/** root(0-100) calls a(10-40) twice in parallel, and b(60-80); each a calls b for 10. */
const skeleton: TraceSkeleton = {
  traceId: "",
  startUnixNano: "0",
  durationNano: 100,
  spanIds: ["0", "1", "2", "3", "4", "5"],
  parents: [-1, 0, 1, 0, 3, 0],
  starts: [0, 10, 20, 10, 20, 60],
  durations: [100, 30, 10, 30, 10, 20],
  name: [0, 1, 2, 1, 2, 2],
  service: [0, 0, 0, 0, 0, 0],
  kind: [0, 0, 0, 0, 0, 0],
  status: [0, 0, 2, 0, 0, 0],
  flags: [0, 0, 0, 0, 0, 0],
  names: ["root", "a", "b"],
  services: ["shop"],
  omitted: 0,
};

it("merges what is called the same way", () => {
  const frames = mergeFrames(buildTree(skeleton));
  expect([...frames.parents]).toEqual([-1, 0, 1, 0]);
  expect([...frames.spans]).toEqual([1, 2, 2, 1]);
  expect([...frames.errors]).toEqual([0, 0, 1, 0]);
  // The root itself: 100 less 30 and 20; the a's cover the same stretch of it.
  expect([...frames.self]).toEqual([50, 40, 20, 20]);
  expect([...frames.weight]).toEqual([130, 60, 20, 20]);
});

it("places frames within their callers, the widest first", () => {
  const { left, width } = placeFrames(mergeFrames(buildTree(skeleton)));
  const scaled = (values: Float64Array): number[] => [...values].map((value) => Math.round(value * 130));
  expect(scaled(left)).toEqual([0, 0, 0, 60]);
  expect(scaled(width)).toEqual([130, 60, 20, 20]);
});
