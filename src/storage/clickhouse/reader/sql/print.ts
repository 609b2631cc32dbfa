import type { Expression, SelectNode, Value } from "./ast.ts";

/** The statement as ClickHouse takes it, on one line. Throws for a name or number that cannot be one: a mistake in the program. */
export function printSelect(node: SelectNode): string {
  const columns = node.columns.map(([name, expression]) => {
    const text = printExpression(expression);
    return text === name ? text : `${text} AS ${checkedName(name)}`;
  });
  const parts = [`SELECT ${columns.join(", ")}`, `FROM ${printSource(node.from)}`];
  if (node.where.length > 0) parts.push(`WHERE ${printAll(node.where, " AND ")}`);
  if (node.groupBy.length > 0) parts.push(`GROUP BY ${printList(node.groupBy)}`);
  if (node.having.length > 0) parts.push(`HAVING ${printAll(node.having, " AND ")}`);
  if (node.orderBy.length > 0) parts.push(`ORDER BY ${printList(node.orderBy)}`);
  if (node.limitBy !== undefined) {
    parts.push(`LIMIT ${checkedCount(node.limitBy.count)} BY ${printList(node.limitBy.by)}`);
  }
  if (node.limit !== undefined) parts.push(`LIMIT ${checkedCount(node.limit)}`);
  return parts.join(" ");
}

export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case "literal":
      return printValue(expression.value);
    case "list":
      return `(${printList(expression.items)})`;
    case "template":
      return expression.pieces
        .map((piece, index) => {
          const hole = expression.holes[index];
          return hole === undefined ? piece : piece + printExpression(hole);
        })
        .join("");
    case "logical":
      if (expression.operands.length === 0) return expression.operator === "AND" ? "1" : "0";
      return `(${printAll(expression.operands, ` ${expression.operator} `)})`;
    case "subquery":
      return `(${printSelect(expression.select)})`;
  }
}

function printAll(expressions: readonly Expression[], between: string): string {
  return expressions
    .map((expression) => {
      const text = printExpression(expression);
      return expression.kind === "template" ? `(${text})` : text;
    })
    .join(between);
}

function printList(expressions: readonly Expression[]): string {
  return expressions.map(printExpression).join(", ");
}

function printSource(source: SelectNode["from"]): string {
  if (typeof source === "string") return source.split(".").map(checkedName).join(".");
  return "kind" in source ? printExpression(source) : `(${printSelect(source)})`;
}

function checkedName(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new Error(`"${name}" is no SQL name`);
  return name;
}

function checkedCount(count: number): number {
  if (!Number.isSafeInteger(count) || count < 0) throw new Error(`${count} is no row count`);
  return count;
}

function printValue(value: Value): string {
  if (typeof value === "string") return quoteString(value);
  if (typeof value === "boolean") return value ? "1" : "0";
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new Error(`${value} cannot be written in SQL`);
  }
  return String(value);
}

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "'": "\\'",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\b": "\\b",
  "\f": "\\f",
  "\0": "\\0",
};

/** A ClickHouse string literal; lone surrogates become U+FFFD as they would on the wire. */
export function quoteString(text: string): string {
  return `'${text.replaceAll(/[\\'\n\r\t\b\f\0]/g, (found) => escapes[found] ?? found)}'`;
}
