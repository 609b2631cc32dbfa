import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");

/** Codes of diagnostics as they stand in sources: behind a severity, or given to one of the functions that make one. */
const codePattern =
  /(?:severity: "(?:error|warning|info)",\s*code: |configProblem\(\{\s*code: |problem\(\s*)"([a-z]+(?:-[a-z]+)+)"/g;

function sources(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => path.join(root, folder, name));
}

it("every diagnostic of a configuration has its page", () => {
  const pages = new Set(
    readdirSync(path.join(root, "docs/diagnostics")).map((name) => name.replace(/\.md$/, "")),
  );
  const files = ["src/pipeline", "src/config", "src/components", "src/commands"].flatMap(sources);
  const codes = files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(codePattern)].map((found) => found[1] ?? ""),
  );
  expect(codes.length).toBeGreaterThan(40);
  expect([...new Set(codes)].filter((code) => !pages.has(code))).toEqual([]);
});

it("every page begins with its code", () => {
  for (const name of readdirSync(path.join(root, "docs/diagnostics"))) {
    const text = readFileSync(path.join(root, "docs/diagnostics", name), "utf8");
    expect(text.startsWith(`# ${name.replace(/\.md$/, "")}: `), name).toBe(true);
  }
});
