import { expect, it } from "vitest";
import type { GraphEdge, MetricSummary } from "../../../../src/api/explore/wire.ts";
import { neighboursOf, requestSeries, runtimeMetrics } from "./model.ts";

it("stacks failed requests under the others", () => {
  const [failed, other] = requestSeries({ countSeries: [5, 3], errorSeries: [2, 0] });
  expect(failed?.counts).toEqual([2, 0]);
  expect(other?.counts).toEqual([3, 3]);
});

it("knows both sides of a service, the busiest first", () => {
  const edge = (client: string, server: string, count: number): GraphEdge => ({
    client,
    server,
    serverKind: "service",
    count,
    errorCount: 0,
    p50Nano: 1,
    p95Nano: 1,
  });
  const edges = [edge("a", "b", 1), edge("c", "b", 9), edge("b", "d", 2), edge("b", "b", 5)];
  const { callers, callees } = neighboursOf("b", edges);
  expect(callers.map(({ client }) => client)).toEqual(["c", "a"]);
  expect(callees.map(({ server }) => server)).toEqual(["d"]);
});

it("puts CPU before memory before the rest, and leaves the program's own metrics out", () => {
  const metrics = ["shop.orders", "v8js.memory.heap.used", "nodejs.eventloop.delay.p99", "process.cpu.time"];
  const found = runtimeMetrics(metrics.map((name) => ({ name })) as unknown as readonly MetricSummary[], 2);
  expect(found.map(({ name }) => name)).toEqual(["process.cpu.time", "v8js.memory.heap.used"]);
});
