import type { Diagnostic } from "../../base/diagnostic.ts";
import type { Signal } from "../../telemetry/signal.ts";
import { signals } from "../../telemetry/signal.ts";
import { printComponentId } from "../component-id.ts";
import type { ConfiguredPipeline } from "../model.ts";
import { goList, pipelineName } from "./names.ts";
import type { PlanNode } from "./plan-node.ts";
import type { ResolvedComponent, ResolvedModel } from "./resolve.ts";

export interface ConnectorPlan {
  /** The instances of a connector that a pipeline of `signal` feeds ("exporter") or is fed by ("receiver"). */
  nodesOf(id: string, side: "exporter" | "receiver", signal: Signal): PlanNode[];
}

/**
 * One instance for each pair of signals that a connector joins. Both sides of a connector must be used, and fit (core
 * service/internal/graph, createNodes).
 */
export function planConnectors(
  pipelines: readonly ConfiguredPipeline[],
  resolved: ResolvedModel,
  report: (diagnostic: Diagnostic) => void,
): ConnectorPlan {
  const instances = new Map<string, PlanNode[]>();
  for (const [id, component] of resolved.connector) {
    if (component === undefined || resolved.exporter.has(id) || resolved.receiver.has(id)) continue;
    const uses = (side: "exporters" | "receivers"): ConfiguredPipeline[] =>
      pipelines.filter((pipeline) =>
        pipeline[side].some((reference) => printComponentId(reference.id) === id),
      );
    const feeding = uses("exporters");
    const fed = uses("receivers");
    const pairs = signals.flatMap((input) =>
      signals.flatMap((output) =>
        feeding.some((pipeline) => pipeline.signal === input) &&
        fed.some((pipeline) => pipeline.signal === output) &&
        supports(component, input, output)
          ? [{ input, output }]
          : [],
      ),
    );
    for (const signal of signals) {
      if (!pairs.some((pair) => pair.input === signal)) {
        reportUnused(id, component, "exporter", "receiver", feeding, signal, report);
      }
      if (!pairs.some((pair) => pair.output === signal)) {
        reportUnused(id, component, "receiver", "exporter", fed, signal, report);
      }
    }
    instances.set(
      id,
      pairs.map(({ input, output }) => ({
        key: `connector ${id} (${input}->${output})`,
        kind: "connector",
        component,
        input,
        output,
      })),
    );
  }
  return {
    nodesOf: (id, side, signal) =>
      (instances.get(id) ?? []).filter((node) => (side === "exporter" ? node.input : node.output) === signal),
  };
}

function supports({ factory }: ResolvedComponent, input: Signal, output: Signal): boolean {
  return factory.kind === "connector" && factory.pairs[`${input}->${output}`] !== undefined;
}

function reportUnused(
  id: string,
  component: ResolvedComponent,
  side: "exporter" | "receiver",
  otherSide: "exporter" | "receiver",
  pipelines: readonly ConfiguredPipeline[],
  signal: Signal,
  report: (diagnostic: Diagnostic) => void,
): void {
  const using = pipelines.filter((pipeline) => pipeline.signal === signal);
  const first = using[0];
  if (first === undefined) return;
  const names = goList(using.map(pipelineName));
  const references = side === "exporter" ? first.exporters : first.receivers;
  const range =
    references.find((reference) => printComponentId(reference.id) === id)?.range ?? component.range;
  report({
    severity: "error",
    code: "unused-connector",
    message: `failed to build pipelines: connector "${id}" used as ${side} in ${names} pipeline but not used in any supported ${otherSide} pipeline`,
    hint: `list "${id}" under the ${otherSide}s of a pipeline, too`,
    ...(range === undefined ? {} : { range }),
  });
}
