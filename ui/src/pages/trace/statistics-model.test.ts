import { expect, it } from "vitest";
import { findCriticalPath } from "../../panels/waterfall/critical-path.ts";
import { treeOf } from "../../panels/waterfall/trace-text.ts";
import { compareStatistics, spanStatistics, type StatisticRow } from "./statistics-model.ts";

const tree = treeOf(`
  shop root server 0 100
    shop SELECT client 10 10
    shop SELECT client 20 30 error
    stock GET server 60 20`);
const statistics = (group: "operation" | "service" | "kind"): readonly StatisticRow[] =>
  spanStatistics(tree, findCriticalPath(tree), group);

it("sums by operation, most own time first", () => {
  expect(statistics("operation").map((row) => [row.service, row.name, row.count, row.errors])).toEqual([
    ["shop", "root", 1, 0],
    ["shop", "SELECT", 2, 1],
    ["stock", "GET", 1, 0],
  ]);
  expect(statistics("operation")[1]).toMatchObject({
    totalNano: 40,
    selfNano: 40,
    criticalNano: 40,
    p95Nano: 30,
    maxNano: 30,
  });
});

it.each([
  [
    "service",
    [
      ["shop", ""],
      ["stock", ""],
    ],
  ],
  [
    "kind",
    [
      ["", "client"],
      ["", "server"],
    ],
  ],
] as const)("sums by %s", (group, wanted) => {
  const rows = statistics(group).map((row) => [row.service, row.name]);
  expect(rows).toHaveLength(2);
  expect(rows).toEqual(expect.arrayContaining([...wanted]));
});

it("sets two traces side by side", () => {
  const other = treeOf(`
  shop root server 0 50
    shop INSERT client 10 5`);
  const rows = compareStatistics(
    spanStatistics(other, findCriticalPath(other), "operation"),
    statistics("operation"),
  );
  expect(rows.map((row) => [row.name, row.before?.count, row.after?.count, row.selfNano])).toEqual([
    ["SELECT", undefined, 2, 40],
    ["GET", undefined, 1, 20],
    ["root", 1, 1, -5],
    ["INSERT", 1, undefined, -5],
  ]);
});
