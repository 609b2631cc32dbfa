import { describe, expect, it } from "vitest";
import { and, or, select, sql, subquery, type Expression } from "./ast.ts";
import { printExpression, printSelect, quoteString } from "./print.ts";

const expressions: readonly (readonly [string, Expression])[] = [
  ["a = 'x'", sql`a = ${"x"}`],
  ["a = 'it\\'s \\\\ \\n'", sql`a = ${"it's \\ \n"}`],
  ["a = '\\' OR 1=1 --'", sql`a = ${"' OR 1=1 --"}`],
  ["a IN ('x', 'y\\'')", sql`a IN ${["x", "y'"]}`],
  [
    "a > 1.5 AND b = 9007199254740993 AND c = 1",
    sql`a > ${1.5} AND b = ${9007199254740993n} AND c = ${true}`,
  ],
  ["f(g(1))", sql`f(${sql`g(${1})`})`],
  ["((a) AND (b OR c))", and(sql`a`, sql`b OR c`)],
  ["0", or()],
  ["1", and()],
  ["x IN (SELECT a FROM t)", sql`x IN ${subquery(select({ a: sql`a` }).from("t"))}`],
];

describe("printExpression", () => {
  it.each(expressions)("%s", (text, expression) => {
    expect(printExpression(expression)).toBe(text);
  });

  it("refuses numbers that SQL cannot hold", () => {
    expect(() => printExpression(sql`a = ${Number.NaN}`)).toThrow("cannot be written in SQL");
  });
});

describe("printSelect", () => {
  it("prints every clause", () => {
    const query = select({ Name: sql`toString(SpanName)`, n: sql`count()` })
      .from("otel_traces")
      .where(sql`Tenant = ${""}`, sql`a OR b`)
      .groupBy(sql`Name`)
      .having(sql`n > ${1}`)
      .orderBy(sql`n DESC`)
      .limitBy(2, sql`Name`)
      .limit(10);
    expect(query.node).toMatchObject({ from: "otel_traces", limit: 10 });
    expect(printSelect(query.node)).toBe(
      "SELECT toString(SpanName) AS Name, count() AS n FROM otel_traces WHERE (Tenant = '') AND (a OR b) GROUP BY Name HAVING (n > 1) ORDER BY n DESC LIMIT 2 BY Name LIMIT 10",
    );
  });

  it("refuses names and counts that are none", () => {
    expect(() => printSelect(select({ a: sql`a` }).from("t; DROP TABLE t").node)).toThrow("no SQL name");
    expect(() =>
      printSelect(
        select({ a: sql`a` })
          .from("t")
          .limit(1.5).node,
      ),
    ).toThrow("no row count");
    expect(() => printSelect(select({ "a b": sql`c` }).from("t").node)).toThrow("no SQL name");
  });

  it("quotes so that a text cannot end early", () => {
    expect(quoteString("\\'")).toBe("'\\\\\\''");
  });
});
