/**
 * Installs and builds what the demo's services need, each under a key of its sources, so that nothing is done twice. Packages of the
 * storefront go into its own node_modules, everything else into the cache folder.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { OtelierError } from "../../base/error.ts";
import { runProcess, type FinishedProcess } from "../../instrument/process.ts";
import { filesEndingIn, sourceKey } from "./source-key.ts";
import type { Environment } from "./toolchains.ts";

export interface InstallOptions {
  /** The repository's demo/. */
  readonly demo: string;
  readonly cache: string;
  readonly environment: Environment;
  readonly output: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface Tool {
  readonly command: string;
  readonly version: string;
}

/** Installs the storefront's packages as its lock file says. Rejects with "demo-install". */
export async function installStorefront(npm: Tool, options: InstallOptions): Promise<void> {
  const folder = path.join(options.demo, "storefront");
  const key = sourceKey(folder, ["package.json", "package-lock.json"], [process.versions.modules]);
  const marker = path.join(folder, "node_modules", ".installed");
  if (existsSync(marker) && readFileSync(marker, "utf8") === key) return;
  options.output('demo: installing the packages of "storefront" (npm ci, once)');
  const args = ["ci", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  await step("npm ci", npm.command, args, folder, options);
  writeFileSync(marker, key);
}

/** Makes the virtual environment of the reviews service; returns its interpreter. Rejects with "demo-install". */
export async function installReviews(python: Tool, options: InstallOptions): Promise<string> {
  const folder = path.join(options.demo, "reviews");
  const key = sourceKey(folder, ["requirements.txt"], [python.version]);
  const home = path.join(options.cache, `reviews-${key}`);
  const interpreter = path.join(home, "bin", "python");
  const marker = path.join(home, "installed");
  if (existsSync(marker)) return interpreter;
  options.output('demo: installing the packages of "reviews" (venv and pip, once)');
  removeOthers(options.cache, "reviews-");
  await step("python -m venv", python.command, ["-m", "venv", home], folder, options);
  const args = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet"];
  await step("pip install", interpreter, [...args, "-r", "requirements.txt"], folder, options);
  writeFileSync(marker, "");
  return interpreter;
}

/** Builds the inventory service; returns its executable. Rejects with "demo-install". */
export async function buildInventory(go: Tool, options: InstallOptions): Promise<string> {
  const folder = path.join(options.demo, "inventory");
  const key = sourceKey(folder, filesEndingIn(folder, [".go", "go.mod", "go.sum"]), [go.version]);
  const home = path.join(options.cache, `inventory-${key}`);
  const executable = path.join(home, "inventory");
  if (existsSync(executable)) return executable;
  options.output('demo: building "inventory" (go build, once)');
  removeOthers(options.cache, "inventory-");
  mkdirSync(home, { recursive: true });
  await step("go build", go.command, ["build", "-o", `${executable}.new`, "."], folder, options);
  renameSync(`${executable}.new`, executable);
  return executable;
}

/** What was made from older sources is of no use any more. */
function removeOthers(cache: string, prefix: string): void {
  mkdirSync(cache, { recursive: true });
  for (const name of readdirSync(cache).filter((entry) => entry.startsWith(prefix))) {
    rmSync(path.join(cache, name), { recursive: true, force: true });
  }
}

async function step(
  what: string,
  command: string,
  args: readonly string[],
  workingDirectory: string,
  { environment, signal }: InstallOptions,
): Promise<void> {
  const done = await runProcess({ command, args, workingDirectory, environment }, signal);
  if (done.code === 0) return;
  throw new OtelierError(`${what} failed: ${reasonOf(done)}`, { code: "demo-install", outcome: "permanent" });
}

/** The line of a failed tool that says most: its first error, else its last line. */
export function reasonOf(done: FinishedProcess): string {
  if (done.problem !== undefined) return done.problem;
  const lines = `${done.stdout}\n${done.stderr}`
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  const telling = lines.find((line) => /^(npm error|error:|\S+: error|\S+\.go:\d+)/i.test(line));
  const end = done.signal === undefined ? `exit code ${done.code}` : `ended by ${done.signal}`;
  return telling ?? lines.at(-1) ?? end;
}
