import { existsSync } from "node:fs";
import path from "node:path";
import { findExecutable, type Program } from "./program.ts";
import { runProcess } from "./process.ts";

export interface PythonInterpreter {
  readonly path: string;
  /** "3.11" */
  readonly version: string;
  /** "cpython-311": the folder of its packages. */
  readonly tag: string;
  /** False below 3.10, which the OpenTelemetry packages do not support. */
  readonly supported: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The interpreters that a command is likely to use: the one that it names; else those of the virtual environments that are active
 * or lie in the project; else the one on the PATH. Asks each for its version; what does not answer is left out.
 */
export async function findInterpreters(
  program: Program,
  cwd: string,
  environment: Environment,
): Promise<readonly PythonInterpreter[]> {
  const found = await Promise.all(
    candidates(program, cwd, environment).map((file) => askInterpreter(file, environment)),
  );
  const byTag = new Map(
    found.flatMap((python) => (python === undefined ? [] : [[python.tag, python] as const])),
  );
  return [...byTag.values()];
}

function candidates(program: Program, cwd: string, environment: Environment): readonly string[] {
  if (program.interpreter !== undefined) return [program.interpreter];
  const folders = [
    environment["VIRTUAL_ENV"],
    path.join(cwd, ".venv"),
    path.join(cwd, "venv"),
    environment["CONDA_PREFIX"],
  ];
  const inFolders = folders
    .filter((folder): folder is string => folder !== undefined && folder !== "")
    .map((folder) => path.join(folder, "bin", "python"))
    .filter((file) => existsSync(file));
  if (inFolders.length > 0) return [...new Set(inFolders)];
  const searchPath = environment["PATH"] ?? "";
  const onPath = findExecutable("python3", cwd, searchPath) ?? findExecutable("python", cwd, searchPath);
  return onPath === undefined ? [] : [onPath];
}

/** Asks one interpreter what it is; undefined when it does not run. */
export async function askInterpreter(
  file: string,
  environment: Environment,
): Promise<PythonInterpreter | undefined> {
  const code =
    "import sys;print('%d.%d %s'%(sys.version_info[0],sys.version_info[1],getattr(sys.implementation,'cache_tag','')))";
  const answer = await runProcess({
    command: file,
    args: ["-c", code],
    workingDirectory: "/",
    environment: { ...environment, OTELIER_OFF: "probe" },
  });
  const [version, tag] = answer.stdout.trim().split(" ");
  if (answer.code !== 0 || version === undefined || tag === undefined) return undefined;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return { path: file, version, tag, supported: major > 3 || (major === 3 && minor >= 10) };
}
