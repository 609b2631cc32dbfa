/** Reads what ClickHouse's EXPLAIN AST prints: one node a line, indented by one space a level. */
export interface SyntaxNode {
  /** "TableIdentifier", "Function", "SelectWithUnionQuery", ... */
  readonly kind: string;
  /** What follows the kind: a name, mostly. '' when there is nothing. */
  readonly name: string;
  readonly children: SyntaxNode[];
}

/** The root of the tree; undefined for an empty text. */
export function parseSyntaxTree(text: string): SyntaxNode | undefined {
  const path: SyntaxNode[] = [];
  let root: SyntaxNode | undefined;
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const depth = line.length - line.trimStart().length;
    const match = /^(\w+)(?:_\w+)?(?: (.*?))?(?: \(children \d+\))?$/.exec(line.trim());
    const node: SyntaxNode = {
      kind: match?.[1] ?? line.trim(),
      name: (match?.[2] ?? "").replace(/ \(alias .*\)$/, ""),
      children: [],
    };
    path.length = Math.min(path.length, depth);
    path.at(-1)?.children.push(node);
    path[depth] = node;
    root ??= node;
  }
  return root;
}

export function walkSyntaxTree(
  node: SyntaxNode,
  visit: (node: SyntaxNode, parent: SyntaxNode | undefined) => void,
  parent?: SyntaxNode,
): void {
  visit(node, parent);
  for (const child of node.children) walkSyntaxTree(child, visit, node);
}
