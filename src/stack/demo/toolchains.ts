import path from "node:path";
import { runProcess } from "../../instrument/process.ts";

/** A compiler or interpreter of this machine that is new enough, or the one line that says what is missing and how to get it. */
export type Toolchain =
  | { readonly kind: "found"; readonly command: string; readonly version: string }
  | { readonly kind: "missing"; readonly line: string };

export type Environment = Readonly<Record<string, string | undefined>>;

interface Wanted {
  /** Name in messages, and the first command to try. */
  readonly commands: readonly string[];
  readonly args: readonly string[];
  /** Finds the version in what the command prints. */
  readonly version: RegExp;
  readonly least: readonly [number, number];
  readonly service: string;
  readonly remedy: string;
}

const python: Wanted = {
  commands: ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python"],
  // Debian ships venv without ensurepip unless python3-venv is installed; importing both shows it before anything is made.
  args: ["-c", "import platform; print(platform.python_version()); import venv, ensurepip"],
  version: /^(\d+)\.(\d+)\S*/,
  least: [3, 10],
  service: "reviews",
  remedy: "install Python 3.10 or newer (Debian: apt-get install python3 python3-venv)",
};

const go: Wanted = {
  commands: ["go"],
  args: ["version"],
  version: /go(\d+)\.(\d+)\S*/,
  least: [1, 22],
  service: "inventory",
  remedy: "install Go 1.22 or newer (https://go.dev/dl, or Debian: apt-get install golang)",
};

const npm: Wanted = {
  commands: ["npm", path.join(path.dirname(process.execPath), "npm")],
  args: ["--version"],
  version: /^(\d+)\.(\d+)\S*/m,
  least: [9, 0],
  service: "storefront",
  remedy: "install npm 9 or newer (it comes with Node.js: https://nodejs.org)",
};

export function findPython(environment: Environment): Promise<Toolchain> {
  return find(python, environment);
}

export function findGo(environment: Environment): Promise<Toolchain> {
  return find(go, environment);
}

export function findNpm(environment: Environment): Promise<Toolchain> {
  return find(npm, environment);
}

async function find(wanted: Wanted, environment: Environment): Promise<Toolchain> {
  let nearest: string | undefined;
  for (const command of wanted.commands) {
    const place = { workingDirectory: path.parse(process.cwd()).root, environment };
    const { code, stdout } = await runProcess({ command, args: wanted.args, ...place });
    const found = wanted.version.exec(stdout.trim());
    if (found === null) continue;
    const version = found[0].replace(/^go/, "");
    const [major, minor] = [Number(found[1]), Number(found[2])];
    const newEnough = major > wanted.least[0] || (major === wanted.least[0] && minor >= wanted.least[1]);
    if (newEnough && code === 0) return { kind: "found", command, version };
    nearest ??= newEnough
      ? `${command} ${version} cannot make virtual environments`
      : `${command} is ${version}`;
  }
  const what = nearest ?? `${wanted.commands[0]} not found`;
  return { kind: "missing", line: `${what}: the "${wanted.service}" service will not run; ${wanted.remedy}` };
}
