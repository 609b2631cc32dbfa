/**
 * Splits a user's SQL into tokens as ClickHouse's lexer does (src/Parsers/Lexer.cpp), refusing what the two could read differently: other
 * quotes than ' " `, heredocs, control characters and letters beyond ASCII outside of quotes, braces and at-signs.
 */
export type TokenKind = "word" | "quoted" | "string" | "number" | "symbol";

export interface Token {
  readonly kind: TokenKind;
  /** As written, with quotes. */
  readonly text: string;
  /** Words and quoted names: the name itself. */
  readonly name: string;
  /** Whitespace or a comment stands before it. */
  readonly spaced: boolean;
  readonly start: number;
}

export interface TokenProblem {
  readonly message: string;
  readonly start: number;
}

const space = /[ \t\r\n\f\v]+/y;
const lineComment = /--[^\n]*|#[ !][^\n]*/y;
const blockComment = /\/\*[\s\S]*?\*\//y;
const word = /[A-Za-z_][A-Za-z0-9_]*/y;
const number = /0[xX][0-9a-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const quoted: Readonly<Record<string, RegExp>> = {
  "'": /'(?:[^'\\]|\\[\s\S]|'')*'/y,
  '"': /"(?:[^"\\]|\\[\s\S]|"")*"/y,
  "`": /`(?:[^`\\]|\\[\s\S]|``)*`/y,
};
const symbols = ["<=>", "::", "->", "||", "<=", ">=", "<>", "!=", "==", ..."()[],.*+-/%<>=?:!;".split("")];

export function tokenize(sql: string): { readonly tokens: readonly Token[] } | TokenProblem {
  const tokens: Token[] = [];
  let spaced = false;
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(sql)?.[0];
  };
  while (at < sql.length) {
    const blank = take(space) ?? take(lineComment) ?? take(blockComment);
    if (blank !== undefined) {
      spaced = true;
      at += blank.length;
      continue;
    }
    const token = readToken(sql, at, take);
    if ("message" in token) return token;
    tokens.push({ ...token, spaced, start: at });
    spaced = false;
    at += token.text.length;
  }
  return { tokens };
}

type Bare = Pick<Token, "kind" | "text" | "name">;

function readToken(
  sql: string,
  at: number,
  take: (pattern: RegExp) => string | undefined,
): Bare | TokenProblem {
  const first = sql[at] ?? "";
  const quotes = quoted[first];
  if (quotes !== undefined) {
    const text = take(quotes);
    if (text === undefined) return { message: `the quote ${first} is not closed`, start: at };
    if (first === "'") return { kind: "string", text, name: "" };
    // Escapes inside names serve no purpose here and would have to be read exactly as ClickHouse does.
    if (text.includes("\\") || text.slice(1, -1).includes(first))
      return { message: `the name ${text} must not hold escapes`, start: at };
    return { kind: "quoted", text, name: text.slice(1, -1) };
  }
  const name = take(word);
  if (name !== undefined) return { kind: "word", text: name, name };
  const digits = take(number);
  if (digits !== undefined) return { kind: "number", text: digits, name: "" };
  const symbol = symbols.find((candidate) => sql.startsWith(candidate, at));
  if (symbol !== undefined) return { kind: "symbol", text: symbol, name: "" };
  return { message: `the character ${JSON.stringify(first)} is not allowed here`, start: at };
}

/** The tokens as SQL again: comments are gone, so that what was checked is what runs. */
export function printTokens(tokens: readonly Token[]): string {
  return tokens
    .map((token) => (token.spaced ? ` ${token.text}` : token.text))
    .join("")
    .trim();
}
