/**
 * The programs of test/fixtures/exporters, which send known telemetry by the official OTLP exporters of three languages. Each is installed once
 * into a cache outside the repository, under a name made of its lock files.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const fixtures = join(import.meta.dirname, "../../fixtures/exporters");
const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "otelier-test", "exporters");

export type Protocol = "grpc" | "http/protobuf" | "http/json";

export interface ExporterProgram {
  readonly language: string;
  readonly protocols: readonly Protocol[];
  /** What must be there: the command that shows it, with its arguments. */
  readonly needs: readonly string[];
  /** Commands that make the copied fixture ready, run in its folder. */
  readonly install: readonly (readonly string[])[];
  /** The command that sends, in that folder. */
  readonly send: readonly string[];
}

export const programs: readonly ExporterProgram[] = [
  {
    language: "node",
    protocols: ["grpc", "http/protobuf", "http/json"],
    needs: ["npm", "--version"],
    install: [["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]],
    send: [process.execPath, "send.mjs"],
  },
  {
    language: "python",
    protocols: ["grpc", "http/protobuf"],
    needs: ["python3", "--version"],
    install: [
      ["python3", "-m", "venv", ".venv"],
      [
        ".venv/bin/pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--requirement",
        "requirements.txt",
      ],
    ],
    send: [".venv/bin/python", "send.py"],
  },
  {
    language: "go",
    protocols: ["grpc", "http/protobuf"],
    needs: ["go", "version"],
    install: [["go", "build", "-o", "exporters", "."]],
    send: ["./exporters"],
  },
];

/** The folder of a ready program, or why there is none. */
export async function install(
  program: ExporterProgram,
): Promise<{ readonly folder: string } | { readonly missing: string }> {
  const [command = "", ...words] = program.needs;
  try {
    await run(command, words);
  } catch {
    return { missing: `${command} is not installed` };
  }
  const source = join(fixtures, program.language);
  const hash = createHash("sha256");
  for (const name of readdirSync(source).toSorted())
    hash.update(name).update(readFileSync(join(source, name)));
  const folder = join(cache, `${program.language}-${hash.digest("hex").slice(0, 16)}`);
  // A virtual environment cannot be moved, so it is made in place, and a last file tells that all is there.
  const complete = join(folder, ".complete");
  if (existsSync(complete)) return { folder };
  rmSync(folder, { recursive: true, force: true });
  cpSync(source, folder, { recursive: true });
  for (const [step = "", ...rest] of program.install) {
    await run(step, rest, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
  }
  writeFileSync(complete, "");
  return { folder };
}

export interface SendOptions {
  readonly folder: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly compression: "none" | "gzip";
  readonly service: string;
  readonly startUnixMs: number;
}

/** Runs a program; rejects with what it wrote to stderr when something was not taken. */
export async function send(program: ExporterProgram, options: SendOptions): Promise<void> {
  const [command = "", ...words] = program.send;
  const url = `http://127.0.0.1:${options.port}`;
  const given = [options.protocol, url, options.compression, options.service, String(options.startUnixMs)];
  const environment = { PATH: process.env["PATH"] ?? "", HOME: homedir() };
  await run(command, [...words, ...given], { cwd: options.folder, env: environment, timeout: 240_000 });
}
