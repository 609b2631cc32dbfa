import type { Diagnostic } from "../../base/diagnostic.ts";
import { nearestName } from "../../base/nearest.ts";
import type { SourceRange } from "../../base/source-range.ts";
import { printComponentId } from "../component-id.ts";
import type { ComponentReference, ConfiguredPipeline, PipelineModel } from "../model.ts";
import { pipelineName } from "./names.ts";
import type { ResolvedModel } from "./resolve.ts";

/** What the service section names must be configured, once and unambiguously (core otelcol/config.go, service/pipelines/config.go). */
export function checkReferences(
  model: PipelineModel,
  resolved: ResolvedModel,
  report: (diagnostic: Diagnostic) => void,
): void {
  checkPresence(model, report);
  checkAmbiguity(model, resolved, report);
  const lists = {
    receiver: new Set([...resolved.receiver.keys(), ...resolved.connector.keys()]),
    processor: new Set(resolved.processor.keys()),
    exporter: new Set([...resolved.exporter.keys(), ...resolved.connector.keys()]),
  };
  for (const pipeline of model.pipelines) {
    const path = `service::pipelines::${pipelineName(pipeline)}`;
    for (const kind of ["receiver", "exporter"] as const) {
      if (pipeline[`${kind}s`].length > 0) continue;
      report(problem("empty-pipeline", `${path}: must have at least one ${kind}`, pipeline.range));
    }
    for (const kind of ["receiver", "processor", "exporter"] as const) {
      checkList(path, kind, pipeline[`${kind}s`], lists[kind], report);
    }
    checkTwice(path, pipeline, report);
  }
  checkList(
    "service::extensions",
    "extension",
    model.serviceExtensions,
    new Set(resolved.extension.keys()),
    report,
  );
}

function checkPresence(model: PipelineModel, report: (diagnostic: Diagnostic) => void): void {
  const kinds = ["receiver", "exporter"] as const;
  const total = kinds.reduce((sum, kind) => sum + model[`${kind}s`].length, model.pipelines.length);
  if (total + model.processors.length + model.extensions.length + model.connectors.length === 0) {
    report(problem("empty-configuration", "empty configuration file", undefined));
    return;
  }
  for (const kind of kinds) {
    if (model[`${kind}s`].length > 0) continue;
    report(problem("empty-configuration", `no ${kind} configuration specified in config`, undefined));
  }
  if (model.pipelines.length === 0) {
    report(problem("empty-configuration", "service must have at least one pipeline", undefined));
  }
}

function checkAmbiguity(
  model: PipelineModel,
  resolved: ResolvedModel,
  report: (diagnostic: Diagnostic) => void,
): void {
  for (const connector of model.connectors) {
    const id = printComponentId(connector.id);
    for (const kind of ["exporter", "receiver"] as const) {
      if (!resolved[kind].has(id)) continue;
      const advice = `Change one of the components' IDs to eliminate ambiguity (e.g. rename "${id}" connector to "${id}/connector")`;
      const message = `connectors::${id}: ambiguous ID: Found both "${id}" ${kind} and "${id}" connector. ${advice}`;
      report(problem("ambiguous-id", message, connector.range));
    }
  }
}

function checkList(
  path: string,
  kind: string,
  references: readonly ComponentReference[],
  known: ReadonlySet<string>,
  report: (diagnostic: Diagnostic) => void,
): void {
  for (const { id, range } of references) {
    const name = printComponentId(id);
    if (known.has(name)) continue;
    const near = nearestName(name, known);
    const names = known.size === 0 ? `no ${kind} is configured` : `configured: ${[...known].join(", ")}`;
    const hint = near === undefined ? names : `did you mean "${near}"?`;
    report({
      ...problem("unknown-reference", `${path}: references ${kind} "${name}" which is not configured`, range),
      hint,
    });
  }
}

/** A processor listed twice is an error; a receiver or exporter listed twice counts once. */
function checkTwice(
  path: string,
  pipeline: ConfiguredPipeline,
  report: (diagnostic: Diagnostic) => void,
): void {
  for (const kind of ["receiver", "processor", "exporter"] as const) {
    const seen = new Set<string>();
    for (const { id, range } of pipeline[`${kind}s`]) {
      const name = printComponentId(id);
      const message = `${path}: references ${kind} "${name}" multiple times`;
      if (seen.has(name)) {
        const severity = kind === "processor" ? "error" : "warning";
        report({ ...problem("repeated-reference", message, range), severity });
      }
      seen.add(name);
    }
  }
}

function problem(code: string, message: string, range: SourceRange | undefined): Diagnostic {
  return { severity: "error", code, message, ...(range === undefined ? {} : { range }) };
}
