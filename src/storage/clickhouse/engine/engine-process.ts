import { fork, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { OtelierError } from "../../../base/error.ts";
import { isEngineMessage, type EngineOptions } from "./engine-options.ts";

/** One life of the child process. */
export interface EngineProcess {
  readonly pid: number;
  readonly version: string;
  /** Resolves when the process has ended, with how. */
  readonly ended: Promise<string>;
  /** Asks it to finish what runs and to end; kills it after `graceMs`. Resolves when it has ended. */
  stop(graceMs: number): Promise<void>;
}

/** Threads of libuv in the child: each running statement holds one, files and sockets need some as well. */
const threads = 24;
const startTimeoutMs = 60_000;
const keptOutput = 4_000;

/** Starts the child and resolves when it answers. Rejects with an OtelierError: "engine-locked" (retryable) or "engine-failed". */
export async function startEngineProcess(options: EngineOptions): Promise<EngineProcess> {
  const own = fileURLToPath(import.meta.url);
  const fromSource = own.endsWith(".ts");
  const entry = fileURLToPath(new URL(fromSource ? "./main.ts" : "./main.js", import.meta.url));
  const child = fork(entry, [JSON.stringify(options)], {
    execArgv: fromSource ? sourceArguments() : [],
    env: { ...cleanEnvironment(), UV_THREADPOOL_SIZE: String(threads) },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // A process group of its own: Ctrl-C in the terminal must not stop the engine before the pipelines have flushed into it.
    detached: true,
    serialization: "json",
  });
  const output = collectOutput(child);
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  const version = await untilReady(child, ended, output);
  return {
    pid: child.pid ?? 0,
    version,
    ended,
    stop: async (graceMs) => {
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

function untilReady(child: ChildProcess, ended: Promise<string>, output: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string, code: "engine-locked" | "engine-failed"): void => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(
        new OtelierError(`cannot start the database engine: ${why}`, {
          code,
          outcome: code === "engine-locked" ? "retryable" : "permanent",
        }),
      );
    };
    const timer = setTimeout(
      () => fail(`no answer within ${startTimeoutMs / 1000} s`, "engine-failed"),
      startTimeoutMs,
    );
    void ended.then((how) => fail(`its process ended with ${how}${tail(output())}`, "engine-failed"));
    child.on("message", (message: unknown) => {
      if (!isEngineMessage(message)) return;
      if (message.kind === "failed") {
        fail(message.message, message.locked ? "engine-locked" : "engine-failed");
        return;
      }
      clearTimeout(timer);
      resolve(message.version);
    });
  });
}

/** The last words of the child, for the message when it dies. */
function collectOutput(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8");
    stream?.on("data", (piece: string) => {
      text = (text + piece).slice(-keptOutput);
    });
  }
  return () => text;
}

function tail(output: string): string {
  const lines = output.trim().split("\n").slice(-3).join(" | ");
  return lines === "" ? "" : `: ${lines}`;
}

/** Sources run through tsx, wherever this process itself came from (tsx, vitest). */
function sourceArguments(): readonly string[] & string[] {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx"));
  return ["--no-warnings", "--import", tsx.href];
}

/** Hooks of `otelier run` or of a debugger are meant for the user's program, not for the engine. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const environment = { ...process.env };
  delete environment["NODE_OPTIONS"];
  return environment;
}
