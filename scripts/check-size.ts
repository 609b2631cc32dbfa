/** Fails when a source file is longer than 400 lines and not listed, with its reason, in scripts/size-exceptions.txt. */
import { readFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import path from "node:path";

const limit = 400;
const root = path.resolve(import.meta.dirname, "..");
const exceptions = new Map(
  readFileSync(path.join(root, "scripts/size-exceptions.txt"), "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line): [string, string] => {
      const [file = "", ...reason] = line.split(" ");
      return [file, reason.join(" ")];
    }),
);
const files = execFileSync(
  "git",
  [
    "ls-files",
    "--cached",
    "--others",
    "--exclude-standard",
    "src",
    "ui/src",
    "bpf",
    "scripts",
    "bench",
    "test",
  ],
  {
    cwd: root,
    encoding: "utf8",
  },
)
  .split("\n")
  .filter((file) => /\.(ts|tsx|mjs|py|css|c|h)$/.test(file));
const problems: string[] = [];
const lengths: number[] = [];
for (const file of files) {
  let lines: number;
  try {
    lines = readFileSync(path.join(root, file), "utf8").split("\n").length - 1;
  } catch {
    continue; // deleted but still in the index
  }
  if (!/\.test\.tsx?$/.test(file)) lengths.push(lines);
  const reason = exceptions.get(file);
  if (lines > limit && (reason === undefined || reason === "")) {
    problems.push(
      `${file} has ${lines} lines, at most ${limit}: split it by idea, or list it with a reason in scripts/size-exceptions.txt`,
    );
  }
  if (lines <= limit && reason !== undefined)
    problems.push(`${file} is within the limit: take it off scripts/size-exceptions.txt`);
}
for (const file of exceptions.keys())
  if (!files.includes(file))
    problems.push(`${file} is listed in scripts/size-exceptions.txt but does not exist`);
for (const problem of problems) console.error(problem);
lengths.sort((a, b) => a - b);
const at = (share: number): number => lengths[Math.floor((lengths.length - 1) * share)] ?? 0;
console.log(
  `size: ${lengths.length} files, median ${at(0.5)}, p90 ${at(0.9)}, largest ${at(1)}; ${problems.length} problems`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
