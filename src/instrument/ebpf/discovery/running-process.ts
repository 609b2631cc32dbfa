import { readFileSync } from "node:fs";
import path from "node:path";
import { keyValues, processAttributes, type Environment } from "../spans/resource.ts";
import type { AttributeValue } from "../spans/span.ts";

/** What /proc says of a process. */
export interface RunningProcess {
  readonly pid: number;
  readonly executable: string;
  readonly words: readonly string[];
  readonly environment: Environment;
  readonly cgroup: string;
}

/** Undefined when the process has ended or is not ours to look at. */
export function readProcess(pid: number, executable: string): RunningProcess | undefined {
  try {
    const environment = listAt(`/proc/${pid}/environ`).map((pair) => pair.split(/=(.*)/s, 2));
    return {
      pid,
      executable,
      words: listAt(`/proc/${pid}/cmdline`),
      environment: Object.fromEntries(environment),
      cgroup: readFileSync(`/proc/${pid}/cgroup`, "latin1"),
    };
  } catch {
    return undefined;
  }
}

function listAt(file: string): readonly string[] {
  return readFileSync(file, "utf8")
    .split("\0")
    .filter((word) => word !== "");
}

/** Why a process is not observed; undefined when it may be. */
export function reasonToLeaveAlone(
  process: RunningProcess,
  options: { readonly ownFolder: string; readonly alsoReporting?: boolean },
): string | undefined {
  const { words } = process;
  if (/^clickhouse|chdb/.test(path.basename(process.executable))) return "ClickHouse is never observed";
  // Run from its source, too: its engine is ClickHouse under the name of Node.js.
  const own = ["dist", "src"].map((folder) => `${options.ownFolder}/${folder}/`);
  if (words.some((word) => own.some((folder) => word.startsWith(folder)))) return "it is part of Otelier";
  return options.alsoReporting === true ? undefined : reportsByItself(process);
}

/** Says what of it does; undefined when none does. */
export function reportsByItself({ environment, words }: RunningProcess): string | undefined {
  const hook = ["NODE_OPTIONS", "PYTHONPATH", "JAVA_TOOL_OPTIONS", "RUBYOPT", "CORECLR_PROFILER_PATH"].find(
    (name) => /opentelemetry|otelier/i.test(environment[name] ?? ""),
  );
  if (hook !== undefined) return `it reports by itself: an OpenTelemetry agent is in ${hook}`;
  const agent = words.find((word) => /opentelemetry/i.test(word));
  if (agent !== undefined) return `it reports by itself: it was started with ${agent}`;
  const exports = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"].find(
    (name) => (environment[name] ?? "") !== "",
  );
  if (exports === undefined || environment["OTEL_SDK_DISABLED"] === "true") return undefined;
  return environment["OTEL_TRACES_EXPORTER"] === "none"
    ? undefined
    : `it reports by itself: ${exports} is set; OTEL_TRACES_EXPORTER=none would let it be observed`;
}

/**
 * Resource attributes. The service name is the rule's, else OTEL_SERVICE_NAME of the process, else that of the selection, else the
 * executable's name.
 */
export function resourceOfRunning(
  process: RunningProcess,
  names: { readonly rule?: ServiceName; readonly fallback?: ServiceName },
  version: string,
): ReadonlyMap<string, AttributeValue> {
  const { rule, fallback } = names;
  const executable = path.basename(process.executable);
  const given = keyValues(process.environment["OTEL_RESOURCE_ATTRIBUTES"]);
  const own = process.environment["OTEL_SERVICE_NAME"] || given.get("service.name");
  const namespace = rule?.namespace ?? given.get("service.namespace") ?? fallback?.namespace;
  const container = /(?:^|[/:-])([0-9a-f]{64})(?:\.scope)?$/m.exec(process.cgroup)?.[1];
  return new Map<string, AttributeValue>([
    ...processAttributes(process, languageOf(process.executable), version),
    ...(container === undefined ? [] : [["container.id", container] as const]),
    ...given,
    ...(namespace === undefined ? [] : [["service.namespace", namespace] as const]),
    ["service.name", rule?.name || own || fallback?.name || executable],
  ]);
}

export interface ServiceName {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
}

/** telemetry.sdk.language by the name of the interpreter; undefined when that says nothing. */
export function languageOf(executable: string): string | undefined {
  const name = path.basename(executable);
  return languages.find(([pattern]) => pattern.test(name))?.[1];
}

const languages: readonly (readonly [RegExp, string])[] = [
  [/^node/, "nodejs"],
  [/^python/, "python"],
  [/^java/, "java"],
  [/^ruby/, "ruby"],
  [/^php/, "php"],
  [/^dotnet/, "dotnet"],
];

/**
 * True for what is known to read its sockets without asking first how many bytes are ready (FIONREAD), to which the kernel may answer "none" while a program of ours is
 * between a process and its socket. nginx, Java and .NET ask.
 */
export function neverAsksWhatIsReady(executable: string): boolean {
  return ["nodejs", "python"].includes(languageOf(executable) ?? "");
}

/**
 * True for what is known to do what a request needs in the thread that reads it, or in one that reads none. Runtimes with tasks of their own (Netty, tokio, .NET, Erlang) send in any
 * thread, also one that has read another request.
 */
export function keepsToThreads(executable: string): boolean {
  const language = languageOf(executable) ?? "";
  return ["nodejs", "python", "ruby", "php"].includes(language) || path.basename(executable) === "nginx";
}
