import { expect, it } from "vitest";
import type { GraphEdge } from "../../../../src/api/explore/wire.ts";
import { edgePath, placeGraph } from "./layout.ts";

const edge = (
  client: string,
  server: string,
  serverKind: GraphEdge["serverKind"] = "service",
): GraphEdge => ({
  client,
  server,
  serverKind,
  count: 1,
  errorCount: 0,
  p50Nano: 1,
  p95Nano: 1,
});

it("draws each node once, callers left of what they call", () => {
  const placed = placeGraph(
    ["web", "api"],
    [edge("web", "api"), edge("api", "db", "database"), edge("web", "db", "database")],
  );
  expect(placed.nodes.map((node) => [node.id, node.kind])).toEqual([
    ["web", "service"],
    ["api", "service"],
    ["db", "database"],
  ]);
  const x = Object.fromEntries(placed.nodes.map((node) => [node.id, node.x]));
  expect(x.web).toBeLessThan(x.api!);
  expect(x.api).toBeLessThan(x.db!);
  expect(placed.edges).toHaveLength(3);
});

it("keeps lonely services, cycles and calls to oneself apart", () => {
  const placed = placeGraph(["lonely"], [edge("a", "b"), edge("b", "a"), edge("a", "a")]);
  expect(placed.nodes.map((node) => node.id).toSorted()).toEqual(["a", "b", "lonely"]);
  expect(placed.edges.map(({ edge: { client, server } }) => `${client} ${server}`)).toEqual(["a b", "b a"]);
});

it("places 100 services without two on one spot", () => {
  const edges = Array.from({ length: 99 }, (_, i) => edge(`s${Math.floor(i / 3)}`, `s${i + 1}`));
  const placed = placeGraph([], edges);
  expect(new Set(placed.nodes.map((node) => `${node.x} ${node.y}`)).size).toBe(100);
  expect(placed.compact).toBe(true);
});

it("joins points to one curve", () => {
  expect(edgePath([])).toBe("");
  expect(
    edgePath([
      { x: 0, y: 0 },
      { x: 10, y: 20 },
    ]),
  ).toBe("M0.0 0.0C5.0 0.0 5.0 20.0 10.0 20.0");
});
