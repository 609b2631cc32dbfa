import { readFileSync, existsSync } from "node:fs";
import path from "node:path";

export interface ServiceName {
  readonly name: string;
  /** True when nobody said it: a process in another project below may have its own project's name. */
  readonly inferred: boolean;
}

/** Names of scripts that say nothing about the program. */
const generic = new Set(
  "app main index server start run manage wsgi asgi cli __main__ src dist build bin api web service application".split(
    " ",
  ),
);
/** Words that start another program. */
const wrappers = new Set(
  "npm npx yarn pnpm uv poetry pipenv make sh bash zsh env corepack tsx ts-node nodemon just task mvn mvnw gradle gradlew sbt".split(
    " ",
  ),
);

/**
 * The service's name: OTEL_SERVICE_NAME, else the given one, else the name in the project's manifest (pyproject.toml,
 * package.json, go.mod, Cargo.toml, pom.xml, settings.gradle), searched from `cwd` up to the repository's root, else the script's or executable's name, and
 * the folder's where that says nothing ("app.py", "npm").
 */
export function serviceName(
  command: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string | undefined>>,
  given?: string,
): ServiceName {
  const fromEnvironment = environment["OTEL_SERVICE_NAME"];
  if (fromEnvironment !== undefined && fromEnvironment !== "")
    return { name: fromEnvironment, inferred: false };
  if (given !== undefined && given !== "") return { name: given, inferred: false };
  const name = manifestName(cwd, isPython(command)) ?? programName(command, cwd);
  return { name, inferred: true };
}

function isPython(command: readonly string[]): boolean {
  const first = path.basename(command[0] ?? "");
  return /^(python[\d.]*|flask|gunicorn|uvicorn|hypercorn|django-admin|celery|fastapi|uv|poetry|pipenv)$/.test(
    first,
  );
}

const readers: readonly (readonly [file: string, read: (text: string) => string | undefined])[] = [
  ["pyproject.toml", (text) => tableName(text, "project") ?? tableName(text, "tool.poetry")],
  ["package.json", packageName],
  ["go.mod", (text) => /^module\s+(\S+)/m.exec(text)?.[1]?.split("/").at(-1)],
  ["Cargo.toml", (text) => tableName(text, "package")],
  ["pom.xml", artifactId],
  ["settings.gradle", gradleName],
  ["settings.gradle.kts", gradleName],
];

/** The project's own, not its parent's. */
function artifactId(text: string): string | undefined {
  const own = text.replace(/<!--.*?-->/gs, "").replace(/<parent>.*?<\/parent>/s, "");
  return /<artifactId>\s*([^<\s]+)\s*<\/artifactId>/.exec(own)?.[1];
}

function gradleName(text: string): string | undefined {
  return /^\s*rootProject\.name\s*=\s*["']([^"']+)["']/m.exec(text)?.[1];
}

function manifestName(cwd: string, python: boolean): string | undefined {
  const order = python ? readers : [...readers.slice(1), ...readers.slice(0, 1)];
  for (let here = cwd; ; here = path.dirname(here)) {
    for (const [file, read] of order) {
      const name = readIfThere(path.join(here, file), read);
      if (name !== undefined && name !== "") return name;
    }
    if (existsSync(path.join(here, ".git")) || here === path.dirname(here)) return undefined;
  }
}

function readIfThere(file: string, read: (text: string) => string | undefined): string | undefined {
  try {
    return read(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

function packageName(text: string): string | undefined {
  const parsed: unknown = JSON.parse(text);
  const name = typeof parsed === "object" && parsed !== null && "name" in parsed ? parsed.name : undefined;
  return typeof name === "string" ? name : undefined;
}

/** `name` in one table of a TOML file; enough of TOML for manifests. */
function tableName(text: string, table: string): string | undefined {
  const lines = text.split("\n").map((line) => line.trim());
  const start = lines.indexOf(`[${table}]`);
  if (start === -1) return undefined;
  const length = lines.slice(start + 1).findIndex((line) => line.startsWith("["));
  const body = lines.slice(start + 1, length === -1 ? undefined : start + 1 + length);
  return body
    .map((line) => /^name\s*=\s*["']([^"']+)["']/.exec(line)?.[1])
    .find((name) => name !== undefined);
}

function programName(command: readonly string[], cwd: string): string {
  const first = path.basename(command[0] ?? "");
  const interpreter = /^(node|nodejs|python[\d.]*|tsx|ts-node|ruby|java|bun|deno)$/.test(first);
  const words = command.slice(1);
  const script = first === "java" ? javaProgram(words) : interpreter ? scriptOf(words) : first;
  const base = (script === undefined ? "" : path.basename(script)).replace(
    /\.(py|[cm]?[jt]sx?|rb|sh|php|java)$|(-\d[\w.-]*)?\.(jar|dll)$/,
    "",
  );
  const folder = path.basename(cwd);
  if (base === "" || generic.has(base) || wrappers.has(base)) {
    return folder === "" ? base || first || "program" : folder;
  }
  return base;
}

/** The jar, or the main class without its package, among the arguments of java. */
function javaProgram(words: readonly string[]): string | undefined {
  const withValue = [
    "-cp",
    "-classpath",
    "--class-path",
    "-p",
    "--module-path",
    "--add-modules",
    "--add-opens",
    "-jar",
    "-m",
  ];
  const at = words.findIndex(
    (word, index) => !word.startsWith("-") && !withValue.includes(words[index - 1] ?? ""),
  );
  const jar = words.indexOf("-jar");
  if (jar !== -1 && (at === -1 || jar < at)) return words[jar + 1];
  return words[at]?.replace(/^.*[./](?=[A-Z]\w*$)/, "");
}

/** The script, or the module after -m, among an interpreter's arguments. */
function scriptOf(words: readonly string[]): string | undefined {
  // Code on the command line has no name.
  if (words.some((word) => ["-e", "-p", "-c", "--eval", "--print"].includes(word))) return undefined;
  const module = words.indexOf("-m");
  const script = words.findIndex((word) => !word.startsWith("-"));
  if (module !== -1 && (script === -1 || script > module)) return words[module + 1];
  return script === -1 ? undefined : words[script];
}
