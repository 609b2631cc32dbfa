import type { GoAgent } from "./go-agent.ts";
import type { GoTracing } from "./go-tracing.ts";
import { startProcess, type ProcessEnd, type RunningProcess } from "./process.ts";

export interface SidecarOptions {
  readonly agent: GoAgent & { readonly name: "obi" | "otel-go-instrumentation" };
  /** The environment of the program, with what the launcher adds: OTEL_* is the sidecar's too. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly service: string;
  readonly endpoint: string;
  /** Takes whole lines that begin with "otelier: ". */
  readonly onReport: (line: string) => void;
}

/** By which variable each is told the process; see OBI's and go.opentelemetry.io/auto's documentation of their configuration. */
const targetVariable = { obi: "OTEL_EBPF_TARGET_PID", "otel-go-instrumentation": "OTEL_GO_AUTO_TARGET_PID" };
const graceMs = 4000;

/** Another project's eBPF tracer beside one program: started when the program runs, ended when it has. Its last line says why it failed. */
export function goSidecar(options: SidecarOptions): GoTracing {
  const { agent, onReport, service } = options;
  let running: RunningProcess | undefined;
  let stopping = false;
  let lastLine = "";
  const failed = (end: ProcessEnd): void => {
    if (stopping) return;
    const how = end.problem ?? (end.code === undefined ? `by ${end.signal}` : `with code ${end.code}`);
    onReport(
      `otelier: ${service} runs without spans: ${agent.name} ended ${how}${lastLine === "" ? "" : `: ${lastLine}`}`,
    );
  };
  return {
    started: (pid) => {
      running = startProcess({
        command: agent.path ?? agent.name,
        workingDirectory: options.cwd,
        environment: {
          ...options.environment,
          // Its own hooks are for the program.
          NODE_OPTIONS: undefined,
          PYTHONPATH: undefined,
          JAVA_TOOL_OPTIONS: undefined,
          [targetVariable[agent.name]]: String(pid),
        },
        output: (chunk) => {
          const line = chunk.toString("utf8").trim().split("\n").at(-1);
          if (line !== undefined && line !== "") lastLine = line.slice(0, 300);
        },
      });
      void running.ended.then(failed);
      onReport(
        `otelier: ${service} (go, pid ${pid}): instrumented by ${agent.name} (${agent.path}); sends to ${options.endpoint}`,
      );
    },
    finish: async () => {
      stopping = true;
      await running?.stop(graceMs);
    },
  };
}
