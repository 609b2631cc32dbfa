import type { Signal } from "../../telemetry/signal.ts";
import type { ResolvedComponent } from "./resolve.ts";

/** One component instance of the graph. */
export interface PlanNode {
  /** Unique: "receiver otlp", "processor batch in traces/edge", "exporter otlp_grpc (traces)", "connector x (traces->metrics)". */
  readonly key: string;
  readonly kind: "receiver" | "processor" | "exporter" | "connector";
  readonly component: ResolvedComponent;
  /** What it takes in; for a receiver, with `output`, the same. */
  readonly input: Signal;
  readonly output: Signal;
  /** Processors only: "traces/edge". */
  readonly pipeline?: string;
}

/** `from` feeds `to` within `pipeline`. A receiver has links of several signals. */
export interface PlanLink {
  readonly from: PlanNode;
  readonly to: PlanNode;
  readonly pipeline: string;
  readonly signal: Signal;
}
