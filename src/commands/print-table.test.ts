import { expect, test } from "vitest";
import { printTable, printTsv } from "./print-table.ts";

const answer = {
  columns: [
    { name: "service", type: "LowCardinality(String)" },
    { name: "spans", type: "UInt64" },
    { name: "tags", type: "Array(String)" },
  ],
  rows: [
    ["shop", "1200", ["a", "b"]],
    ["a\tb\nc", "7", []],
    [null, "0", ["x"]],
  ],
  truncated: false,
};

test("a table for people", () => {
  expect(printTable(answer)).toBe(
    [
      "service  spans  tags",
      "-------  -----  ---------",
      `shop      1200  ["a","b"]`,
      "a b c        7  []",
      `             0  ["x"]`,
      "(3 rows)",
      "",
    ].join("\n"),
  );
});

test("tab-separated values for programs", () => {
  expect(printTsv(answer)).toBe(
    `service\tspans\ttags\nshop\t1200\t["a","b"]\na\\tb\\nc\t7\t[]\n\t0\t["x"]\n`,
  );
});
