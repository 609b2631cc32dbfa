import { Batch, internalContext } from "../../../telemetry/batch.ts";
import type { Attributes } from "../../../telemetry/tree/attributes.ts";
import { HistogramDataPoint, NumberDataPoint } from "../../../telemetry/tree/data-points.ts";
import {
  Histogram,
  Metric,
  MetricsData,
  ResourceMetrics,
  ScopeMetrics,
  Sum,
} from "../../../telemetry/tree/metrics.ts";
import { goScope } from "../spans/encode.ts";
import type { AttributeValue } from "../spans/span.ts";
import type { Durations } from "./durations.ts";
import type { ProcessUsage } from "./process-usage.ts";

export interface ProcessMetrics {
  readonly resource: ReadonlyMap<string, AttributeValue>;
  /** Since when it is traced, nanoseconds since the Unix epoch. */
  readonly startNs: bigint;
  readonly durations: Durations;
  /** Undefined when it has ended. */
  readonly usage: ProcessUsage | undefined;
}

const cumulative = 2;

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
    pushDurations(scope, process, options.nowNs);
    if (process.usage !== undefined) pushUsage(scope, process.usage, process.startNs, options.nowNs);
  }
  return Batch.fromTree("metrics", tree, internalContext).bytes;
}

function pushDurations(scope: ScopeMetrics, process: ProcessMetrics, nowNs: bigint): void {
  for (const [instrument, all] of process.durations.collect()) {
    const metric = pushMetric(scope, instrument.name, "s", instrument.description);
    metric.histogram = new Histogram();
    metric.histogram.aggregationTemporality = cumulative;
    for (const series of all) {
      const point = metric.histogram.dataPoints.push(new HistogramDataPoint());
      stamp(point, series.attributes, process.startNs, nowNs);
      point.count = BigInt(series.count);
      point.sum = series.sumSeconds;
      point.bucketCounts = series.counts.map(BigInt);
      point.explicitBounds = instrument.bounds;
    }
  }
}

/** Names of the semantic conventions for processes (in development). */
function pushUsage(scope: ScopeMetrics, usage: ProcessUsage, startNs: bigint, nowNs: bigint): void {
  const sum = (name: string, unit: string, description: string): Sum => {
    const metric = pushMetric(scope, name, unit, description);
    metric.sum = new Sum();
    metric.sum.aggregationTemporality = cumulative;
    return metric.sum;
  };
  const whole = (name: string, unit: string, description: string, value: number): void => {
    const point = sum(name, unit, description).dataPoints.push(new NumberDataPoint());
    stamp(point, new Map(), startNs, nowNs);
    point.asInt = BigInt(value);
  };
  const time = sum("process.cpu.time", "s", "Total CPU seconds broken down by different states.");
  time.isMonotonic = true;
  for (const [mode, seconds] of [
    ["user", usage.userSeconds],
    ["system", usage.systemSeconds],
  ] as const) {
    const point = time.dataPoints.push(new NumberDataPoint());
    stamp(point, new Map([["cpu.mode", mode]]), startNs, nowNs);
    point.asDouble = seconds;
  }
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

function pushMetric(scope: ScopeMetrics, name: string, unit: string, description: string): Metric {
  const metric = scope.metrics.push(new Metric());
  metric.name = name;
  metric.unit = unit;
  metric.description = description;
  return metric;
}

function stamp(
  point: NumberDataPoint | HistogramDataPoint,
  attributes: ReadonlyMap<string, AttributeValue>,
  startNs: bigint,
  nowNs: bigint,
): void {
  point.startTimeUnixNano = startNs;
  point.timeUnixNano = nowNs;
  fill(point.attributes, attributes);
}

function fill(attributes: Attributes, values: ReadonlyMap<string, AttributeValue>): void {
  for (const [key, value] of values) attributes.set(key, typeof value === "number" ? BigInt(value) : value);
}
