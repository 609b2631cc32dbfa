import { existsSync } from "node:fs";
import { systemClock } from "../base/clock.ts";
import { messageOf } from "../base/error.ts";
import { cacheFolder } from "../instrument/agent-cache.ts";
import { findJava, javaHookMissing } from "../instrument/ensure-agents.ts";
import { installJavaAgent } from "../instrument/install-java.ts";
import { installNodeAgent } from "../instrument/install-node.ts";
import type { InstallOptions } from "../instrument/install-options.ts";
import { installPythonAgent } from "../instrument/install-python.ts";
import { askInterpreter, findInterpreters } from "../instrument/interpreters.ts";
import { javaHook } from "../instrument/java/agent.ts";
import { findExecutable } from "../instrument/program.ts";
import type { Arguments, Command, CommandIo } from "./command.ts";

const runtimes = ["node", "python", "java"];

export const setupCommand: Command = {
  name: "setup",
  summary: "install the agents that `otelier run` needs",
  operands: "[node] [python] [java]",
  description:
    "Fills the agent cache (OTELIER_CACHE, default ~/.cache/otelier) ahead of `otelier run`: for an image, or before going offline.\n" +
    "Without words, for all runtimes of this machine. The Python agent is installed once for each minor version; the Java agent comes from Maven Central, from the mirror in\n" +
    "OTELIER_MAVEN_REPOSITORY, or from ~/.m2 when it lies there.",
  options: [
    {
      name: "python",
      value: "PATH",
      doc: "an interpreter to install for, instead of those found",
      repeat: true,
    },
  ],
  examples: [
    { command: "otelier setup", doc: "everything this machine can run" },
    { command: "otelier setup --python /opt/app/venv/bin/python", doc: "for one interpreter" },
  ],
  run,
};

async function run(args: Arguments, io: CommandIo): Promise<number> {
  const unknown = args.operands.filter((word) => !runtimes.includes(word));
  if (unknown.length > 0) {
    io.stderr.write(
      `otelier: unknown runtime "${unknown.join('", "')}" (runtimes: ${runtimes.join(", ")})\n`,
    );
    return 2;
  }
  const options: InstallOptions = {
    cache: cacheFolder(io.environment),
    environment: io.environment,
    output: io.stderr,
  };
  const paths = args.values("python");
  const all = args.operands.length === 0 && paths.length === 0;
  const failures: string[] = [];
  const attempt = async (what: string, work: Promise<string>): Promise<void> => {
    try {
      io.stdout.write(`${what}: ${await work}\n`);
    } catch (error) {
      failures.push(messageOf(error));
    }
  };
  if (all || args.operands.includes("node")) {
    if (findExecutable("node", io.workingDirectory, io.environment["PATH"] ?? "") === undefined) {
      failures.push("cannot install the Node.js agent: node is not on the PATH");
    } else await attempt("node", installNodeAgent(options, systemClock));
  }
  for (const file of paths) {
    const python = await askInterpreter(file, io.environment);
    if (python === undefined) failures.push(`cannot install the Python agent: "${file}" does not run`);
    else await attempt(`python ${python.version}`, installPythonAgent(python, options, systemClock));
  }
  if (paths.length === 0 && (all || args.operands.includes("python"))) {
    const found = await findInterpreters({ runtime: "other" }, io.workingDirectory, io.environment);
    if (found.length === 0) failures.push("cannot install the Python agent: no python3 on the PATH");
    for (const python of found) {
      if (python.supported)
        await attempt(`python ${python.version}`, installPythonAgent(python, options, systemClock));
      else
        failures.push(
          `cannot install the Python agent: ${python.path} is ${python.version}, 3.10 or newer is needed`,
        );
    }
  }
  if (
    args.operands.includes("java") ||
    (all && findJava(io.workingDirectory, io.environment) !== undefined)
  ) {
    if (!existsSync(javaHook)) failures.push(javaHookMissing);
    else await attempt("java", installJavaAgent(options, systemClock));
  }
  for (const failure of failures) io.stderr.write(`otelier: ${failure}\n`);
  return failures.length === 0 ? 0 : 1;
}
