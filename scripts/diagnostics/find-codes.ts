/** Finds the codes of diagnostics, errors, advice and empty answers in TypeScript source, so that each has its page. */

interface Helper {
  readonly name: string;
  /** Position of the parameter that is the code. */
  readonly at: number;
}

const kebab = /["'`]([a-z][a-z0-9]*(?:-[a-z0-9]+)+|[a-z]{4,})["'`]/g;

/**
 * Codes that a file mentions: literals in the value of a property `code` (not in its type), and literals given to a function as its parameter `code`. `shared` are
 * the helpers that other files export.
 */
export function codesIn(source: string, shared: readonly Helper[] = []): Set<string> {
  const text = withoutComments(source);
  const codes = new Set<string>();
  for (const { index } of text.matchAll(/(?<!readonly )\bcode(?=: )/g))
    addLiterals(argumentsAt(text, index + 6)[0] ?? "", codes);
  for (const [, code] of text.matchAll(/\bcode = "([a-z0-9-]+)"/g)) codes.add(code ?? "");
  const helpers = new Map([...shared, ...helpersIn(text)].map((helper) => [helper.name, helper.at]));
  for (const [name, at] of helpers) {
    for (const call of text.matchAll(new RegExp(`\\b${name}\\(`, "g")))
      addLiterals(argumentsAt(text, call.index + call[0].length)[at] ?? "", codes);
  }
  return codes;
}

/** Functions, methods and constructors with a parameter `code: string`; only exported ones when asked for. */
export function helpersIn(source: string, exportedOnly = false): Helper[] {
  const helpers: Helper[] = [];
  const add = (name: string | undefined, start: number, isExported: boolean): void => {
    const at = argumentsAt(source, start).findIndex((parameter) =>
      /^code(: string| = ")/.test(parameter.trim()),
    );
    if (name !== undefined && at !== -1 && (isExported || !exportedOnly)) helpers.push({ name, at });
  };
  for (const found of source.matchAll(
    /(export )?(?:function (\w+)|const (\w+) =|\n {2}(?:private |#)?(\w+)(?=\()) ?(?:async )?\(/g,
  ))
    add(found[2] ?? found[3] ?? found[4], found.index + found[0].length, found[1] !== undefined);
  const className = /(export )?class (\w+)/.exec(source);
  const constructor = /\bconstructor\(/.exec(source);
  if (constructor !== null)
    add(className?.[2], constructor.index + constructor[0].length, className?.[1] !== undefined);
  return helpers;
}

function addLiterals(expression: string, codes: Set<string>): void {
  // What is compared is no result: `error.code === "x" ? "y" : "z"`.
  for (const [, code] of expression.replace(/[!=]==? ["'][^"']*["']/g, "").matchAll(kebab)) {
    if (code !== undefined) codes.add(code);
  }
}

/** Pieces between commas of the same depth, from `start` to the bracket that closes. */
function argumentsAt(text: string, start: number): string[] {
  const pieces: string[] = [];
  let depth = 0;
  let from = start;
  for (let at = start; at < text.length; at++) {
    const letter = text[at] ?? "";
    if (letter === '"' || letter === "'" || letter === "`") {
      at = endOfString(text, at);
    } else if ("([{".includes(letter)) {
      depth++;
    } else if (")]}".includes(letter) && depth-- === 0) {
      pieces.push(text.slice(from, at));
      break;
    } else if ((letter === "," || letter === ";") && depth === 0) {
      pieces.push(text.slice(from, at));
      if (letter === ";") break;
      from = at + 1;
    }
  }
  return pieces;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === text[start]) return at;
  }
  return text.length;
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
}
