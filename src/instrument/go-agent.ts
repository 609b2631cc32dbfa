import path from "node:path";
import { findExecutable } from "./program.ts";

/** What instruments Go programs; "otelier" is our own eBPF tracer. */
export const goAgents = ["otelier", "otelc", "obi", "otel-go-instrumentation"] as const;
export type GoAgentName = (typeof goAgents)[number];

export interface GoAgent {
  readonly name: GoAgentName;
  /** Where it lies on the PATH; undefined for "otelier". */
  readonly path?: string;
}

/** Commands of the go tool that compile, which otelc does with its instrumentation. */
const compiling = new Set(["build", "run", "install", "test"]);

function compilesGo(command: readonly string[]): boolean {
  return path.basename(command[0] ?? "") === "go" && compiling.has(command[1] ?? "");
}

/** The asked one, else otelc when it is on the PATH and the command compiles, else our own tracer. A string is the reason why not. */
export function chooseGoAgent(
  asked: GoAgentName | undefined,
  command: readonly string[],
  cwd: string,
  searchPath: string,
): GoAgent | string {
  if (asked === undefined) {
    const otelc = compilesGo(command) ? findExecutable("otelc", cwd, searchPath) : undefined;
    return otelc === undefined ? { name: "otelier" } : { name: "otelc", path: otelc };
  }
  if (asked === "otelier") return { name: asked };
  const found = findExecutable(asked, cwd, searchPath);
  if (found === undefined) return `"${asked}" is not on the PATH`;
  if (asked === "otelc" && !compilesGo(command))
    return `"otelc" works while Go compiles (go build, go run), and the command is "${command.join(" ")}"`;
  if (asked !== "otelc" && compilesGo(command))
    return `"${asked}" watches one process, and the go tool starts others; build the program and run it`;
  return { name: asked, path: found };
}

/** "go run ." as otelc has it: otelc go run . */
export function commandUnder(agent: GoAgent, command: readonly string[]): readonly string[] {
  return agent.name === "otelc" ? [agent.path ?? "otelc", "go", ...command.slice(1)] : command;
}
