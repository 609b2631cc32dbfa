/** Go's own tool chains: the installed one, those of several versions, which the go command fetches as modules, and the one that Debian 12 comes with. */
import { spawnSync } from "node:child_process";

const versions = ["1.22.5", "1.24.0", "1.25.0"] as const;
/** Built by Debian itself, from patched sources; installed beside another one (package golang-1.19-go). */
const ofDebian = { minor: "1.19", folder: "/usr/lib/go-1.19/bin" };

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
  const fetched = versions.flatMap((version) => {
    const environment = { ...process.env, GOTOOLCHAIN: `go${version}` };
    return versionOf(environment) === version
      ? [{ version, environment }]
      : without(`Go ${version}`, "it is not installed, and the go command does not fetch it");
  });
  return [...goOfDebian(), ...fetched];
}

function goOfDebian(): readonly GoToolchain[] {
  const { minor, folder } = ofDebian;
  // It knows no other tool chains, and is not to take the library of another one.
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    PATH: `${folder}:${process.env["PATH"] ?? ""}`,
    GOTOOLCHAIN: "local",
  };
  delete environment["GOROOT"];
  const version = versionOf(environment);
  return version?.startsWith(`${minor}.`) === true
    ? [{ version, environment }]
    : without(`Debian's Go ${minor}`, `there is no ${folder}/go (package golang-${minor}-go)`);
}

/** The installed one, or nothing, likewise. */
export function installedGo(): readonly GoToolchain[] {
  const version = versionOf(process.env);
  return version === undefined
    ? without("Go", "it is not installed")
    : [{ version, environment: process.env }];
}

function versionOf(environment: NodeJS.ProcessEnv): string | undefined {
  const { stdout } = spawnSync("go", ["version"], { env: environment, encoding: "utf8" });
  return /^go version go(\S+)/.exec(stdout ?? "")?.[1];
}

function without(name: string, reason: string): readonly [] {
  explain(`programs of ${name}`, reason);
  return [];
}

function explain(what: string, reason: string): string {
  if (process.env["CI"] === "true") throw new Error(`cannot test ${what}: ${reason}`);
  process.stderr.write(`skipped: ${what}: ${reason}\n`);
  return reason;
}
