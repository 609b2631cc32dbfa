import { expect, test } from "vitest";
import { sanitised } from "./literals.ts";

test.each<readonly ["postgresql" | "mysql", string, string]>([
  [
    "postgresql",
    "SELECT 'a''b', 1, -2.5e3, $1, t1.c2 FROM \"my 9\"",
    'SELECT ?, ?, -?, $1, t1.c2 FROM "my 9"',
  ],
  ["postgresql", "SELECT E'it\\'s' , $$a'b$$, $t$x$$y$t$ FROM t", "SELECT ? , ?, ? FROM t"],
  ["postgresql", "SELECT 1 -- bob's key\nFROM t /* 'x' */", "SELECT ? FROM t"],
  ["postgresql", "SELECT 'never closed", "SELECT ?"],
  ["postgresql", "SELECT $$never closed", "SELECT ?"],
  ["postgresql", "INSERT INTO t VALUES (0xff, 12, '{\"a\": 1}')", "INSERT INTO t VALUES (?, ?, ?)"],
  ["mysql", 'SELECT "a\\"b", `from 1`, \'c\' FROM t # 7', "SELECT ?, `from 1`, ? FROM t"],
  ["mysql", "SELECT :name, ? FROM t LIMIT 10", "SELECT :name, ? FROM t LIMIT ?"],
])("%s: %s", (dialect, text, expected) => {
  expect(sanitised(text, dialect)).toBe(expected);
});
