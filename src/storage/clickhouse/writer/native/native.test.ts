/** Blocks as the real engine reads them. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { ArrayColumn } from "./array-column.ts";
import { Block } from "./block.ts";
import type { Column } from "./column.ts";
import { NumberColumn, WideColumn } from "./fixed-columns.ts";
import { LowCardinalityColumn } from "./low-cardinality-column.ts";
import {
  attributesColumn,
  sharedAttributesColumn,
  textMapColumn,
  type AttributesColumn,
  type SharedAttributesColumn,
} from "./map-column.ts";
import { readBlock } from "./read-block.ts";
import { StringColumn } from "./string-column.ts";
import { engineScene } from "../../testdata/engine-scene.ts";

const scene = engineScene({ migrated: false });

/** What the engine makes of the column "c" of a block, as text, row by row. */
async function engineReads(block: Block): Promise<readonly string[]> {
  const file = path.join(scene.folder, "block.native");
  writeFileSync(file, Buffer.concat(block.chunks()));
  const answer = await scene.client.queryRows(`SELECT toString(c) FROM file('${file}', Native)`, {
    what: "read a block",
  });
  return answer.rows.map((row) => String(row[0]));
}

function wide(type: string, append: (column: WideColumn) => void): Column {
  const column = new WideColumn(type);
  append(column);
  return column;
}

function numbers(type: ConstructorParameters<typeof NumberColumn>[0], values: readonly number[]): Column {
  const column = new NumberColumn(type);
  for (const value of values) column.append(value);
  return column;
}

function texts(values: readonly string[]): Column {
  const column = new StringColumn();
  for (const value of values) column.appendText(value);
  return column;
}

function words(values: readonly string[]): LowCardinalityColumn {
  const column = new LowCardinalityColumn();
  for (const value of values) column.appendText(value);
  return column;
}

function maps(
  rows: readonly (readonly (readonly [string, string])[])[],
  column: AttributesColumn | SharedAttributesColumn = attributesColumn(),
): Column {
  for (const row of rows) {
    for (const [key, value] of row) {
      column.keys.appendText(key);
      column.values.appendText(value);
    }
    column.endRow();
  }
  return column;
}

function arrays<E extends Column>(element: E, rows: readonly (() => void)[]): Column {
  const column = new ArrayColumn(element);
  for (const append of rows) {
    append();
    column.endRow();
  }
  return column;
}

function nestedMaps(): Column {
  const element = attributesColumn();
  const pair = (key: string, value: string): void => {
    element.keys.appendText(key);
    element.values.appendText(value);
  };
  return arrays(element, [
    () => {
      pair("a", "1");
      pair("b", "2");
      element.endRow();
      element.endRow();
    },
    () => {},
    () => {
      pair("c", "3");
      element.endRow();
    },
  ]);
}

function binaryMap(): Column {
  const column = textMapColumn();
  column.keys.appendText("r:k");
  column.values.append(Uint8Array.of(10, 0, 65), 0, 3);
  column.endRow();
  column.appendDefault();
  return column;
}

const long = "ü".repeat(5000);
const integers = new WideColumn("UInt64");
const floats = new WideColumn("Float64");
const labels = new LowCardinalityColumn();
const manyWords = Array.from({ length: 70_000 }, (_, index) => `word ${index}`);

const cases: readonly (readonly [string, Column, readonly string[]])[] = [
  ["String", texts(["", "größe", long]), ["", "größe", long]],
  ["UInt8", numbers("UInt8", [0, 255]), ["0", "255"]],
  ["UInt32", numbers("UInt32", [0, 4294967295]), ["0", "4294967295"]],
  ["Int32", numbers("Int32", [-1, 2147483647, -2147483648]), ["-1", "2147483647", "-2147483648"]],
  ["Date", numbers("Date", [0, 20_000]), ["1970-01-01", "2024-10-04"]],
  [
    "UInt64",
    wide("UInt64", (column) => {
      column.appendInteger(2 ** 53 - 1);
      column.append(0xffffffff, 0xffffffff);
    }),
    ["9007199254740991", "18446744073709551615"],
  ],
  ["Int64", wide("Int64", (column) => column.appendBigint(-(2n ** 63n))), ["-9223372036854775808"]],
  [
    "Float64",
    wide("Float64", (column) =>
      [1.5, -0, Number.NaN, Infinity].forEach((value) => column.appendFloat(value)),
    ),
    ["1.5", "-0", "nan", "inf"],
  ],
  [
    "DateTime64(9)",
    wide("DateTime64(9)", (column) => column.appendBigint(1_700_000_000_123_456_789n)),
    ["2023-11-14 22:13:20.123456789"],
  ],
  ["LowCardinality(String)", words(["", "a", "b", "a"]), ["", "a", "b", "a"]],
  ["LowCardinality(String) with many values", words(manyWords), manyWords],
  [
    "Map(LowCardinality(String), String)",
    maps([
      [
        ["k", "v"],
        ["", ""],
      ],
      [],
      [
        ["k", "w"],
        ["k", "again"],
      ],
    ]),
    ["{'k':'v','':''}", "{}", "{'k':'w','k':'again'}"],
  ],
  [
    "Map(LowCardinality(String), LowCardinality(String))",
    maps(
      [
        [["k", "v"]],
        [],
        [
          ["k", long],
          ["l", "v"],
        ],
      ],
      sharedAttributesColumn(),
    ),
    ["{'k':'v'}", "{}", `{'k':'${long}','l':'v'}`],
  ],
  ["Map(String, String)", binaryMap(), ["{'r:k':'\\n\\0A'}", "{}"]],
  [
    "Array(UInt64)",
    arrays(integers, [
      () => integers.appendInteger(1),
      () => {},
      () => [2, 3].forEach((one) => integers.appendInteger(one)),
    ]),
    ["[1]", "[]", "[2,3]"],
  ],
  ["Array(Float64) of empty rows", arrays(floats, [() => {}, () => {}]), ["[]", "[]"]],
  [
    "Array(LowCardinality(String))",
    arrays(labels, [() => labels.appendText("x"), () => ["y", "x"].forEach((one) => labels.appendText(one))]),
    ["['x']", "['y','x']"],
  ],
  [
    "Array(Map(LowCardinality(String), String))",
    nestedMaps(),
    ["[{'a':'1','b':'2'},{}]", "[]", "[{'c':'3'}]"],
  ],
];

describe("the engine reads", () => {
  it.each(cases)("%s", async (_, column, wanted) => {
    expect(await engineReads(new Block([{ name: "c", column }]))).toEqual(wanted);
  });
});

describe("a block", () => {
  it.each(cases)(
    "of %s reads back, after dropping rows and from the start again",
    async (_, column, wanted) => {
      const block = new Block([{ name: "c", column }]);
      const once = readBlock(Buffer.concat(block.chunks())).columns.get("c")?.values;
      expect(once).toHaveLength(wanted.length);
      column.appendDefault();
      column.truncate(wanted.length);
      expect(readBlock(Buffer.concat(block.chunks())).columns.get("c")?.values).toEqual(once);
      expect(await engineReads(block)).toEqual(wanted);
      const kept = wanted.length >> 1;
      block.truncate(kept);
      expect(readBlock(Buffer.concat(block.chunks())).columns.get("c")?.values ?? []).toEqual(
        once?.slice(0, kept),
      );
      block.reset();
      expect(readBlock(Buffer.concat(block.chunks())).rows).toBe(0);
    },
  );

  it("refuses columns of different lengths", () => {
    const block = new Block([
      { name: "a", column: texts(["x"]) },
      { name: "b", column: texts([]) },
    ]);
    expect(() => block.chunks()).toThrow('column "b" has 0 rows where the block has 1');
  });
});
