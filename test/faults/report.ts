import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import type { Outcome } from "./outcome.ts";

export interface Run {
  readonly command: string;
  readonly seed: number;
  readonly outcomes: readonly Outcome[];
}

/** docs/faults.md between its markers: the figures of the last run, scenario by scenario. */
export function printReport(page: string, run: Run): string {
  const begin = "<!-- figures: written by npm run faults -->";
  const end = "<!-- end of figures -->";
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from === -1 || to === -1) throw new Error("docs/faults.md has lost its markers");
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { readonly version: string };
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node.js ${process.version}; load average at the end ${loadavg()[1]?.toFixed(0)}`;
  const lines = [
    `\`${run.command}\`, seed ${run.seed}, otelier ${version}, ${machine}.`,
    "",
    ...run.outcomes.flatMap(section),
  ];
  return `${page.slice(0, from)}${begin}\n\n${lines.join("\n").trimEnd()}\n\n${page.slice(to)}`;
}

function section(outcome: Outcome): string[] {
  if (outcome.skipped !== undefined) return [`### ${outcome.name}`, "", `Not run: ${outcome.skipped}.`, ""];
  return [
    `### ${outcome.name}: ${outcome.passed ? "passed" : "FAILED"}`,
    "",
    "| | |",
    "|---|---|",
    ...Object.entries(outcome.figures).map(
      ([name, value]) => `| ${name} | ${typeof value === "number" ? value.toLocaleString("en") : value} |`,
    ),
    "",
  ];
}
