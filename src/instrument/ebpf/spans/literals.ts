/** What of a statement is somebody's data, and how texts are shown without it. */

/** Strings in every quoting, of which a cut one lasts to the end, numbers, and comments, which may repeat what stands in them. */
const parts: Readonly<Record<"postgresql" | "mysql", RegExp>> = {
  postgresql: new RegExp(
    [
      String.raw`--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)`,
      String.raw`\$(?<tag>[a-z_]\w*|)\$[\s\S]*?(?:\$\k<tag>\$|$)`,
      String.raw`\b[eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)`,
      String.raw`'(?:[^']|'')*(?:'|$)`,
      String.raw`"(?:[^"]|"")*(?:"|$)`,
      String.raw`(?<![\w$.:])(?:0x[0-9a-f]+|\d+(?:\.\d+)?(?:e[+-]?\d+)?)\b`,
    ].join("|"),
    "gi",
  ),
  mysql: new RegExp(
    [
      String.raw`(?:--\s|#)[^\n]*|\/\*[\s\S]*?(?:\*\/|$)`,
      String.raw`'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)`,
      String.raw`"(?:[^"\\]|\\[\s\S]|"")*(?:"|$)`,
      "`[^`]*(?:`|$)",
      String.raw`(?<![\w$.:])(?:0x[0-9a-f]+|\d+(?:\.\d+)?(?:e[+-]?\d+)?)\b`,
    ].join("|"),
    "gi",
  ),
};

/** The statement with "?" for every literal and without comments. Names, also quoted ones, and placeholders stay. */
export function sanitised(text: string, dialect: keyof typeof parts): string {
  const name = dialect === "mysql" ? "`" : '"';
  return text
    .replace(parts[dialect], (part) =>
      part.startsWith(name) ? part : /^(?:--|#|\/\*)/.test(part) ? " " : "?",
    )
    .replace(/\s+/g, " ")
    .trim();
}
