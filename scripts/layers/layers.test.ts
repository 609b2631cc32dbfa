import { describe, expect, test } from "vitest";
import { findCycles } from "./cycles.ts";
import { importsOf } from "./imports.ts";
import { parseTables } from "./tables.ts";

describe("importsOf", () => {
  test.each([
    [`import { a } from "./a.ts";`, ["./a.ts"]],
    [`import type { A } from "../x/a.ts";\nexport { b } from './b.ts';`, ["../x/a.ts", "./b.ts"]],
    [`import {\n  a,\n  b,\n} from "./many.ts";`, ["./many.ts"]],
    [`import "./effect.ts";`, ["./effect.ts"]],
    [`const m = await import("./late.ts");`, ["./late.ts"]],
    [`// import { a } from "./no.ts";\n/* import "./no.ts" */`, []],
  ])("%s", (text, expected) => {
    expect(importsOf(text)).toEqual(expected);
  });
});

test("findCycles names the way round", () => {
  expect(
    findCycles([
      { from: "a", to: "b" },
      { from: "b", to: "c" },
    ]),
  ).toEqual([]);
  expect(
    findCycles([
      { from: "a", to: "b" },
      { from: "b", to: "c" },
      { from: "c", to: "a" },
    ]),
  ).toEqual([["a", "b", "c", "a"]]);
});

test("parseTables reads rows, exceptions and doors", () => {
  const page = [
    "## Layers",
    "",
    "| row | modules | also | never |",
    "|---|---|---|---|",
    "| 2 | `main.ts` `commands` | `main.ts` -> `commands` | |",
    "| 1 | `api/*` `verify` | | `api/*` `verify` -> `storage/clickhouse` |",
    "## Doors",
    "| what | only in |",
    "|---|---|",
    "| `node:net` `node:tls` | `base/net` |",
  ].join("\n");
  const tables = parseTables(page);
  expect([...tables.rows]).toEqual([
    ["main.ts", 2],
    ["commands", 2],
    ["api/*", 1],
    ["verify", 1],
  ]);
  expect(tables.also).toEqual([["main.ts", "commands"]]);
  expect(tables.never).toEqual([
    ["api/*", "storage/clickhouse"],
    ["verify", "storage/clickhouse"],
  ]);
  expect(tables.doors).toEqual([{ modules: ["node:net", "node:tls"], homes: ["base/net"] }]);
  expect(() => parseTables("# nothing")).toThrow("no layer table");
});
