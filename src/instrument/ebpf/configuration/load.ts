/**
 * What to observe and where to send it, as a configuration of OBI or Beyla says it: a YAML file, and variables of the environment that stand
 * above it. Files in, a selection, routes and the environment of an OTLP exporter out; all problems with their places.
 */
import type { Diagnostic } from "../../../base/diagnostic.ts";
import { expandNode } from "../../../config/collector/expand.ts";
import { parseYaml } from "../../../config/collector/yaml-node.ts";
import { nullNode, type ConfigNode } from "../../../pipeline/settings/config-node.ts";
import { decodeSection } from "../../../pipeline/settings/decode.ts";
import type { Selection } from "../discovery/selection.ts";
import type { RouteRules } from "../spans/routes.ts";
import { withEnvironment, type Environment } from "./environment.ts";
import { exporterEnvironment } from "./exporter.ts";
import { beylaConfig } from "./schema.ts";
import { routesOf, selectionOf } from "./selection-of.ts";

export interface Observation {
  readonly selection: Selection;
  /** Undefined without a file: paths then stay without a route. */
  readonly routes: RouteRules | undefined;
  /** OTEL_* of an exporter that the configuration sets. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface LoadedObservation {
  readonly value: Observation;
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: ReadonlyMap<string, string>;
}

/** @param file undefined for the environment alone */
export async function loadObservation(
  file: { readonly name: string; readonly text: string } | undefined,
  environment: Environment,
): Promise<LoadedObservation> {
  const diagnostics: Diagnostic[] = [];
  const sources = new Map<string, string>();
  const written = file === undefined ? nullNode : await readFile(file, environment, diagnostics, sources);
  const above = withEnvironment(written, environment);
  diagnostics.push(...above.diagnostics);
  for (const [name, text] of above.sources) sources.set(name, text);
  const { value, diagnostics: problems } = decodeSection(
    beylaConfig,
    above.node,
    file?.name ?? "the environment",
  );
  diagnostics.push(...problems);
  return {
    value: {
      selection: selectionOf(value),
      routes: file === undefined ? undefined : routesOf(value),
      environment: exporterEnvironment(value, diagnostics),
    },
    diagnostics,
    sources,
  };
}

async function readFile(
  { name, text }: { readonly name: string; readonly text: string },
  environment: Environment,
  diagnostics: Diagnostic[],
  sources: Map<string, string>,
): Promise<ConfigNode> {
  sources.set(name, text);
  const { value, diagnostics: problems } = parseYaml(text, name);
  diagnostics.push(...problems);
  const node = await expandNode(value, {
    world: { environment, workingDirectory: "." },
    diagnostics,
    sources,
  });
  if (node.kind !== "map" && node.kind !== "null") {
    const place = node.range === undefined ? {} : { range: node.range };
    const message = `cannot read "${name}": expected a map of options`;
    diagnostics.push({ severity: "error", code: "bad-option", message, ...place });
  }
  return node;
}
