/** Go's own tool chains of several versions, for what must be right with each: the go command fetches them as modules. */
import { spawnSync } from "node:child_process";

const versions = ["1.19.13", "1.22.5", "1.24.0", "1.25.0"] as const;

export interface GoToolchain {
  readonly version: string;
  /** For the go command. */
  readonly environment: NodeJS.ProcessEnv;
}

/** Those of earlier versions that can be had here; what cannot is said in the output of the tests, and is an error with CI=true. */
export function goToolchains(): readonly GoToolchain[] {
  return versions.flatMap((version) => {
    const environment = { ...process.env, GOTOOLCHAIN: `go${version}` };
    return versionOf(environment) === version ? [{ version, environment }] : without(`Go ${version}`);
  });
}

/** The installed one, or nothing, likewise. */
export function installedGo(): readonly GoToolchain[] {
  const version = versionOf(process.env);
  return version === undefined ? without("Go") : [{ version, environment: process.env }];
}

function versionOf(environment: NodeJS.ProcessEnv): string | undefined {
  const { stdout } = spawnSync("go", ["version"], { env: environment, encoding: "utf8" });
  return /^go version go(\S+)/.exec(stdout ?? "")?.[1];
}

function without(what: string): readonly [] {
  const reason = `${what} is neither installed nor can the go command fetch it`;
  if (process.env["CI"] === "true") throw new Error(`cannot test what Go's compilers make: ${reason}`);
  process.stderr.write(`skipped: programs of that version: ${reason}\n`);
  return [];
}
