/**
 * Second of the two checks of a user's SQL: the syntax tree that ClickHouse itself makes of it, as EXPLAIN AST prints it. Every kind of node,
 * every function and every table must be known; what a newer engine adds is refused until it is listed.
 */
import { isAllowedFunction } from "./allowed-functions.ts";

export interface TreeNode {
  /** "Function count (alias c)" without indentation and child count. */
  readonly text: string;
  readonly children: TreeNode[];
}

/** Undefined when the lines are no tree whose child counts agree: names with odd characters could otherwise pose as nodes. */
export function parseTree(lines: readonly string[]): TreeNode | undefined {
  const root: TreeNode = { text: "", children: [] };
  const path: { node: TreeNode; expected: number }[] = [{ node: root, expected: 1 }];
  for (const line of lines.filter((one) => one.trim() !== "")) {
    const depth = /^ */.exec(line)?.[0].length ?? 0;
    const count = /^(.*?) \(children (\d+)\)$/.exec(line.trim());
    const node: TreeNode = { text: count?.[1] ?? line.trim(), children: [] };
    while (path.length > depth + 1) {
      const closed = path.pop();
      if (closed === undefined || closed.node.children.length !== closed.expected) return undefined;
    }
    const parent = path.at(-1);
    if (parent === undefined || path.length !== depth + 1) return undefined;
    parent.node.children.push(node);
    path.push({ node, expected: Number(count?.[2] ?? 0) });
  }
  if (path.some(({ node, expected }) => node.children.length !== expected)) return undefined;
  return root.children[0];
}

const allowedKinds: ReadonlySet<string> = new Set([
  "SelectWithUnionQuery",
  "SelectIntersectExceptQuery",
  "ExpressionList",
  "SelectQuery",
  "WithElement",
  "Subquery",
  "Identifier",
  "Literal",
  "Function",
  "TablesInSelectQuery",
  "TablesInSelectQueryElement",
  "TableExpression",
  "TableIdentifier",
  "TableJoin",
  "ArrayJoin",
  "OrderByElement",
  "Asterisk",
  "QualifiedAsterisk",
  "ColumnsExceptTransformer",
  "ColumnsTransformerList",
  "WindowDefinition",
  "WindowListElement",
  "SampleRatio",
]);

export interface TreeRules {
  /** Tables that may be read, unqualified. */
  readonly tables: ReadonlySet<string>;
  /** Names of WITH clauses. */
  readonly commonTables: ReadonlySet<string>;
  readonly database: string;
}

/** Why the tree is refused; undefined when all of it is known. */
export function refusedNode(node: TreeNode, rules: TreeRules): string | undefined {
  const [kind = "", name = ""] = node.text.split(" ");
  if (!allowedKinds.has(kind)) {
    return kind === "Set" ? "settings cannot be changed" : `"${kind}" is not allowed in this SELECT`;
  }
  const own =
    kind === "Function"
      ? refusedFunction(node, name)
      : kind === "TableIdentifier"
        ? refusedTable(name, rules)
        : kind === "TableExpression"
          ? refusedTableExpression(node)
          : undefined;
  if (own !== undefined) return own;
  for (const child of node.children) {
    const why = refusedNode(child, rules);
    if (why !== undefined) return why;
  }
  return undefined;
}

function refusedFunction(node: TreeNode, name: string): string | undefined {
  if (!isAllowedFunction(name)) return `the function "${name}" is not allowed`;
  // The right side of IN may name a table, which the tree shows as a plain identifier.
  if (/^(?:global)?(?:not)?(?:null)?in$/i.test(name)) {
    const right = node.children[0]?.children[1];
    const kind = right?.text.split(" ")[0];
    if (kind !== "Literal" && kind !== "Subquery" && kind !== "Function") {
      return "IN needs a list or a SELECT on its right; for an array write has(array, value)";
    }
  }
  return undefined;
}

function refusedTable(name: string, { tables, commonTables, database }: TreeRules): string | undefined {
  if (name === "system.one") return undefined;
  const prefix = `${database}.`;
  const bare = name.startsWith(prefix) ? name.slice(prefix.length) : name;
  if (tables.has(bare) || (commonTables.has(bare) && bare === name)) return undefined;
  return `the table "${name}" cannot be read; there are ${[...tables].join(", ")}`;
}

function refusedTableExpression(node: TreeNode): string | undefined {
  const called = node.children.find((child) => child.text.startsWith("Function "));
  if (called === undefined) return undefined;
  return `the table function "${called.text.split(" ")[1] ?? ""}" is not allowed: only the tables of the store can be read`;
}
