import { Batch, internalContext } from "../../../telemetry/batch.ts";
import { MetricsData, ResourceMetrics, ScopeMetrics } from "../../../telemetry/tree/metrics.ts";
import { goScope } from "../spans/encode.ts";
import type { AttributeValue } from "../spans/span.ts";
import type { Durations } from "./durations.ts";
import { pushRuntime, type MeasuredRuntime } from "./encode-runtime.ts";
import { fill, noAttributes, pushHistogram, pushSum, type Period } from "./points.ts";
import type { ProcessUsage } from "./process-usage.ts";

export interface ProcessMetrics {
  readonly resource: ReadonlyMap<string, AttributeValue>;
  /** Since when it is traced, nanoseconds since the Unix epoch. */
  readonly startNs: bigint;
  readonly durations: Durations;
  /** Undefined when it has ended. */
  readonly usage: ProcessUsage | undefined;
  /** Undefined when it is none of Go, or could not be read. */
  readonly runtime: MeasuredRuntime | undefined;
}

/** An ExportMetricsServiceRequest (opentelemetry-proto 1.9) of cumulative values at `nowNs`. */
export function encodeMetrics(
  processes: Iterable<ProcessMetrics>,
  options: {
    /** Name of the instrumentation scope; default that of Go programs. */
    readonly scope?: string;
    readonly version: string;
    readonly nowNs: bigint;
  },
): Uint8Array {
  const tree = new MetricsData();
  for (const process of processes) {
    const group = tree.resourceMetrics.push(new ResourceMetrics());
    fill(group.resource.attributes, process.resource);
    const scope = group.scopeMetrics.push(new ScopeMetrics());
    scope.scope.name = options.scope ?? goScope;
    scope.scope.version = options.version;
    const period = { startNs: process.startNs, endNs: options.nowNs };
    pushDurations(scope, process.durations, period);
    if (process.usage !== undefined) pushUsage(scope, process.usage, period);
    if (process.runtime !== undefined) pushRuntime(scope, process.runtime, process.startNs);
  }
  return Batch.fromTree("metrics", tree, internalContext).bytes;
}

function pushDurations(scope: ScopeMetrics, durations: Durations, period: Period): void {
  for (const [instrument, all] of durations.collect()) {
    const values = [...all].map(({ attributes, counts, count, sumSeconds }) => ({
      attributes,
      counts: counts.map(BigInt),
      count: BigInt(count),
      sum: sumSeconds,
    }));
    pushHistogram(scope, { ...instrument, unit: "s" }, values, period);
  }
}

/** Names of the semantic conventions for processes (in development). */
function pushUsage(scope: ScopeMetrics, usage: ProcessUsage, period: Period): void {
  const whole = (name: string, unit: string, description: string, value: number): void => {
    const values = [{ attributes: noAttributes, value: BigInt(value) }];
    pushSum(scope, { name, unit, description }, "up-down-counter", values, period);
  };
  pushSum(
    scope,
    {
      name: "process.cpu.time",
      unit: "s",
      description: "Total CPU seconds broken down by different states.",
    },
    "counter",
    [
      { attributes: new Map([["cpu.mode", "user"]]), value: usage.userSeconds },
      { attributes: new Map([["cpu.mode", "system"]]), value: usage.systemSeconds },
    ],
    period,
  );
  whole("process.memory.usage", "By", "The amount of physical memory in use.", usage.residentBytes);
  whole("process.memory.virtual", "By", "The amount of committed virtual memory.", usage.virtualBytes);
  whole("process.thread.count", "{thread}", "Process threads count.", usage.threads);
  whole(
    "process.unix.file_descriptor.count",
    "{file_descriptor}",
    "Number of unix file descriptors in use by the process.",
    usage.openFiles,
  );
}
