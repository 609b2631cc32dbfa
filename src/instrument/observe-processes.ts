import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { packageVersion } from "../base/package-version.ts";
import type { Signal } from "../telemetry/signal.ts";
import type { Selection } from "./ebpf/discovery/selection.ts";
import type { RouteRules } from "./ebpf/spans/routes.ts";
import { tracedLine, unreadLine, type FromTracer } from "./ebpf/trace-messages.ts";
import { startTracer } from "./ebpf/tracer-process.ts";

export interface Observing {
  readonly selection: Selection;
  readonly routes?: RouteRules | undefined;
  /** Of whoever observes: OTEL_EXPORTER_OTLP_* say where spans, metrics and log records go, with what headers. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stopSignal: AbortSignal;
  /** Takes OTLP instead of a receiver at a URL: OTEL_EXPORTER_OTLP_ENDPOINT then is `toParent`. */
  readonly onTelemetry?: (signal: Signal, body: Uint8Array) => Promise<void>;
  /** Takes whole lines that begin with "otelier: ". */
  readonly onReport: (line: string) => void;
}

const graceMs = 5000;
const ownNames = new Set([
  "OTEL_METRIC_EXPORT_INTERVAL",
  "OTEL_TRACES_EXPORTER",
  "OTEL_METRICS_EXPORTER",
  "OTEL_LOGS_EXPORTER",
]);

export interface Observation {
  /** Sends the last of it and lets go of the kernel. */
  stop(): Promise<void>;
  /** Resolves with how it broke off, a line for people, when it does so by itself. */
  readonly ended: Promise<string>;
}

/** Begins to observe; resolves with the reason, a line for people, when nothing can be observed. */
export async function startObserving(
  observing: Omit<Observing, "stopSignal">,
): Promise<Observation | { readonly refused: string }> {
  const { environment, onReport, onTelemetry, routes, selection } = observing;
  if (process.platform !== "linux") return { refused: "it is done by eBPF, which only Linux has" };
  const tracer = await startTracer(
    {
      environment: Object.fromEntries(
        Object.entries(environment).filter(
          ([name]) => name.startsWith("OTEL_EXPORTER_OTLP_") || ownNames.has(name),
        ),
      ),
      version: packageVersion(),
      packageFolder: path.resolve(fileURLToPath(new URL("../..", import.meta.url))),
      select: selection,
      ...(routes === undefined ? {} : { routes }),
    },
    (message) => {
      const line = lineFor(message);
      if (line !== undefined) onReport(line);
    },
    onTelemetry,
  );
  if ("refused" in tracer) return tracer;
  return {
    ended: tracer.ended.then((how) => `the tracer ended with ${how}`),
    stop: () => tracer.stop(graceMs),
  };
}

/** Observes running processes until the signal; resolves with the reason, a line for people, when nothing can be observed or it broke off. */
export async function observeProcesses(observing: Observing): Promise<string | undefined> {
  const { stopSignal } = observing;
  const observation = await startObserving(observing);
  if ("refused" in observation) return observation.refused;
  const stopped = new Promise<undefined>((resolve) => {
    if (stopSignal.aborted) resolve(undefined);
    else stopSignal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  const broken = await Promise.race([observation.ended, stopped]);
  if (broken === undefined) await observation.stop();
  return broken;
}

function lineFor(message: FromTracer): string | undefined {
  switch (message.kind) {
    case "observed":
      return `otelier: ${message.service} (${path.basename(message.executable)}, pid ${message.pid}): observes HTTP, gRPC, DNS, Kafka, PostgreSQL, MySQL and Redis by eBPF; sends ${message.sends.join(", ")}`;
    case "traced":
      return tracedLine(message);
    case "left-alone":
      return `otelier: ${message.file} is not observed: ${message.reason}`;
    case "lost":
      return `otelier: ${message.count} ${message.what} were lost: ${message.why}`;
    case "unread":
      return unreadLine(message);
    case "metrics-unsent":
      return `otelier: the last values of metrics were not taken: ${message.why}`;
    default:
      return undefined;
  }
}
