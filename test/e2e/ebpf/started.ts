import { spawn, type ChildProcess } from "node:child_process";
import process from "node:process";

/** A program that a test has started. */
export interface Started {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  /** To its standard input, which stays open. */
  write(text: string): void;
  /** Ends it; resolves with its exit code once all that it wrote is read. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts a program with nothing of our environment but PATH and HOME. */
export function start(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Started {
  const child: ChildProcess = spawn(command, args, {
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const text = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream]?.setEncoding("utf8").on("data", (chunk: string) => (text[stream] += chunk));
  }
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return {
    pid: child.pid ?? 0,
    write: (input) => void child.stdin?.write(input),
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    end: (signal = "SIGTERM") => {
      child.kill(signal);
      return ended;
    },
  };
}
