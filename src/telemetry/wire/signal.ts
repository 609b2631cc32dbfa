/** One of the three kinds of telemetry that Otelier carries; spelled as in Collector configuration. */
export type Signal = "traces" | "metrics" | "logs";

export const signals: readonly Signal[] = ["traces", "metrics", "logs"];
