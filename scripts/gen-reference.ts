/**
 * Writes the pages that are made from code: each component's option table (in its README), docs/reference/components.md, docs/reference/api.md,
 * docs/reference/commands/*.md and the index of docs/diagnostics. With --check nothing is written; pages that are stale or left over are named and the exit code is 1.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { commands } from "../src/commands/index.ts";
import { apiPage } from "./reference/api-page.ts";
import { commandPage } from "./reference/command-pages.ts";
import { diagnosticsPage } from "./reference/diagnostics-page.ts";
import { allFactories, componentReadme, componentsPage, readmePath } from "./reference/component-pages.ts";

const root = path.resolve(import.meta.dirname, "..");
const commandsFolder = "docs/reference/commands";

function read(file: string): string | undefined {
  const full = path.join(root, file);
  return existsSync(full) ? readFileSync(full, "utf8") : undefined;
}

function pages(): Map<string, string> {
  const factories = allFactories();
  const result = new Map<string, string>();
  for (const factory of factories) {
    const file = readmePath(factory);
    result.set(file, componentReadme(factory, read(file)));
  }
  result.set("docs/reference/components.md", componentsPage(factories));
  result.set("docs/reference/api.md", apiPage(root));
  result.set("docs/diagnostics/README.md", diagnosticsPage(root));
  for (const command of commands) result.set(`${commandsFolder}/${command.name}.md`, commandPage(command));
  return result;
}

/** Pages of commands that are gone. */
function leftOver(wanted: ReadonlyMap<string, string>): string[] {
  const folder = path.join(root, commandsFolder);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => `${commandsFolder}/${name}`)
    .filter((file) => !wanted.has(file));
}

const isCheck = process.argv.includes("--check");
const wanted = pages();
const stale = [...wanted].filter(([file, text]) => read(file) !== text);
const gone = leftOver(wanted);
if (isCheck) {
  for (const [file] of stale) console.log(`${file} is stale: run npm run docs`);
  for (const file of gone) console.log(`${file} is of a command that does not exist: run npm run docs`);
  process.exitCode = stale.length + gone.length === 0 ? 0 : 1;
} else {
  for (const [file, text] of stale) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  for (const file of gone) rmSync(path.join(root, file));
  console.log(`reference: ${stale.length} pages written, ${gone.length} removed, ${wanted.size} in all`);
}
