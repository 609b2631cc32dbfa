/** The built program as a user starts it: `node dist/main.js` in a folder of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export const root: string = path.resolve(import.meta.dirname, "../../..");

/** The environment without what a test run adds to it. */
export const plainEnvironment: Readonly<Record<string, string | undefined>> = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(OTEL|OTELIER|VITEST|NODE_OPTIONS|NODE_ENV|npm_)/.test(name),
  ),
);

export function temporaryFolder(): string {
  return mkdtempSync(path.join(tmpdir(), "otelier-start-"));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

export interface RunOptions {
  readonly cwd: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** What to start instead of the built program. */
  readonly command?: readonly [string, ...string[]];
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class RunningProgram {
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";
  private readonly ended: Promise<Ended>;
  private isOver = false;
  private readonly waiting = new Set<() => void>();

  constructor(args: readonly string[], { cwd, environment = plainEnvironment, command }: RunOptions) {
    const [file, ...first] = command ?? [process.execPath, path.join(root, "dist/main.js")];
    this.child = spawn(file, [...first, ...args], {
      cwd,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      // A process group, as a terminal makes one: npx itself passes no signal on.
      detached: true,
    });
    this.child.stdout?.on("data", (data: Buffer) => (this.stdout += data.toString()));
    this.child.stderr?.on("data", (data: Buffer) => {
      this.stderr += data.toString();
      for (const wake of this.waiting) wake();
    });
    this.ended = once(this.child, "close").then(([code]: unknown[]) => {
      this.isOver = true;
      for (const wake of this.waiting) wake();
      return { code: typeof code === "number" ? code : null, stdout: this.stdout, stderr: this.stderr };
    });
  }

  /** The match of `pattern` in what it said on stderr; rejects when it ends before. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.stderr);
      if (found !== null) return found;
      if (this.isOver) throw new Error(`ended before ${pattern.source}:\n${this.stderr}`);
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  end(): Promise<Ended> {
    return this.ended;
  }

  /** Signals the program and its children, as Ctrl-C does. */
  stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Ended> {
    const { pid, exitCode } = this.child;
    if (exitCode === null && pid !== undefined) process.kill(-pid, signal);
    return this.ended;
  }
}

/** Runs a command to its end. */
export function run(args: readonly string[], options: RunOptions): Promise<Ended> {
  return new RunningProgram(args, options).end();
}

export const anyPorts: readonly string[] = [
  "--otlp-grpc=127.0.0.1:0",
  "--otlp-http=127.0.0.1:0",
  "--http=127.0.0.1:0",
];

export interface Urls {
  readonly grpc: string;
  readonly http: string;
  /** UI and API. */
  readonly front: string;
}

/** Where a stack listens, once it does. */
export async function urlsOf(stack: RunningProgram): Promise<Urls> {
  const [, grpc = "", http = ""] = await stack.says(/receiving OTLP on (\S+) and (\S+) /);
  const [, port = ""] = await stack.says(/ready: open http:\/\/localhost:(\d+)\n/);
  return { grpc, http, front: `http://127.0.0.1:${port}` };
}

export interface Stack {
  /** Of UI and API. */
  readonly url: string;
  readonly urls: Urls;
  close(): Promise<void>;
}

/** `otelier up` with these further arguments, on free ports and in a folder of its own that goes with it. */
export async function startStack(args: readonly string[] = []): Promise<Stack> {
  const folder = temporaryFolder();
  const program = new RunningProgram(["up", ...args, ...anyPorts], { cwd: folder });
  const close = async (): Promise<void> => {
    await program.stop("SIGINT");
    removeFolder(folder);
  };
  try {
    const urls = await urlsOf(program);
    return { url: urls.front, urls, close };
  } catch (error) {
    await close();
    throw error;
  }
}
