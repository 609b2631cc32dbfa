/**
 * `npm run fuzz [-- --seconds 60 --first N --only NAME]`: damaged input for every decoder that faces the network, the time divided among the targets.
 * Prints inputs, longest single one and peak memory; exit code 1 with the input in base64 when one misbehaves.
 */
import { parseArgs } from "node:util";
import { fuzz } from "./run.ts";
import { serverTarget } from "./server-target.ts";
import { pureTargets } from "./targets.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    first: { type: "string", default: "0" },
    only: { type: "string", multiple: true },
  },
});

const all = [...pureTargets, await serverTarget()];
const chosen = all.filter(({ name }) => values.only === undefined || values.only.includes(name));
let inputs = 0;
try {
  for (const target of chosen) {
    const until = performance.now() + (Number(values.seconds) * 1000) / chosen.length;
    const run = await fuzz(target, Number(values.first), () => performance.now() < until);
    inputs += run.inputs;
    console.log(`${target.name.padEnd(24)} ${run.inputs} inputs, longest ${run.longestMs.toFixed(1)} ms`);
  }
  console.log(`${inputs} inputs, peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
for (const target of all) await target.close?.();
