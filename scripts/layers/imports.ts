/** Module specifiers that a source text imports or re-exports, statically or by a literal `import()`; comments are ignored. */
export function importsOf(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const found = new Set<string>();
  const statements = /^\s*(?:import|export)\b(?:[^"';]*?\bfrom)?\s*["']([^"']+)["']/gm;
  for (const match of code.matchAll(statements)) found.add(match[1] ?? "");
  for (const match of code.matchAll(/\bimport\(\s*["']([^"']+)["']\s*\)/g)) found.add(match[1] ?? "");
  return [...found];
}
