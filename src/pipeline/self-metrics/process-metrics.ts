import process from "node:process";
import type { Meters } from "../component.ts";

/** Metrics of this process by the Collector's names (core service/metadata.yaml; its total of allocated bytes is not known here); memory of the JavaScript heap stands for Go's. */
export function registerProcessMetrics(metrics: Meters): void {
  const gauge = (name: string, doc: string, unit: string, read: () => number): void =>
    metrics.gauge(`otelcol_process_${name}`, {}, doc, read, unit);
  const total = (name: string, doc: string, unit: string, read: () => number): void =>
    metrics.observedCounter(`otelcol_process_${name}`, {}, doc, read, unit);
  total("uptime", "Uptime of the process", "s", () => process.uptime());
  total("cpu_seconds", "Total CPU user and system time in seconds", "s", () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  gauge("memory_rss", "Total physical memory (resident set size)", "By", () => process.memoryUsage.rss());
  const heapDoc = "Bytes of allocated heap objects";
  gauge("runtime_heap_alloc_bytes", heapDoc, "By", () => process.memoryUsage().heapUsed);
  const systemDoc = "Total bytes of memory obtained from the OS for the heap";
  gauge("runtime_total_sys_memory_bytes", systemDoc, "By", () => process.memoryUsage().heapTotal);
}
