/**
 * What a command line is going to start, judged by its first word: found on the PATH, and by its file's first bytes.
 * This only decides which agents must be installed before the start; every hook is set for every program.
 */
import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";
import path from "node:path";
import { isGoBinary } from "./go-binary.ts";

export interface Program {
  /** Absolute path; undefined when there is none on the PATH. */
  readonly path?: string;
  readonly runtime: "node" | "python" | "java" | "dotnet" | "ruby" | "php" | "go" | "other";
  /** The interpreter that starts it, where it is a program of Python or PHP. */
  readonly interpreter?: string;
}

/** The JVM's launcher, and what starts programs in JVMs of their own. */
const javaCommands = new Set("java mvn mvnw mvnd gradle gradlew sbt jbang kotlin scala lein".split(" "));

const rubyCommands = /^(ruby[\d.]*|bundle|rails|rackup|puma|rake|sidekiq|unicorn)$/;
const phpCommand = /^php[\d.]*$/;

export function findProgram(command: string, cwd: string, searchPath: string): Program {
  const file = findExecutable(command, cwd, searchPath);
  if (file === undefined) return { runtime: "other" };
  const name = path.basename(file);
  if (/^python[\d.]*$/.test(name)) return { path: file, runtime: "python", interpreter: file };
  if (/^(node|nodejs)$/.test(name)) return { path: file, runtime: "node" };
  if (javaCommands.has(name)) return { path: file, runtime: "java" };
  if (/^(dotnet|dotnet-\w+)$/.test(name)) return { path: file, runtime: "dotnet" };
  if (rubyCommands.test(name)) return { path: file, runtime: "ruby" };
  if (phpCommand.test(name)) return { path: file, runtime: "php", interpreter: file };
  const interpreter = interpreterOf(file);
  if (interpreter !== undefined) {
    const found = findExecutable(interpreter, cwd, searchPath);
    const base = path.basename(interpreter);
    if (/^(python|pypy)[\d.]*$/.test(base)) {
      return { path: file, runtime: "python", ...(found === undefined ? {} : { interpreter: found }) };
    }
    if (rubyCommands.test(base)) return { path: file, runtime: "ruby" };
    if (phpCommand.test(base))
      return { path: file, runtime: "php", ...(found === undefined ? {} : { interpreter: found }) };
    return { path: file, runtime: base === "node" ? "node" : "other" };
  }
  return { path: file, runtime: isGoBinary(file) ? "go" : "other" };
}

/** As execvp(3) looks: a word with a slash is a path, others are searched in `searchPath`. */
export function findExecutable(command: string, cwd: string, searchPath: string): string | undefined {
  const candidates = command.includes("/")
    ? [path.resolve(cwd, command)]
    : searchPath.split(path.delimiter).map((folder) => path.resolve(cwd, folder || ".", command));
  return candidates.find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The interpreter that a script names in its first lines, `env` resolved; undefined for anything else. */
function interpreterOf(file: string): string | undefined {
  const head = readHead(file, 512);
  if (!head.startsWith("#!")) return undefined;
  const [first = "", second = ""] = head.split("\n");
  const words = first.slice(2).trim().split(/\s+/);
  // pip writes this for interpreters whose path is too long for the kernel: #!/bin/sh, '''exec' /long/path/python "$0" "$@"
  const long = /^'''exec' "?([^" ]+)"?/.exec(second);
  if (long?.[1] !== undefined) return long[1];
  if (words[0] !== undefined && path.basename(words[0]) === "env")
    return words.slice(1).find((word) => !word.startsWith("-"));
  return words[0];
}

function readHead(file: string, bytes: number): string {
  const buffer = Buffer.alloc(bytes);
  try {
    const handle = openSync(file, "r");
    try {
      return buffer.toString("latin1", 0, readSync(handle, buffer, 0, bytes, 0));
    } finally {
      closeSync(handle);
    }
  } catch {
    return "";
  }
}
