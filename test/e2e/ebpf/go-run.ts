/** `otelier run` around a Go program of the fixtures. */
import { spawn, type ChildProcess } from "node:child_process";
import path from "node:path";
import { until } from "../until.ts";

export const root: string = path.resolve(import.meta.dirname, "../../..");

export interface Run {
  /** Where the program listens. */
  readonly url: string;
  /** Where it speaks HTTP/2. */
  readonly secureUrl: string;
  /** Where it serves gRPC. */
  readonly rpcUrl: string;
  /** What `otelier run` has said. */
  report(): string;
  /** Ends the program; resolves with the exit code of `otelier run`. */
  end(): Promise<number | null>;
}

/** Starts `otelier run` in `cwd` and waits for the address that the program prints. */
export async function startRun(
  cwd: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const child: ChildProcess = spawn(process.execPath, [path.join(root, "dist/main.js"), "run", ...args], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, OTEL_METRIC_EXPORT_INTERVAL: "250", ...environment },
    // A group of its own: the program below is ended with it.
    detached: true,
  });
  const text = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream]?.setEncoding("utf8").on("data", (chunk: string) => (text[stream] += chunk));
  }
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  await until(() => /^http:\/\/\S+$/m.test(text.stdout) || child.exitCode !== null);
  return {
    url: /^http:\/\/\S+$/m.exec(text.stdout)?.[0] ?? "",
    secureUrl: /^HTTP\/2 at (\S+)$/m.exec(text.stdout)?.[1] ?? "",
    rpcUrl: `http://${/^gRPC at (\S+)$/m.exec(text.stdout)?.[1] ?? ""}`,
    report: () => text.stderr,
    end: () => {
      if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
      return ended;
    },
  };
}
