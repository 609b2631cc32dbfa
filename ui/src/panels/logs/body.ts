/** A body as people read it. Pure. */

/** JSON objects and arrays are indented; everything else stays as sent. Numbers keep their digits: the text is reformatted, not its values. */
export function readableBody(body: string): string {
  const trimmed = body.trim();
  if (!/^[[{]/.test(trimmed)) return body;
  try {
    JSON.parse(trimmed);
  } catch {
    return body;
  }
  return indent(trimmed);
}

/** Indents valid JSON without reading its values: an integer beyond 2^53 stays what it is. */
function indent(json: string): string {
  let out = "";
  let depth = 0;
  const line = (): string => `\n${"  ".repeat(depth)}`;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g)) {
    const last = out.at(-1);
    if (token === "}" || token === "]") {
      depth--;
      // What is empty stays on its line.
      out += last === "{" || last === "[" ? token : line() + token;
      continue;
    }
    if (last === "{" || last === "[") out += line();
    if (token === ",") out += token + line();
    else if (token === ":") out += ": ";
    else out += token;
    if (token === "{" || token === "[") depth++;
  }
  return out;
}
