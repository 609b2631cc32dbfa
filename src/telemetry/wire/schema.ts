import type { MessageSpec } from "./field.ts";
import { logsSpec } from "./logs-spec.ts";
import { metricsSpec } from "./metrics-spec.ts";
import type { Signal } from "./signal.ts";
import { tracesSpec } from "./traces-spec.ts";

/** The message that a batch of each signal is: Export<Signal>ServiceRequest. */
export const rootSpecs: Readonly<Record<Signal, MessageSpec>> = {
  traces: tracesSpec,
  metrics: metricsSpec,
  logs: logsSpec,
};

/**
 * How deeply attribute values may nest: a scalar is level 1, each array or kvlist around it one more. AnyValue is the only
 * recursive OTLP message, so this bounds the stack of every walk.
 */
export const maxValueDepth = 64;
