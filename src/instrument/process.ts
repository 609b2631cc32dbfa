import { spawn, type ChildProcess } from "node:child_process";

/**
 * Starts programs as they are, without instrumentation: installers, compilers, databases. Each runs in a process group of its own, so
 * that Ctrl-C in the terminal reaches it only through `stop`, and so that what it started itself can be ended with it.
 * Programs that are to be instrumented go through `launcher.ts`.
 */
export interface ProcessOptions {
  readonly command: string;
  readonly args?: readonly string[];
  readonly workingDirectory: string;
  /** The whole environment; undefined values are left out. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Receives stdout and stderr as they come; without it they are dropped. */
  readonly output?: (chunk: Buffer, stream: "stdout" | "stderr") => void;
  /** True keeps stdin open as a pipe that ends when this process ends, however that happens. */
  readonly holdStdin?: boolean;
}

export interface ProcessEnd {
  /** Exit code; undefined when a signal ended it or it could not be started. */
  readonly code?: number;
  readonly signal?: string;
  /** Why it could not be started: "ENOENT: ...". */
  readonly problem?: string;
}

export interface RunningProcess {
  /** 0 when it could not be started. */
  readonly pid: number;
  /** Resolves when it has ended and its output was read; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** Sends SIGTERM, and SIGKILL to its whole group after `graceMs`; resolves when it has ended. */
  stop(graceMs: number): Promise<ProcessEnd>;
}

export function startProcess(options: ProcessOptions): RunningProcess {
  const child = spawn(options.command, options.args ?? [], {
    cwd: options.workingDirectory,
    env: { ...options.environment },
    detached: true,
    stdio: [options.holdStdin === true ? "pipe" : "ignore", "pipe", "pipe"],
  });
  child.stdout?.on("data", (chunk: Buffer) => options.output?.(chunk, "stdout"));
  child.stderr?.on("data", (chunk: Buffer) => options.output?.(chunk, "stderr"));
  child.stdin?.on("error", () => {
    // The child closed its end first; its exit says the rest.
  });
  let over = false;
  const ended = endOf(child).finally(() => {
    over = true;
  });
  return {
    pid: child.pid ?? 0,
    ended,
    stop: (graceMs) => {
      if (!over) child.kill("SIGTERM");
      const timer = setTimeout(() => {
        if (!over) endGroup(child);
      }, graceMs);
      return ended.finally(() => clearTimeout(timer));
    },
  };
}

export interface FinishedProcess extends ProcessEnd {
  /** The last 64 KiB of each. */
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; an abort of `signal` stops it. Never rejects. */
export async function runProcess(
  options: Omit<ProcessOptions, "output" | "holdStdin">,
  signal?: AbortSignal,
): Promise<FinishedProcess> {
  if (signal?.aborted === true) return { problem: "stopped", stdout: "", stderr: "" };
  const texts = { stdout: "", stderr: "" };
  const running = startProcess({
    ...options,
    output: (chunk, stream) => {
      texts[stream] = (texts[stream] + chunk.toString("utf8")).slice(-65_536);
    },
  });
  const stop = (): void => void running.stop(2000);
  signal?.addEventListener("abort", stop);
  const end = await running.ended;
  signal?.removeEventListener("abort", stop);
  return { ...end, ...texts };
}

/** How a child ended, once its output was read too. Never rejects. */
export function endOf(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once("error", (error) => {
      if (child.pid === undefined) resolve({ problem: error.message });
    });
    // A grandchild may hold the pipes open after the program itself is gone; its output is not waited for longer than this.
    child.once("exit", (code, signal) => {
      const end = { ...(code === null ? {} : { code }), ...(signal === null ? {} : { signal }) };
      const timer = setTimeout(() => resolve(end), 500);
      child.once("close", () => {
        clearTimeout(timer);
        resolve(end);
      });
    });
  });
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}
