import { expect, it } from "vitest";
import { treeOf } from "../../panels/waterfall/trace-text.ts";
import { callsOf } from "./trace-graph-model.ts";

const tree = treeOf(`
  shop GET server 0 100
    shop call client 10 50
      stock GET server 20 30 error
        stock SELECT client 25 10
        stock SELECT client 36 4
    shop call client 60 30
      stock GET server 65 20
  lost job internal 0 5`);

it("counts the calls between services, and those to databases", () => {
  const databases = {
    values: ["postgresql"],
    spanIds: [3, 4].map((at) => tree.skeleton.spanIds[at]!),
    value: [0, 0],
  };
  const calls = callsOf(tree, [databases, { values: [], spanIds: [], value: [] }]);
  expect(calls.edges).toEqual([
    {
      client: "shop",
      server: "stock",
      serverKind: "service",
      count: 2,
      errorCount: 1,
      p50Nano: 20,
      p95Nano: 30,
    },
    {
      client: "stock",
      server: "postgresql",
      serverKind: "database",
      count: 2,
      errorCount: 0,
      p50Nano: 4,
      p95Nano: 10,
    },
  ]);
  expect([...calls.services]).toEqual([
    ["shop", { spans: 3, errors: 0, selfNano: 50 }],
    ["stock", { spans: 4, errors: 1, selfNano: 50 }],
    ["lost", { spans: 1, errors: 0, selfNano: 5 }],
  ]);
});
