// One seeded corpus for every benchmark: the telemetry of a small shop, as the Export requests that its SDKs would send.
export { generateLogs, type LogsOptions } from "./corpus/logs.ts";
export { generateMetrics, type MetricsOptions } from "./corpus/metrics.ts";
export { generateTraces, type TracesOptions } from "./corpus/traces.ts";
