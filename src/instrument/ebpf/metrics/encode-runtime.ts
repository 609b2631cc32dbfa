import type { ScopeMetrics } from "../../../telemetry/tree/metrics.ts";
import type { RuntimeState } from "../runtime/go-runtime.ts";
import { latencyBounds } from "../runtime/schedule-latencies.ts";
import { noAttributes, pushHistogram, pushSum, type MetricName } from "./points.ts";

export interface MeasuredRuntime {
  readonly state: RuntimeState;
  /** When it was read, nanoseconds since the Unix epoch. */
  readonly timeNs: bigint;
}

/** Names, units and types of the semantic conventions for Go (in development), as go.opentelemetry.io/contrib/instrumentation/runtime sends them. */
const metrics = {
  used: { name: "go.memory.used", unit: "By", description: "Memory used by the Go runtime." },
  limit: {
    name: "go.memory.limit",
    unit: "By",
    description: "Go runtime memory limit configured by the user, if a limit exists.",
  },
  allocated: {
    name: "go.memory.allocated",
    unit: "By",
    description: "Memory allocated to the heap by the application.",
  },
  allocations: {
    name: "go.memory.allocations",
    unit: "{allocation}",
    description: "Count of allocations to the heap by the application.",
  },
  goal: {
    name: "go.memory.gc.goal",
    unit: "By",
    description: "Heap size target for the end of the GC cycle.",
  },
  goroutines: { name: "go.goroutine.count", unit: "{goroutine}", description: "Count of live goroutines." },
  processors: {
    name: "go.processor.limit",
    unit: "{thread}",
    description: "The number of OS threads that can execute user-level Go code simultaneously.",
  },
  percent: {
    name: "go.config.gogc",
    unit: "%",
    description: "Heap size target percentage configured by the user, otherwise 100.",
  },
} as const satisfies Readonly<Record<string, MetricName>>;

const scheduleDuration = {
  name: "go.schedule.duration",
  unit: "s",
  description: "The time goroutines have spent in the scheduler in a runnable state before actually running.",
  bounds: latencyBounds,
};

/** What could not be read is left out. */
export function pushRuntime(scope: ScopeMetrics, { state, timeNs }: MeasuredRuntime, startNs: bigint): void {
  const { heap, collector, goroutines, processors, latencies } = state;
  const period = { startNs, endNs: timeNs };
  const whole = (
    metric: MetricName,
    value: bigint | number | undefined,
    kind: "counter" | "up-down-counter" = "up-down-counter",
  ): void => {
    if (value === undefined) return;
    pushSum(scope, metric, kind, [{ attributes: noAttributes, value: BigInt(value) }], period);
  };
  if (heap !== undefined) {
    const used = [
      { attributes: new Map([["go.memory.type", "stack"]]), value: heap.stackBytes },
      { attributes: new Map([["go.memory.type", "other"]]), value: heap.otherBytes },
    ];
    pushSum(scope, metrics.used, "up-down-counter", used, period);
  }
  whole(metrics.limit, collector?.limitBytes);
  whole(metrics.allocated, heap?.allocatedBytes, "counter");
  whole(metrics.allocations, heap?.allocations, "counter");
  whole(metrics.goal, collector?.goalBytes);
  whole(metrics.goroutines, goroutines);
  whole(metrics.processors, processors);
  whole(metrics.percent, collector?.percent);
  if (latencies === undefined) return;
  const count = latencies.reduce((total, each) => total + each, 0n);
  const series = { attributes: noAttributes, counts: latencies, count, sum: leastSum(latencies) };
  pushHistogram(scope, scheduleDuration, [series], period);
}

/** The runtime keeps no sum: as if all waited as short as their buckets allow, in seconds. */
function leastSum(counts: readonly bigint[]): number {
  return latencyBounds.reduce((sum, bound, index) => sum + bound * Number(counts[index + 1]), 0);
}
