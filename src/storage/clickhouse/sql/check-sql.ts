/**
 * Decides whether a user's SQL may run: first by its tokens, then by the syntax tree that ClickHouse itself makes of them. Both must agree; a
 * construct that neither list knows is refused. Why `readonly` is not enough: docs/adr/0004-users-sql.md.
 */
import { nearestName } from "../../../base/nearest.ts";
import { allowedFunctionNames, isAllowedFunction, takesFunction } from "./functions.ts";
import { parseSyntaxTree, walkSyntaxTree, type SyntaxNode } from "./syntax-tree.ts";
import { printTokens, tokenize, type Token } from "./tokens.ts";

export interface SqlRules {
  /** Tables that may be read. */
  readonly tables: ReadonlySet<string>;
  /** The database they are in. */
  readonly database: string;
}

export interface CheckedSql {
  /** What is to run: the tokens without comments. */
  readonly sql: string;
  /** Names that the leading WITH defines. */
  readonly definitions: ReadonlySet<string>;
}

/** Words that begin a clause or statement which reads or writes elsewhere, or changes the session, with what to say. */
const refusedWords: Readonly<Record<string, string>> = {
  into: "writing to a file is not allowed",
  outfile: "writing to a file is not allowed",
  infile: "reading a file is not allowed",
  format: "the format is chosen with --format",
  settings: "settings cannot be changed",
  apply: "APPLY is not allowed: name the columns and functions",
  explain: "only SELECT is allowed",
  describe: "only SELECT is allowed",
};

/** Checks the tokens. */
export function checkTokens(sql: string): CheckedSql | { readonly problem: string } {
  if (sql.includes("\0")) return { problem: "a NUL character is not allowed" };
  const result = tokenize(sql);
  if ("message" in result) return { problem: `${result.message} (at character ${result.start + 1})` };
  let { tokens } = result;
  if (tokens.at(-1)?.text === ";") tokens = tokens.slice(0, -1);
  const [first] = tokens;
  if (first === undefined) return { problem: "there is no query" };
  if (tokens.some((token) => token.text === ";")) return { problem: "only one statement is allowed" };
  if (first.kind !== "word" || !/^(select|with|from)$/i.test(first.text)) {
    return { problem: `only SELECT is allowed, not "${first.text}"` };
  }
  if (!isBalanced(tokens)) return { problem: "the brackets do not match" };
  for (const [at, token] of tokens.entries()) {
    const problem = problemOfToken(token, tokens[at + 1]);
    if (problem !== undefined) return { problem };
  }
  return { sql: printTokens(tokens), definitions: definitionsOf(tokens) };
}

function isBalanced(tokens: readonly Token[]): boolean {
  const open: string[] = [];
  for (const { text } of tokens) {
    if (text === "(" || text === "[") open.push(text);
    if (text === ")" && open.pop() !== "(") return false;
    if (text === "]" && open.pop() !== "[") return false;
  }
  return open.length === 0;
}

function problemOfToken(token: Token, next: Token | undefined): string | undefined {
  if (token.kind !== "word") return undefined;
  const name = token.text.toLowerCase();
  // format(...) is a function; the bare word begins a clause.
  if (name === "format" && next?.text === "(") return undefined;
  const reason = Object.hasOwn(refusedWords, name) ? refusedWords[name] : undefined;
  if (reason === undefined) return undefined;
  return `"${token.text}" is not allowed: ${reason}; put a column of that name in backquotes`;
}

/** Names of the common table expressions that stand at the front; only those are visible everywhere below. */
function definitionsOf(tokens: readonly Token[]): ReadonlySet<string> {
  const names = new Set<string>();
  if (tokens[0]?.text.toLowerCase() !== "with") return names;
  let depth = 0;
  for (const [at, token] of tokens.entries()) {
    if (token.text === "(") depth++;
    if (token.text === ")") depth--;
    if (depth !== 0) continue;
    if (token.kind === "word" && /^(select|from)$/i.test(token.text)) break;
    const [as, open] = [tokens[at + 1], tokens[at + 2]];
    if (token.name !== "" && as?.text.toLowerCase() === "as" && open?.text === "(") names.add(token.name);
  }
  return names;
}

const inFunctions: ReadonlySet<string> = new Set([
  "in",
  "notin",
  "globalin",
  "globalnotin",
  "nullin",
  "notnullin",
  "globalnullin",
  "globalnotnullin",
]);

/** Node kinds of a plain SELECT; whatever else a later version may print is refused until somebody has looked at it. */
const allowedKinds: ReadonlySet<string> = new Set(
  `SelectWithUnionQuery SelectQuery SelectIntersectExceptQuery ExpressionList Function Identifier TableIdentifier Literal Subquery WithElement
  TablesInSelectQuery TablesInSelectQueryElement TableExpression TableJoin ArrayJoin Asterisk QualifiedAsterisk OrderByElement
  InterpolateElement WindowListElement WindowDefinition ColumnsTransformerList ColumnsExceptTransformer ColumnsRegexpMatcher
  ColumnsListMatcher StorageOrderByElement SampleRatio LimitBy QualifiedColumnsRegexpMatcher QualifiedColumnsListMatcher ArrayJoinElement
  ColumnsReplaceTransformer Replacement`.split(/\s+/),
);

/** Checks the tree that EXPLAIN AST printed for the checked tokens; the text of the problem, or undefined. */
export function checkSyntaxTree(text: string, checked: CheckedSql, rules: SqlRules): string | undefined {
  const root = parseSyntaxTree(text);
  if (root === undefined || root.kind !== "SelectWithUnionQuery") return "only SELECT is allowed";
  let problem: string | undefined;
  walkSyntaxTree(root, (node, parent) => {
    problem ??= problemOfNode(node, parent, checked, rules);
  });
  return problem;
}

function problemOfNode(
  node: SyntaxNode,
  parent: SyntaxNode | undefined,
  checked: CheckedSql,
  rules: SqlRules,
): string | undefined {
  if (!allowedKinds.has(node.kind.replace(/^.*::/, ""))) return `"${node.kind}" is not allowed in a query`;
  if (node.kind === "TableIdentifier") return problemOfTable(node.name, checked, rules);
  if (node.kind !== "Function") return undefined;
  if (parent?.kind === "TableExpression")
    return `the table function "${node.name}" is not allowed: read tables by name`;
  if (!isAllowedFunction(node.name)) {
    const near = nearestName(node.name.toLowerCase(), allowedFunctionNames);
    return `the function "${node.name}" is not allowed${near === undefined ? "" : `; did you mean "${near}"`}`;
  }
  const parameters = node.children[0]?.children ?? [];
  if (takesFunction(node.name) && parameters.length > 1 && parameters[0]?.kind === "Identifier") {
    return `the first argument of "${node.name}" must be a lambda, as x -> x + 1, not the name "${parameters[0].name}"`;
  }
  if (inFunctions.has(node.name.toLowerCase())) {
    // `x IN name` reads the table of that name.
    const right = parameters[1];
    if (right?.kind === "Identifier" && right.name.includes("."))
      return problemOfTable(right.name, checked, rules);
  }
  return undefined;
}

function problemOfTable(name: string, checked: CheckedSql, rules: SqlRules): string | undefined {
  const own = `${rules.database}.`;
  const plain = name.startsWith(own) ? name.slice(own.length) : name;
  if (rules.tables.has(plain) || (plain === name && checked.definitions.has(name))) return undefined;
  const near = nearestName(plain, [...rules.tables]);
  const hint = near === undefined ? `tables: ${[...rules.tables].join(", ")}` : `did you mean "${near}"`;
  return `the table "${name}" cannot be read; ${hint}`;
}
