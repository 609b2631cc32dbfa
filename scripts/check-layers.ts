/**
 * Fails when an import breaks the layer table or a door of ARCHITECTURE.md, or when folders import each other in a circle.
 * Reads the two tables from that page, so that the page is always true. `import type` counts.
 */
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { importsOf } from "./layers/imports.ts";
import { findCycles } from "./layers/cycles.ts";
import { parseTables, type LayerTables } from "./layers/tables.ts";

const root = path.resolve(import.meta.dirname, "..");

interface Edge {
  readonly from: string;
  readonly to: string;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter(
      (name) => /\.(ts|tsx)$/.test(name) && !/\.(test|bench)\.tsx?$/.test(name) && !name.includes("testdata"),
    )
    .map((name) => path.join(folder, name));
}

/** The module of the table that a file belongs to: the longest pattern that matches ("*" stands for one folder). */
function moduleOf(file: string, tables: LayerTables): { name: string; row: number } | undefined {
  const parts = file.replace(/^src\//, "").split("/");
  let best: { name: string; row: number; length: number } | undefined;
  for (const [pattern, row] of tables.rows) {
    const wanted = pattern.split("/");
    if (wanted.length > parts.length) continue;
    if (!wanted.every((part, at) => part === "*" || part === parts[at])) continue;
    if (best === undefined || wanted.length > best.length) {
      best = { name: parts.slice(0, wanted.length).join("/"), row, length: wanted.length };
    }
  }
  return best;
}

function mayShareRow(from: string, to: string, tables: LayerTables): boolean {
  return tables.also.some(([left, right]) => matches(left, from) && matches(right, to));
}

function matches(pattern: string, name: string): boolean {
  const wanted = pattern.split("/");
  const parts = name.split("/");
  return wanted.length <= parts.length && wanted.every((part, at) => part === "*" || part === parts[at]);
}

function checkFile(file: string, tables: LayerTables, edges: Edge[]): string[] {
  const problems: string[] = [];
  const from = moduleOf(file, tables);
  if (from === undefined)
    return [`${file}: belongs to no row of the layer table; add its module to ARCHITECTURE.md`];
  for (const specifier of importsOf(readFileSync(path.join(root, file), "utf8"))) {
    if (!specifier.startsWith(".")) {
      problems.push(...checkDoor(file, specifier, tables));
      continue;
    }
    const target = path.join(path.dirname(file), specifier);
    if (!target.startsWith("src/")) {
      if (target !== "package.json")
        problems.push(`${file} imports ${target}: src/ may not import from outside`);
      continue;
    }
    edges.push({ from: path.dirname(file), to: path.dirname(target) });
    const to = moduleOf(target, tables);
    if (to === undefined || to.name === from.name) continue;
    const never = tables.never.find(([left, right]) => matches(left, from.name) && matches(right, to.name));
    if (never !== undefined) {
      problems.push(
        `${file} imports ${target}: "${never[0]}" never imports "${never[1]}"; declare what you need in an interface below`,
      );
    } else if (to.row > from.row) {
      problems.push(
        `${file} imports ${target}: row ${from.row} may not import row ${to.row}; declare what you need in ${from.name} and let a higher row pass it in`,
      );
    } else if (to.row === from.row && !mayShareRow(from.name, to.name, tables)) {
      problems.push(
        `${file} imports ${target}: both are in row ${from.row}; move what both need to a lower row`,
      );
    }
  }
  return problems;
}

function checkDoor(file: string, specifier: string, tables: LayerTables): string[] {
  const inSource = file.replace(/^src\//, "");
  return tables.doors
    .filter((door) => door.modules.some((name) => matchesModule(name, specifier)))
    .filter(
      (door) => !door.homes.some((home) => inSource.startsWith(`${home}/`) || inSource === `${home}.ts`),
    )
    .map((door) => `${file} imports "${specifier}": only ${door.homes.join(", ")} may; use what they export`);
}

function matchesModule(name: string, specifier: string): boolean {
  return name === specifier || specifier.startsWith(`${name}/`);
}

function checkGlobals(file: string, tables: LayerTables): string[] {
  const inSource = file.replace(/^src\//, "");
  const text = readFileSync(path.join(root, file), "utf8");
  return tables.doors.flatMap((door) =>
    door.modules
      .filter((name) => /^[A-Z]\w+\.\w+$/.test(name) && text.includes(`${name}(`))
      .filter(() => !door.homes.some((home) => inSource === `${home}.ts` || inSource.startsWith(`${home}/`)))
      .map(
        (name) =>
          `${file} uses ${name}: only ${door.homes.join(", ")} may; take a Clock or Random as an option`,
      ),
  );
}

const tables = parseTables(readFileSync(path.join(root, "ARCHITECTURE.md"), "utf8"));
const edges: Edge[] = [];
const files = sourceFiles("src");
const problems = files.flatMap((file) => [...checkFile(file, tables, edges), ...checkGlobals(file, tables)]);
for (const cycle of findCycles(edges))
  problems.push(`folders import each other in a circle: ${cycle.join(" -> ")}`);
for (const file of sourceFiles("ui/src")) {
  for (const specifier of importsOf(readFileSync(path.join(root, file), "utf8"))) {
    const target = specifier.startsWith(".") ? path.join(path.dirname(file), specifier) : "";
    if (target.startsWith("src/") && !/^src\/api\/[a-z]+\/wire\.ts$/.test(target)) {
      problems.push(`${file} imports ${target}: the UI takes types from src/api/*/wire.ts only`);
    }
  }
}
for (const problem of problems) console.error(problem);
console.log(`layers: ${files.length} files, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
