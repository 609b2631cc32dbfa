import { fork, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isPermanent, messageOf } from "../../base/error.ts";
import type { Signal } from "../../telemetry/signal.ts";
import { isFromTracer, type FromTracer, type ToTracer, type TracerOptions } from "./trace-messages.ts";

/** The tracer as the launcher sees it: a process of its own, so that no fault in native code ends the stack or the program. */
export interface TracerProcess {
  /** Makes ready for a file that is about to be executed, once; resolves when its first instruction may run. */
  prepare(file: string): Promise<void>;
  /** Traces this process and what it starts. */
  trace(pid: number): void;
  /** Has the last spans sent; resolves when they are, or after `graceMs`. Its probes go with it a little later. */
  stop(graceMs: number): Promise<void>;
  /** Why requests that programs send get no trace context; undefined when they do. */
  readonly propagationRefused: string | undefined;
  /** Resolves with how it ended, once it has. */
  readonly ended: Promise<string>;
}

const startTimeoutMs = 30_000;

/** Starts the tracer. Resolves with the reason, a whole line for people, when nothing can be traced here. Never rejects. */
export async function startTracer(
  options: TracerOptions,
  onMessage: (message: FromTracer) => void,
  /** Takes telemetry where OTEL_EXPORTER_OTLP_ENDPOINT of the options says so (otlp-post.ts); rejects with what is permanent or not. */
  onTelemetry?: (signal: Signal, body: Uint8Array) => Promise<void>,
): Promise<TracerProcess | { readonly refused: string }> {
  const fromSource = import.meta.url.endsWith(".ts");
  const entry = fileURLToPath(new URL(fromSource ? "./tracer-main.ts" : "./tracer-main.js", import.meta.url));
  const child = fork(entry, [], {
    execArgv: fromSource ? sourceArguments() : [],
    env: cleanEnvironment(),
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    // Ctrl-C in the terminal must not end it before the program.
    detached: true,
    // Telemetry is bytes.
    serialization: "advanced",
  });
  let output = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    output = (output + text).slice(-2000);
  });
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const send = (message: ToTracer): void => {
    if (child.connected) child.send(message, () => undefined);
  };
  send({ kind: "start", options });
  const first = await firstMessage(child, ended);
  if (first.kind === "failed") {
    child.kill("SIGKILL");
    return { refused: output === "" ? first.reason : `${first.reason} ${output.trim().split("\n").at(-1)}` };
  }
  const [prepared, finished] = [waiting(), waiting()];
  child.on("message", (message: unknown) => {
    if (!isFromTracer(message)) return;
    if (message.kind === "prepared") prepared.resolve();
    else if (message.kind === "finished") finished.resolve();
    else if (message.kind === "telemetry") void handOn(message);
    else onMessage(message);
  });
  const handOn = async ({ id, signal, body }: FromTracer & { kind: "telemetry" }): Promise<void> => {
    try {
      await onTelemetry?.(signal, body);
      send({ kind: "taken", id, outcome: "sent", problem: "" });
    } catch (error) {
      const outcome = isPermanent(error) ? "refused" : "later";
      send({ kind: "taken", id, outcome, problem: messageOf(error) });
    }
  };
  return {
    propagationRefused: first.kind === "ready" ? first.propagationRefused : undefined,
    ended,
    prepare: async (file) => {
      send({ kind: "prepare", file });
      await Promise.race([prepared.promise, ended]);
    },
    trace: (pid) => send({ kind: "trace", pid }),
    stop: async (graceMs) => {
      send({ kind: "stop" });
      const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
      await Promise.race([finished.promise, ended]);
      clearTimeout(timer);
      if (child.connected) child.disconnect();
      child.unref();
    },
  };
}

function waiting(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

function firstMessage(child: ChildProcess, ended: Promise<string>): Promise<FromTracer> {
  return new Promise((resolve) => {
    const fail = (reason: string): void => resolve({ kind: "failed", reason });
    const timer = setTimeout(() => fail("the tracer does not answer"), startTimeoutMs);
    void ended.then((how) => {
      clearTimeout(timer);
      fail(`the tracer ended with ${how}`);
    });
    child.once("message", (message: unknown) => {
      clearTimeout(timer);
      if (isFromTracer(message)) resolve(message);
      else fail("the tracer speaks another version");
    });
  });
}

/** Sources run through tsx, wherever this process itself came from (tsx, vitest). */
function sourceArguments(): readonly string[] & string[] {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx"));
  return ["--no-warnings", "--import", tsx.href];
}

/** Hooks of `otelier run` or of a debugger are meant for the user's program, as is the size of libuv's pool: up to three of its threads wait (kernel/readable.ts). */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env, UV_THREADPOOL_SIZE: "8" };
  delete environment["NODE_OPTIONS"];
  return environment;
}
