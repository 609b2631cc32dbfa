import { existsSync, readdirSync } from "node:fs";
import type { Program } from "./program.ts";

export interface WantedRuntimes {
  readonly node: boolean;
  readonly python: boolean;
  readonly java: boolean;
  readonly dotnet: boolean;
  readonly ruby: boolean;
  readonly php: boolean;
}

const none: WantedRuntimes = {
  node: false,
  python: false,
  java: false,
  dotnet: false,
  ruby: false,
  php: false,
};

/** By which files in the working directory a runtime is expected. */
const signs: Readonly<Record<keyof WantedRuntimes, RegExp>> = {
  node: /^(package\.json|node_modules)$|\.[cm]?js$/,
  python: /^(pyproject\.toml|requirements.*\.txt|setup\.(py|cfg)|Pipfile|\.?venv|uv\.lock)$|\.py$/,
  java: /^(pom\.xml|(build|settings)\.gradle(\.kts)?|build\.sbt|mvnw|gradlew)$|\.(java|jar|kt|scala)$/,
  dotnet: /\.(sln|slnx|csproj|fsproj|vbproj)$|\.runtimeconfig\.json$/,
  ruby: /^(Gemfile|Rakefile|config\.ru)$|\.rb$/,
  php: /^(composer\.json|artisan)$|\.php$/,
};

/**
 * Which agents a program that starts in `cwd` needs: by the command itself, else (make, a shell script, a wrapper) by what lies in the
 * working directory, else all that can be installed.
 */
export function wantedRuntimes(program: Program, cwd: string): WantedRuntimes {
  const { runtime } = program;
  if (runtime === "go") return none;
  if (runtime !== "other") return { ...none, [runtime]: true };
  const names = existsSync(cwd) ? readdirSync(cwd) : [];
  const found = Object.fromEntries(
    Object.entries(signs).map(([name, sign]) => [name, names.some((file) => sign.test(file))]),
  );
  return Object.values(found).includes(true)
    ? { ...none, ...found }
    : { ...none, node: true, python: true, java: true };
}
