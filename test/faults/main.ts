/**
 * `npm run faults [-- --rounds 100 --seed N --down SECONDS --only NAME --overload --ebpf --report]`: breaks a running stack in every way that can be arranged, under load
 * from an independent sender, and counts. Exit code 1 when anything that was answered is lost or doubled. Figures go to standard output;
 * with --report also into docs/faults.md, of --overload docs/overload.md, of --ebpf docs/tracer-faults.md.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { damagedSegments } from "./damage.ts";
import { diskFull } from "./disk-full.ts";
import { tracerFaults } from "./ebpf/short-connections.ts";
import { engineDown } from "./engine-down.ts";
import { killRounds } from "./kills.ts";
import type { Outcome } from "./outcome.ts";
import { overload } from "./overload.ts";
import { printReport } from "./report.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "100" },
    seed: { type: "string" },
    down: { type: "string", default: "120" },
    only: { type: "string", multiple: true },
    overload: { type: "boolean", default: false },
    ebpf: { type: "boolean", default: false },
    seconds: { type: "string" },
    report: { type: "boolean", default: false },
  },
});

const seed = values.seed === undefined ? (Math.random() * 2 ** 31) >>> 0 : Number(values.seed);
const say = (line: string): void => console.error(line);
const scenarios: Readonly<Record<string, () => Promise<readonly Outcome[]>>> = {
  kills: async () => [await killRounds(Number(values.rounds), seed, say)],
  down: async () => [await engineDown(Number(values.down))],
  disk: async () => [await diskFull()],
  damage: () => damagedSegments(seed),
  overload: async () => [await overload(Number(values.seconds ?? "300"))],
  ebpf: () => tracerFaults(Number(values.seconds ?? "20")),
};
/** What is run unless --only says so, and the page of its figures. */
const suite = values.overload
  ? { names: ["overload"], page: "docs/overload.md" }
  : values.ebpf
    ? { names: ["ebpf"], page: "docs/tracer-faults.md" }
    : { names: ["kills", "down", "disk", "damage"], page: "docs/faults.md" };

async function main(): Promise<number> {
  const chosen = values.only ?? suite.names;
  const unknown = chosen.filter((name) => scenarios[name] === undefined);
  if (unknown.length > 0) {
    say(`cannot run "${unknown.join('", "')}": the scenarios are ${Object.keys(scenarios).join(", ")}`);
    return 2;
  }
  say(`seed ${seed}`);
  const outcomes: Outcome[] = [];
  for (const name of chosen) {
    for (const outcome of (await scenarios[name]?.()) ?? []) {
      outcomes.push(outcome);
      console.log(JSON.stringify(outcome));
    }
  }
  if (values.report) {
    const { page } = suite;
    const command = `npm run faults -- ${process.argv.slice(2).join(" ")}`.replace(/ -- $/, "");
    writeFileSync(page, printReport(readFileSync(page, "utf8"), { command, seed, outcomes }));
  }
  return outcomes.every(({ passed }) => passed) ? 0 : 1;
}

process.exitCode = await main();
