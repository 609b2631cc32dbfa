/**
 * `npm run fuzz [-- --seconds 60 | --inputs 5000000] [--first N] [--only NAME] [--report FILE]`: damaged input for every decoder that faces the network;
 * time or inputs are divided among the targets. Prints inputs, longest single one and peak memory; exit code 1 with the input in base64 when one misbehaves.
 */
import { parseArgs } from "node:util";
import { writeReport, type TargetRun } from "./report.ts";
import { fuzz } from "./run.ts";
import { serverTarget } from "./server-target.ts";
import { pureTargets } from "./targets.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    inputs: { type: "string" },
    first: { type: "string", default: "0" },
    only: { type: "string", multiple: true },
    report: { type: "string" },
  },
});

const memoryBoundMiB = 1024;
const all = [...pureTargets, await serverTarget()];
const chosen = all.filter(({ name }) => values.only === undefined || values.only.includes(name));
const first = Number(values.first);
const weights = chosen.reduce((sum, { weight = 1 }) => sum + weight, 0);
const runs: TargetRun[] = [];
try {
  for (const target of chosen) {
    const since = performance.now();
    const share =
      values.inputs === undefined
        ? Infinity
        : Math.ceil((Number(values.inputs) * (target.weight ?? 1)) / weights);
    const until =
      values.inputs === undefined ? since + (Number(values.seconds) * 1000) / chosen.length : Infinity;
    const { inputs, longestMs } = await fuzz(
      target,
      first,
      (done) => done < share && performance.now() < until,
    );
    const seconds = (performance.now() - since) / 1000;
    const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
    runs.push({ name: target.name, inputs, longestMs, seconds, peakMiB });
    console.log(
      `${target.name.padEnd(24)} ${inputs} inputs, ${Math.round(inputs / seconds)} a second, longest ${longestMs.toFixed(1)} ms, peak memory ${peakMiB} MiB`,
    );
    if (peakMiB > memoryBoundMiB)
      throw new Error(`${target.name}: more than ${memoryBoundMiB} MiB of memory`);
  }
  console.log(`${runs.reduce((sum, run) => sum + run.inputs, 0)} inputs`);
  if (values.report !== undefined) writeReport(values.report, { runs, first, memoryBoundMiB });
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
for (const target of all) await target.close?.();
