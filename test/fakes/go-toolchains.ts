/** Go's own tool chains: the installed one, and those of several versions, which the go command fetches as modules. */
import { spawnSync } from "node:child_process";

const versions = ["1.19.13", "1.22.5", "1.24.0", "1.25.0"] as const;

export interface GoToolchain {
  readonly version: string;
  /** For the go command. */
  readonly environment: NodeJS.ProcessEnv;
}

/** Why `what` cannot be tried here, said once; undefined when there is a Go. With CI=true that is an error. */
export function withoutGo(what: string): string | undefined {
  return versionOf(process.env) === undefined ? explain(what, "go is not installed") : undefined;
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

function without(name: string): readonly [] {
  explain(`programs of ${name}`, "it is not installed, and the go command does not fetch it");
  return [];
}

function explain(what: string, reason: string): string {
  if (process.env["CI"] === "true") throw new Error(`cannot test ${what}: ${reason}`);
  process.stderr.write(`skipped: ${what}: ${reason}\n`);
  return reason;
}
