/**
 * A configuration as the engine builds it: what `config/collector` and `config/alloy` both produce. Components are named by id and carry
 * their section as written; the engine decodes sections by the factories' schemas.
 */
import type { SourceRange } from "../base/source-range.ts";
import type { Signal } from "../telemetry/signal.ts";
import type { ComponentId } from "./component-id.ts";
import type { ConfigNode } from "./settings/config-node.ts";

export interface ConfiguredComponent {
  readonly id: ComponentId;
  readonly node: ConfigNode;
  /** Place of the key that names it. */
  readonly range?: SourceRange;
}

export interface ComponentReference {
  readonly id: ComponentId;
  readonly range?: SourceRange;
}

export interface ConfiguredPipeline {
  readonly signal: Signal;
  /** '' for "traces:", "edge" for "traces/edge:". */
  readonly name: string;
  readonly receivers: readonly ComponentReference[];
  readonly processors: readonly ComponentReference[];
  readonly exporters: readonly ComponentReference[];
  readonly range?: SourceRange;
}

export interface PipelineModel {
  readonly receivers: readonly ConfiguredComponent[];
  readonly processors: readonly ConfiguredComponent[];
  readonly exporters: readonly ConfiguredComponent[];
  readonly connectors: readonly ConfiguredComponent[];
  readonly extensions: readonly ConfiguredComponent[];
  readonly pipelines: readonly ConfiguredPipeline[];
  /** Extensions to run, in order. */
  readonly serviceExtensions: readonly ComponentReference[];
  /** `service.telemetry` as written. */
  readonly telemetry: ConfigNode;
}
