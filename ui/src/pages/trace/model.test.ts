import { describe, expect, it } from "vitest";
import type { SpanDetail, TraceSkeleton } from "../../../../src/api/explore/wire.ts";
import { buildTree } from "../../panels/waterfall/tree.ts";
import {
  eventOffset,
  exceptionOf,
  indexOfSpan,
  selfTime,
  traceJson,
  otlpAddress,
  replayCommand,
} from "./model.ts";

const skeleton: TraceSkeleton = {
  traceId: "ab".repeat(16),
  startUnixNano: "1700000000000000001",
  durationNano: 100,
  spanIds: ["a", "b", "c", "d"],
  parents: [-1, 0, 0, 2],
  starts: [0, 10, 30, 35],
  durations: [100, 40, 90, 5],
  name: [0, 0, 0, 0],
  service: [0, 0, 0, 0],
  kind: [2, 3, 3, 1],
  status: [0, 2, 0, 0],
  flags: [0, 0, 0, 0],
  names: ["work"],
  services: ["shop"],
  omitted: 0,
};
const tree = buildTree(skeleton);

it("takes from a span's time what its children cover, overlaps once, ends beyond it not at all", () => {
  // Children cover 10 to 50 and 30 to 100 (cut from 120): 90 of 100.
  expect(selfTime(tree, 0)).toBe(10);
  expect(selfTime(tree, 2)).toBe(85);
  expect(selfTime(tree, 3)).toBe(5);
});

it("finds spans by id", () => {
  expect(["c", "zz", ""].map((id) => indexOfSpan(skeleton, id))).toEqual([2, -1, -1]);
});

it("copies a trace as JSON, cut to the limit and saying how many there are", () => {
  const copied = JSON.parse(traceJson(tree, 2)) as { spanCount: number; spans: unknown[] };
  expect(copied.spanCount).toBe(4);
  expect(copied.spans).toEqual([
    {
      spanId: "a",
      parentSpanId: "",
      service: "shop",
      name: "work",
      startOffsetNano: 0,
      durationNano: 100,
      isError: false,
    },
    {
      spanId: "b",
      parentSpanId: "a",
      service: "shop",
      name: "work",
      startOffsetNano: 10,
      durationNano: 40,
      isError: true,
    },
  ]);
});

describe("events", () => {
  it("keeps nanoseconds that a number cannot hold", () => {
    const span = { startUnixNano: "1700000000000000001" } as SpanDetail;
    expect(eventOffset(span, "1700000000000000004")).toBe(3);
  });
  it("reads exceptions by the conventions only", () => {
    const attribute = (key: string, value: string) => ({ key, value, type: "string" as const });
    expect(exceptionOf([attribute("exception.type", "E"), attribute("x", "y")])).toEqual({
      type: "E",
      message: "",
      stacktrace: "",
    });
    expect(exceptionOf([attribute("message", "E")])).toBeUndefined();
  });
});

it("names the address and the command for OTLP", () => {
  expect(otlpAddress("http://host:4319/prefix/", "ab", "cd")).toBe(
    "http://host:4319/prefix/api/traces/ab/otlp?id=cd",
  );
  expect(replayCommand("http://host:4319/", "ab")).toContain(
    "curl -s 'http://host:4319/api/traces/ab/otlp' | curl -X POST",
  );
});
