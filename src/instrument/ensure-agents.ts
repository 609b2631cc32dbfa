import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { systemClock, type Clock } from "../base/clock.ts";
import { messageOf } from "../base/error.ts";
import type { InstallOptions } from "./install-options.ts";
import { installJavaAgent } from "./install-java.ts";
import { installNodeAgent } from "./install-node.ts";
import { installPythonAgent } from "./install-python.ts";
import { findInterpreters } from "./interpreters.ts";
import { javaHook } from "./java/agent.ts";
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
  if (wanted.java && findJava(options.cwd, options.environment) !== undefined) {
    if (existsSync(javaHook)) await attempt(installJavaAgent(options, clock));
    else if (program.runtime === "java") problems.push(javaHookMissing);
  }
  return { program, problems };
}

/** Said where Java programs cannot be instrumented because of how this package was built. */
export const javaHookMissing: string =
  "Java programs are not instrumented: this package was built without javac; install a JDK and build it again (npm run build)";

/** The JVM's launcher: of JAVA_HOME, else on the PATH. */
export function findJava(cwd: string, environment: InstallOptions["environment"]): string | undefined {
  const home = environment["JAVA_HOME"];
  const ofHome = home === undefined || home === "" ? [] : [path.join(home, "bin")];
  return findExecutable("java", cwd, [...ofHome, environment["PATH"] ?? ""].join(path.delimiter));
}

interface WantedRuntimes {
  readonly node: boolean;
  readonly python: boolean;
  readonly java: boolean;
}

const none: WantedRuntimes = { node: false, python: false, java: false };

/** By which files in the working directory a runtime is expected. */
const signs: Readonly<Record<keyof WantedRuntimes, RegExp>> = {
  node: /^(package\.json|node_modules)$|\.[cm]?js$/,
  python: /^(pyproject\.toml|requirements.*\.txt|setup\.(py|cfg)|Pipfile|\.?venv|uv\.lock)$|\.py$/,
  java: /^(pom\.xml|(build|settings)\.gradle(\.kts)?|build\.sbt|mvnw|gradlew)$|\.(java|jar|kt|scala)$/,
};

/** Which agents are needed for a program that starts in `cwd`. */
export function wantedRuntimes(program: Program, cwd: string): WantedRuntimes {
  const { runtime } = program;
  if (runtime === "go") return none;
  if (runtime !== "other") return { ...none, [runtime]: true };
  const names = existsSync(cwd) ? readdirSync(cwd) : [];
  const found = (sign: RegExp): boolean => names.some((name) => sign.test(name));
  const wanted = { node: found(signs.node), python: found(signs.python), java: found(signs.java) };
  return Object.values(wanted).includes(true) ? wanted : { node: true, python: true, java: true };
}
