/**
 * Programs as a user has them: each project is a fresh git repository with packages of its own, started by the real command.
 * Installations are made once per set of packages and hard-linked into the projects; downloads lie in ~/.cache/otelier-test.
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll } from "vitest";
import { OtlpSink } from "../../fakes/otlp-sink.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const cache = process.env["OTELIER_TEST_CACHE"] ?? path.join(os.homedir(), ".cache", "otelier-test");
/** OTELIER_CACHE of every run, unless a test says otherwise. */
export const agentsCache: string = path.join(cache, "agents");
const baseEnvironment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(OTEL|OTELIER|VITEST|NODE_OPTIONS|NODE_ENV|PYTHON|npm_|INIT_CWD)/.test(name),
  ),
);

/** How long a program may take to do what is waited for: it may have to install its agent first. */
const patienceMs = 120_000;

/** Installs the agent of a language, which may take longer than `otelier run` lets a program wait for it. */
export function installAgent(language: string): void {
  execFileSync(process.execPath, [path.join(root, "dist/main.js"), "setup", language], {
    env: { ...baseEnvironment, OTELIER_CACHE: agentsCache },
    timeout: patienceMs,
  });
}

const projects: Project[] = [];
const runs: Run[] = [];

/** Takes what the programs of a test file send. What a test leaves running is ended behind it, and the projects are removed behind the last. */
export function testSink(): OtlpSink {
  const sink = new OtlpSink();
  beforeAll(() => sink.listen());
  afterEach(async () => {
    for (const run of runs.splice(0)) if (!run.over) await run.signalGroup("SIGKILL");
    sink.clear();
  });
  afterAll(async () => {
    await sink.close();
    for (const project of projects.splice(0)) project.remove();
  });
  return sink;
}

/** Why tests of a runtime cannot run here; undefined when they can. With CI=true a missing runtime is an error. */
export function missing(runtime: keyof typeof requirements): string | undefined {
  const reason = requirements[runtime]();
  if (reason === undefined) return undefined;
  if (process.env["CI"] === "true") throw new Error(`cannot test ${runtime} programs: ${reason}`);
  process.stderr.write(`skipped: ${runtime} programs under otelier run: ${reason}\n`);
  return reason;
}

const requirements: Record<"node" | "python" | "java" | "ruby" | "php", () => string | undefined> = {
  node: () => failing("npm", ["view", "express", "version"], "npm has no registry to install from"),
  python: () =>
    failing("python3", ["-m", "pip", "--version"], "python3 with pip is not installed") ??
    failing(
      "python3",
      ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", os.tmpdir(), "flask"],
      "pip has no index",
    ),
  java: () => failing("javac", ["-version"], "a JDK is not installed"),
  ruby: () => failing("ruby", ["-v"], "Ruby is not installed"),
  php: () => failing("php", ["-v"], "PHP is not installed"),
};

function failing(command: string, args: readonly string[], reason: string): string | undefined {
  const result = spawnSync(command, args, { timeout: 2 * patienceMs, env: baseEnvironment });
  return result.status === 0 ? undefined : reason;
}

export class Project {
  readonly folder: string;

  constructor(files: Readonly<Record<string, string>>) {
    this.folder = mkdtempSync(path.join(os.tmpdir(), "otelier-project-"));
    projects.push(this);
    for (const [name, text] of Object.entries({
      ".gitignore": "node_modules\n.venv\n.next\n__pycache__\n",
      ...files,
    })) {
      mkdirSync(path.dirname(path.join(this.folder, name)), { recursive: true });
      writeFileSync(path.join(this.folder, name), text);
    }
  }

  /** Installs what package.json asks for. */
  npmInstall(dependencies: Readonly<Record<string, string>>): this {
    const home = prepared("npm", JSON.stringify(dependencies), (folder) => {
      writeFileSync(
        path.join(folder, "package.json"),
        JSON.stringify({ name: "x", private: true, dependencies }),
      );
      const args = ["install", "--no-audit", "--no-fund", "--loglevel=error", "--no-package-lock"];
      execFileSync("npm", args, {
        cwd: folder,
        env: { ...baseEnvironment, npm_config_cache: path.join(cache, "npm-downloads") },
      });
    });
    execFileSync("cp", ["-al", path.join(home, "node_modules"), this.folder]);
    return this;
  }

  /** Makes .venv with these packages. */
  pipInstall(packages: readonly string[]): this {
    const home = prepared("venv", packages.join(" "), (folder) => {
      execFileSync("python3", ["-m", "venv", folder], { env: baseEnvironment });
      const environment = { ...baseEnvironment, PIP_CACHE_DIR: path.join(cache, "pip-downloads") };
      execFileSync(path.join(folder, "bin", "pip"), ["install", "--quiet", ...packages], {
        env: environment,
      });
    });
    symlinkSync(home, path.join(this.folder, ".venv"));
    return this;
  }

  commit(): this {
    const git = (...args: string[]): unknown => execFileSync("git", args, { cwd: this.folder });
    git("init", "--quiet");
    git("add", "--all");
    git("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "--message", "start");
    return this;
  }

  /** What git sees changed: '' when `otelier run` has left the project alone. */
  status(): string {
    return execFileSync("git", ["status", "--porcelain"], { cwd: this.folder, encoding: "utf8" });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Starts `otelier run -- command` in a process group of its own, as a shell would. */
  run(sink: OtlpSink, command: readonly string[], options: RunOptions = {}): Run {
    const words = ["run", "--endpoint", sink.endpoint, ...(options.words ?? []), "--", ...command];
    const child = spawn(process.execPath, [path.join(root, "dist/main.js"), ...words], {
      cwd: this.folder,
      detached: true,
      env: {
        ...baseEnvironment,
        PATH: `${path.join(this.folder, ".venv/bin")}:${path.join(this.folder, "node_modules/.bin")}:${process.env["PATH"] ?? ""}`,
        OTELIER_CACHE: agentsCache,
        NEXT_TELEMETRY_DISABLED: "1",
        ...options.environment,
      },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const run = new Run(child);
    runs.push(run);
    return run;
  }
}

export interface RunOptions {
  readonly words?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export class Run {
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";
  /** Exit code, or the signal that ended it, once all that it printed is read. */
  readonly ended: Promise<number | string>;
  over = false;

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.on("data", (chunk: Buffer) => (this.stdout += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.ended = new Promise((resolve) => {
      child.on("close", (code, signal) => {
        this.over = true;
        resolve(code ?? signal ?? "unknown");
      });
    });
  }

  get output(): string {
    return this.stdout + this.stderr;
  }

  /** Resolves with the match once the program printed it. */
  async printed(pattern: RegExp): Promise<RegExpMatchArray> {
    const found = await eventually(() => pattern.exec(this.output) ?? (this.over ? "over" : undefined));
    if (found === undefined || found === "over") throw new Error(`not printed: ${pattern}\n${this.output}`);
    return found;
  }

  /** Ctrl-C in a terminal: SIGINT to the whole process group. */
  interrupt(): Promise<number | string> {
    return this.signalGroup("SIGINT");
  }

  signalGroup(signal: NodeJS.Signals): Promise<number | string> {
    process.kill(-(this.child.pid ?? 0), signal);
    return this.end();
  }

  /** A signal to the launcher alone, as `kill` or a supervisor sends it. */
  signalLauncher(signal: NodeJS.Signals): Promise<number | string> {
    this.child.kill(signal);
    return this.end();
  }

  private async end(): Promise<number | string> {
    const end = await Promise.race([this.ended, sleep(patienceMs)]);
    if (end === undefined) {
      process.kill(-(this.child.pid ?? 0), "SIGKILL");
      throw new Error(`did not end\n${this.output}`);
    }
    return end;
  }
}

/** Asks until the answer is not undefined. */
export async function eventually<T>(ask: () => T | undefined): Promise<T | undefined> {
  for (let waited = 0; waited < patienceMs; waited += 50) {
    const answer = ask();
    if (answer !== undefined) return answer;
    await sleep(50);
  }
  return ask();
}

/** Requests a page until the server is up; the answer's text. */
export async function get(url: string, run?: Run): Promise<string> {
  for (let waited = 0; ; waited += 100) {
    try {
      return await (await fetch(url, { headers: { connection: "close" } })).text();
    } catch (error) {
      if (waited > patienceMs || run?.over === true)
        throw new Error(`no answer from ${url}\n${run?.output}`, { cause: error });
      await sleep(100);
    }
  }
}

/** A folder that is made once for a key and stays where it was made: virtual environments know their own path. */
function prepared(kind: string, key: string, make: (folder: string) => void): string {
  const hash = createHash("sha256").update(`${key} ${process.version}`).digest("hex").slice(0, 16);
  const folder = path.join(cache, "installed", `${kind}-${hash}`);
  const done = `${folder}.done`;
  if (existsSync(done)) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  make(folder);
  writeFileSync(done, "");
  return folder;
}
