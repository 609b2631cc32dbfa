import { existsSync } from "node:fs";
import path from "node:path";
import { systemClock, type Clock } from "../base/clock.ts";
import { messageOf } from "../base/error.ts";
import { findAgents } from "./find-agents.ts";
import type { FoundAgent } from "./found-agent.ts";
import type { InstallOptions } from "./install-options.ts";
import { installJavaAgent } from "./install-java.ts";
import { installNodeAgent } from "./install-node.ts";
import { installPythonAgent } from "./install-python.ts";
import { findInterpreters } from "./interpreters.ts";
import { javaHook } from "./java/agent.ts";
import { findExecutable, findProgram, type Program } from "./program.ts";
import { wantedRuntimes } from "./wanted-runtimes.ts";

export interface EnsureOptions extends InstallOptions {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly clock?: Clock;
}

export interface EnsuredAgents {
  readonly program: Program;
  /** One line each: what could not be installed, or is left alone, and what to do about it. */
  readonly problems: readonly string[];
  /** Of .NET, Ruby and PHP, which are not installed but found. */
  readonly found: readonly FoundAgent[];
}

/**
 * Installs the agents that a command needs, as far as can be told before it runs: by the command itself when it is a Node.js or
 * Python program, else (make, a shell script, a wrapper) by what lies in the working directory, else all that the machine has
 * a runtime for; and finds those of the other runtimes. Never rejects: a program starts without instrumentation rather than not at all.
 */
export async function ensureAgents(options: EnsureOptions): Promise<EnsuredAgents> {
  const clock = options.clock ?? systemClock;
  const searchPath = options.environment["PATH"] ?? "";
  const program = findProgram(options.command[0] ?? "", options.cwd, searchPath);
  // It will not start: nothing is installed for it.
  if (program.path === undefined) return { program, problems: [], found: [] };
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
  const { cwd, environment, cache } = options;
  return { program, problems, found: await findAgents(wanted, program, { cwd, environment, cache }) };
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
