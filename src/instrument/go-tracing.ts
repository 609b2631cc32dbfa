import process from "node:process";
import { tracedLine, unreadLine, type FromTracer } from "./ebpf/trace-messages.ts";
import { startTracer } from "./ebpf/tracer-process.ts";
import type { Program } from "./program.ts";

/** The eBPF tracer at one program's side. */
export interface GoTracing {
  /** The program runs now under this process id. */
  started(pid: number): void;
  /** The program has ended: has its last spans sent, within 4 s. */
  finish(): Promise<void>;
}

export interface GoTracingOptions {
  readonly program: Program;
  /** The environment of the program, with what the launcher adds. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly service: string;
  readonly version: string;
  /** Takes whole lines that begin with "otelier: ". */
  readonly onReport: (line: string) => void;
}

const graceMs = 4000;
const nothing: GoTracing = { started: () => undefined, finish: async () => undefined };

/**
 * Starts the tracer when the program is Go's, or is the go tool, which may run one. Resolves when it is ready; where nothing can be traced
 * it says why in one line. Never rejects: the program starts without spans rather than not at all.
 */
export async function startGoTracing(options: GoTracingOptions): Promise<GoTracing> {
  const { program, environment, onReport, service } = options;
  if (program.runtime !== "go" || program.path === undefined || turnedOff(environment)) return nothing;
  const untraced = (reason: string): void =>
    onReport(`otelier: ${service} is a Go program and runs without spans: ${reason}`);
  if (process.platform !== "linux") {
    untraced("they are taken by eBPF, which only Linux has");
    return nothing;
  }
  const tracer = await startTracer(
    { environment: telemetrySettings(environment), version: options.version },
    (message) => {
      for (const line of linesFor(message)) onReport(line);
    },
  );
  if ("refused" in tracer) {
    untraced(tracer.refused);
    return nothing;
  }
  await tracer.prepare(program.path);
  return {
    started: (pid) => tracer.trace(pid),
    finish: () => tracer.stop(graceMs),
  };
}

function turnedOff(environment: GoTracingOptions["environment"]): boolean {
  const none = (signal: string): boolean => environment[`OTEL_${signal}_EXPORTER`] === "none";
  return environment["OTEL_SDK_DISABLED"] === "true" || (none("TRACES") && none("METRICS"));
}

function telemetrySettings(environment: GoTracingOptions["environment"]): GoTracingOptions["environment"] {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith("OTEL_")));
}

function linesFor(message: FromTracer): readonly string[] {
  switch (message.kind) {
    case "traced":
      return [tracedLine(message)];
    case "left-alone":
      return [`otelier: ${message.file} is not traced: ${message.reason}`];
    case "lost":
      return [`otelier: ${message.count} ${message.what} of Go programs were lost: ${message.why}`];
    case "unread":
      return [unreadLine(message)];
    case "metrics-unsent":
      return [`otelier: the last metrics of Go programs were not sent: ${message.why}`];
    default:
      return [];
  }
}
