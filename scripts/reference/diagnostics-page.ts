import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** The index of docs/diagnostics, made from the first line of each page: "# code: title". */
export function diagnosticsPage(root: string): string {
  const folder = path.join(root, "docs/diagnostics");
  const rows = readdirSync(folder)
    .filter((name) => name.endsWith(".md") && name !== "README.md")
    .toSorted()
    .map((name) => {
      const [heading = ""] = readFileSync(path.join(folder, name), "utf8").split("\n", 1);
      const title = heading.slice(heading.indexOf(":") + 1).trim();
      return `| [${path.basename(name, ".md")}](${name}) | ${title} |`;
    });
  return [
    "# Diagnostics",
    "",
    "Every problem that Otelier tells of has a code: in brackets behind its severity (`error[bad-option]`), as `code` in JSON, beside a sender, or",
    "as the reason of an empty list. Each has a page here: what it means, and how to fix it.",
    "",
    "| code | meaning |",
    "|---|---|",
    ...rows,
    "",
  ].join("\n");
}
