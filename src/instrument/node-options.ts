/**
 * NODE_OPTIONS with our preload before the user's own options, so that it sees what theirs load; given twice it is set once.
 * Node.js splits NODE_OPTIONS at blanks and understands double quotes with backslash as escape.
 */
export function mergeNodeOptions(given: string | undefined, preload: string): string {
  const own = `--require ${quote(preload)}`;
  const rest = (given ?? "").replace(own, "").replace(/\s+/g, " ").trim();
  return rest === "" ? own : `${own} ${rest}`;
}

function quote(file: string): string {
  return /[\s"\\]/.test(file) ? `"${file.replace(/["\\]/g, "\\$&")}"` : file;
}
