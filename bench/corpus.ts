// One seeded corpus for every benchmark: the telemetry of a small shop, as the Export requests that its SDKs would send.
export { generateLogs } from "./corpus/logs.ts";
export { generateMetrics } from "./corpus/metrics.ts";
export { generateTraces } from "./corpus/traces.ts";
