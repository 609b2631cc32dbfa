/**
 * First of the two checks of a user's SQL: its words. Only what is needed to write a SELECT passes; whatever the tokenizer does not know
 * (comments, ";", "$", "{", typographic quotes, "@") is refused, so that it and ClickHouse cannot read one text in two ways.
 */
import { isAllowedFunction } from "./allowed-functions.ts";

export interface Token {
  readonly kind: "word" | "quoted-name" | "string" | "number" | "symbol";
  /** As written. */
  readonly text: string;
}

export type Tokens =
  | { readonly ok: true; readonly tokens: readonly Token[] }
  | { readonly ok: false; readonly why: string };

const patterns: readonly (readonly [Token["kind"], RegExp])[] = [
  ["word", /[A-Za-z_][A-Za-z0-9_]*/y],
  // Backslashes would need ClickHouse's own rules; names do not need them.
  ["quoted-name", /`[^`\\\p{Cc}]+`|"[^"\\\p{Cc}]+"/uy],
  ["string", /'(?:[^'\\\0]|\\[\s\S]|'')*'/y],
  ["number", /(?:0x[0-9A-Fa-f]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)(?![A-Za-z0-9_])/y],
  ["symbol", /->|::|<=|>=|!=|<>|==|\|\||[()[\],.+\-*/%=<>?:]/y],
];

export function tokenize(text: string): Tokens {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const blank = /[ \t\r\n]+/y;
    blank.lastIndex = at;
    const skipped = blank.exec(text);
    if (skipped !== null) {
      at = blank.lastIndex;
      continue;
    }
    if (/^(?:--|\/\*|#)/.test(text.slice(at, at + 2))) return { ok: false, why: "comments are not allowed" };
    const found = tokenAt(text, at);
    if (found === undefined) return { ok: false, why: refusal(text, at) };
    tokens.push(found);
    at += found.text.length;
  }
  return { ok: true, tokens };
}

function tokenAt(text: string, at: number): Token | undefined {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) return { kind, text: found[0] };
  }
  return undefined;
}

function refusal(text: string, at: number): string {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  if (character === ";") return 'one SELECT only: ";" is not allowed';
  if (character === "'" || character === '"' || character === "`") {
    return `the quoted text that begins at character ${at + 1} has no end, or holds what is not allowed there`;
  }
  return `the character "${character}" (at ${at + 1}) is not allowed`;
}

/** Words that turn a SELECT into something else, or reach beyond it; refused wherever they stand unquoted. */
const forbiddenWords: ReadonlyMap<string, string> = new Map([
  ["into", "the answer cannot be written anywhere"],
  ["outfile", "the answer cannot be written anywhere"],
  ["format", "choose the output with --format"],
  ["settings", "settings cannot be changed"],
  ["recursive", "recursive queries are not allowed"],
  ["system", "system tables cannot be read"],
  ["information_schema", "system tables cannot be read"],
  ["apply", "functions must be called by name"],
  ["columns", "name the columns"],
  ["stream", "streaming reads are not allowed"],
  ["explain", "only SELECT can be run"],
  ["show", "only SELECT can be run"],
  ["describe", "only SELECT can be run"],
  ["insert", "only SELECT can be run"],
  ["alter", "only SELECT can be run"],
  ["create", "only SELECT can be run"],
  ["drop", "only SELECT can be run"],
  ["truncate", "only SELECT can be run"],
  ["rename", "only SELECT can be run"],
  ["attach", "only SELECT can be run"],
  ["detach", "only SELECT can be run"],
  ["optimize", "only SELECT can be run"],
  ["kill", "only SELECT can be run"],
  ["grant", "only SELECT can be run"],
  ["revoke", "only SELECT can be run"],
  ["backup", "only SELECT can be run"],
  ["restore", "only SELECT can be run"],
  ["watch", "only SELECT can be run"],
]);

/** Words that may stand before "(" and are no functions: syntax, and types in casts. */
const beforeParenthesis: ReadonlySet<string> = new Set(
  `select with as from where prewhere having group by order limit offset in and or not on using join all any union except intersect distinct then when
   else case between like ilike over partition rows range interval exists if array final sample qualify window is null inner left right full
   cross outer semi anti asof global end asc desc nulls first last to step fill replace ifnull
   decimal datetime datetime64 nullable lowcardinality map tuple fixedstring string`.split(/\s+/),
);

/** The query is checked inside parentheses of ours, which it must not close. */
function unbalanced(tokens: readonly Token[]): boolean {
  let depth = 0;
  for (const { text } of tokens) {
    if (text === "(") depth++;
    else if (text === ")" && --depth < 0) return true;
  }
  return depth !== 0;
}

/** Why the words are refused; undefined when they pass. */
export function refusedWord(tokens: readonly Token[]): string | undefined {
  const first = tokens.find((token) => token.text !== "(");
  if (first === undefined) return "there is no statement";
  if (first.kind !== "word" || !/^(?:select|with)$/i.test(first.text)) {
    return `only SELECT can be run, not "${first.text}"`;
  }
  if (unbalanced(tokens)) return "its parentheses do not match";
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1]?.text;
    if (token.kind === "quoted-name" && next === "(") return `a function cannot be quoted: ${token.text}`;
    if (token.kind === "quoted-name" && /^.(?:system|information_schema).$/i.test(token.text)) {
      return "system tables cannot be read";
    }
    if (token.kind !== "word") continue;
    // A column may bear such a word behind a dot, never bare.
    if (tokens[index - 1]?.text === "." && next !== "(") continue;
    const why = forbiddenWords.get(token.text.toLowerCase());
    if (why !== undefined) return `"${token.text}" is not allowed: ${why}`;
    if (next === "(" && !beforeParenthesis.has(token.text.toLowerCase()) && !isAllowedFunction(token.text)) {
      return `the function "${token.text}" is not allowed`;
    }
  }
  return undefined;
}

/** Names of WITH clauses: `name AS (`. */
export function commonTableNames(tokens: readonly Token[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [index, token] of tokens.entries()) {
    if (tokens[index + 1]?.text.toLowerCase() !== "as" || tokens[index + 2]?.text !== "(") continue;
    if (token.kind === "word") names.add(token.text);
    if (token.kind === "quoted-name") names.add(token.text.slice(1, -1));
  }
  return names;
}
