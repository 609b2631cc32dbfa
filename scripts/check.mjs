// `npm run check`: every static check, all of them even when one fails, in parallel where they are independent.
import { spawn } from "node:child_process";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const bin = (name) => path.join(root, "node_modules/.bin", name);
const checks = [
  ["format", bin("oxfmt"), ["--check"]],
  ["lint", bin("oxlint"), ["--type-aware", "src", "ui/src", "test", "bench", "scripts"]],
  ["types", bin("tsc"), ["-p", "tsconfig.json"]],
  ["types of the ui", bin("tsc"), ["-p", "ui/tsconfig.json", "--noEmit"]],
  ["layers", bin("tsx"), ["scripts/check-layers.ts"]],
  ["size", bin("tsx"), ["scripts/check-size.ts"]],
  ["dead code", bin("knip"), ["--no-progress"]],
  ["generated pages", bin("tsx"), ["scripts/gen-reference.ts", "--check"]],
];

const run = ([name, command, args]) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root });
    let output = "";
    child.stdout.on("data", (data) => (output += data));
    child.stderr.on("data", (data) => (output += data));
    child.on("error", (error) => resolve({ name, code: 1, output: String(error) }));
    child.on("close", (code) => resolve({ name, code, output }));
  });

const queue = [...checks];
let failed = 0;
const worker = async () => {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { name, code, output } = await run(next);
    if (code === 0) {
      process.stdout.write(`ok    ${name}\n`);
    } else {
      failed++;
      process.stdout.write(`FAIL  ${name}\n${output.replace(/^/gm, "      ")}\n`);
    }
  }
};
await Promise.all([worker(), worker()]);
process.stdout.write(`${checks.length - failed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
