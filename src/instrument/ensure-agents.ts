import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { systemClock, type Clock } from "../base/clock.ts";
import { messageOf } from "../base/error.ts";
import type { InstallOptions } from "./install-options.ts";
import { installNodeAgent } from "./install-node.ts";
import { installPythonAgent } from "./install-python.ts";
import { findInterpreters } from "./interpreters.ts";
import { findExecutable, findProgram, type Program } from "./program.ts";

export interface EnsureOptions extends InstallOptions {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly clock?: Clock;
}

export interface EnsuredAgents {
  readonly program: Program;
  /** One line each: what could not be installed, or is left alone, and what to do about it. */
  readonly problems: readonly string[];
}

/**
 * Installs the agents that a command needs, as far as can be told before it runs: by the command itself when it is a Node.js or
 * Python program, else (make, a shell script, a wrapper) by what lies in the working directory, else all that the machine has
 * a runtime for. Never rejects: a program starts without instrumentation rather than not at all.
 */
export async function ensureAgents(options: EnsureOptions): Promise<EnsuredAgents> {
  const clock = options.clock ?? systemClock;
  const searchPath = options.environment["PATH"] ?? "";
  const program = findProgram(options.command[0] ?? "", options.cwd, searchPath);
  const problems: string[] = [];
  const attempt = async (work: Promise<unknown>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      problems.push(messageOf(error));
    }
  };
  const wanted = wantedRuntimes(program, options.cwd);
  if (wanted.node && findExecutable("node", options.cwd, searchPath) !== undefined) {
    await attempt(installNodeAgent(options, clock));
  }
  if (wanted.python) {
    for (const python of await findInterpreters(program, options.cwd, options.environment)) {
      // The hook itself says so for every process that runs on such an interpreter.
      if (python.supported) await attempt(installPythonAgent(python, options, clock));
    }
  }
  return { program, problems };
}

/** Which agents are needed for a program that starts in `cwd`. */
export function wantedRuntimes(
  program: Program,
  cwd: string,
): { readonly node: boolean; readonly python: boolean } {
  if (program.runtime === "node") return { node: true, python: false };
  if (program.runtime === "python") return { node: false, python: true };
  const names = existsSync(cwd) ? readdirSync(cwd) : [];
  const node = names.some(
    (name) => name === "package.json" || name === "node_modules" || /\.[cm]?js$/.test(name),
  );
  const python = names.some(
    (name) =>
      /^(pyproject\.toml|requirements.*\.txt|setup\.(py|cfg)|Pipfile|\.?venv|uv\.lock)$/.test(name) ||
      path.extname(name) === ".py",
  );
  if (program.runtime === "go") return { node: false, python: false };
  return node || python ? { node, python } : { node: true, python: true };
}
