/**
 * The graph that a configuration means, checked as a whole but not yet running: nodes are component instances, links say who feeds whom. All
 * problems are found at once; texts are the Collector's (core service/internal/graph).
 */
import type { Diagnostic, Parsed } from "../../base/diagnostic.ts";
import { hasErrors } from "../../base/diagnostic.ts";
import type { Signal } from "../../telemetry/signal.ts";
import { printComponentId } from "../component-id.ts";
import type { AnyFactory } from "../component.ts";
import type { ComponentReference, ConfiguredPipeline, PipelineModel } from "../model.ts";
import { checkAnswers } from "./check-answers.ts";
import { checkReferences } from "./check-references.ts";
import { planConnectors } from "./connectors.ts";
import { findCycle } from "./cycle.ts";
import { pipelineName } from "./names.ts";
import { resolveModel } from "./resolve.ts";
import type { ResolvedComponent } from "./resolve.ts";
import type { PlanLink, PlanNode } from "./plan-node.ts";

export type { PlanNode } from "./plan-node.ts";

export interface GraphPlan {
  readonly nodes: readonly PlanNode[];
  readonly links: readonly PlanLink[];
  /** In the order in which they start. */
  readonly extensions: readonly ResolvedComponent[];
}

export function planGraph(model: PipelineModel, factories: readonly AnyFactory[]): Parsed<GraphPlan> {
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic): void => void diagnostics.push(diagnostic);
  const resolved = resolveModel(model, factories, report);
  checkReferences(model, resolved, report);
  const nodes = new Map<string, PlanNode>();
  const links: PlanLink[] = [];
  const connectors = planConnectors(model.pipelines, resolved, report);

  const node = (candidate: PlanNode): PlanNode => {
    const known = nodes.get(candidate.key);
    if (known === undefined) nodes.set(candidate.key, candidate);
    return known ?? candidate;
  };
  const ends = (
    kind: "receiver" | "exporter",
    references: readonly ComponentReference[],
    pipeline: ConfiguredPipeline,
  ): PlanNode[] =>
    unique(references).flatMap((reference) => {
      const id = printComponentId(reference.id);
      const component = resolved[kind].get(id);
      if (component === undefined) return connectors.nodesOf(id, kind, pipeline.signal).map(node);
      const { signal } = pipeline;
      if (!supports(component, signal)) {
        report(unsupported(kind, reference, pipeline));
        return [];
      }
      const key = kind === "receiver" ? `receiver ${id}` : `exporter ${id} (${signal})`;
      return [node({ key, kind, component, input: signal, output: signal })];
    });

  for (const pipeline of model.pipelines) {
    const name = pipelineName(pipeline);
    const { signal } = pipeline;
    const sources = ends("receiver", pipeline.receivers, pipeline);
    const processors = unique(pipeline.processors).flatMap((reference) => {
      const id = printComponentId(reference.id);
      const component = resolved.processor.get(id);
      if (component === undefined) return [];
      if (!supports(component, signal)) {
        report(unsupported("processor", reference, pipeline));
        return [];
      }
      const key = `processor ${id} in ${name}`;
      return [node({ key, kind: "processor", component, input: signal, output: signal, pipeline: name })];
    });
    const targets = ends("exporter", pipeline.exporters, pipeline);
    let before = sources;
    for (const stage of [...processors.map((processor) => [processor]), targets]) {
      for (const from of before) for (const to of stage) links.push({ from, to, pipeline: name, signal });
      before = stage;
    }
  }
  checkAnswers(model.pipelines, resolved, report);
  const cycle = findCycle([...nodes.values()], links);
  if (cycle !== undefined) {
    const path = cycle.map(describeNode).join(" -> ");
    const range = cycle[0]?.component.range;
    report({
      severity: "error",
      code: "pipeline-cycle",
      message: `failed to build pipelines: cycle detected: ${path}`,
      hint: "take one of these connectors out of the exporters or receivers of a pipeline",
      ...(range === undefined ? {} : { range }),
    });
  }
  const extensions = unique(model.serviceExtensions).flatMap((reference) => {
    const component = resolved.extension.get(printComponentId(reference.id));
    return component === undefined ? [] : [component];
  });
  const plan = { nodes: [...nodes.values()], links, extensions };
  return { value: hasErrors(diagnostics) ? { nodes: [], links: [], extensions: [] } : plan, diagnostics };
}

function describeNode(node: PlanNode): string {
  const id = printComponentId(node.component.id);
  if (node.kind === "connector") return `connector "${id}" (${node.input} to ${node.output})`;
  return node.kind === "processor"
    ? `processor "${id}" in pipeline "${node.pipeline}"`
    : `${node.kind} "${id}"`;
}

function unique(references: readonly ComponentReference[]): ComponentReference[] {
  return [...new Map(references.map((reference) => [printComponentId(reference.id), reference])).values()];
}

function supports({ factory }: ResolvedComponent, signal: Signal): boolean {
  return "signals" in factory && factory.signals[signal] !== undefined;
}

function unsupported(
  kind: "receiver" | "processor" | "exporter",
  { id, range }: ComponentReference,
  pipeline: ConfiguredPipeline,
): Diagnostic {
  const where =
    kind === "processor"
      ? `, in pipeline "${pipelineName(pipeline)}"`
      : ` for data type "${pipeline.signal}"`;
  return {
    severity: "error",
    code: "unsupported-signal",
    message: `failed to build pipelines: failed to create "${printComponentId(id)}" ${kind}${where}: telemetry type is not supported`,
    hint: `take it out of "${pipelineName(pipeline)}"`,
    ...(range === undefined ? {} : { range }),
  };
}
