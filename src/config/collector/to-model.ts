/** The top of a Collector configuration: its sections and ids. What stands inside a component is read later, by its factory. */
import type { Diagnostic, Parsed } from "../../base/diagnostic.ts";
import { nearestName } from "../../base/nearest.ts";
import type { SourceRange } from "../../base/source-range.ts";
import { parseComponentId, printComponentId } from "../../pipeline/component-id.ts";
import type { ConfiguredComponent, PipelineModel } from "../../pipeline/model.ts";
import { nodeAt, nullNode } from "../../pipeline/settings/config-node.ts";
import type { ConfigNode, MapEntry } from "../../pipeline/settings/config-node.ts";
import { nodeType } from "../../pipeline/settings/decode.ts";
import { readPipelines, readReferences } from "./pipelines.ts";

const kinds = ["receivers", "processors", "exporters", "connectors", "extensions"] as const;
const serviceKeys = ["extensions", "pipelines", "telemetry"];

export function toModel(root: ConfigNode): Parsed<PipelineModel> {
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic): void => void diagnostics.push(diagnostic);
  const top = readMap(root, "", [...kinds, "service"], report);
  const [receivers, processors, exporters, connectors, extensions] = kinds.map((kind) =>
    readComponents(top.get(kind)?.value ?? nullNode, kind, report),
  );
  const service = readMap(top.get("service")?.value ?? nullNode, "service", serviceKeys, report);
  return {
    value: {
      receivers: receivers ?? [],
      processors: processors ?? [],
      exporters: exporters ?? [],
      connectors: connectors ?? [],
      extensions: extensions ?? [],
      pipelines: readPipelines(service.get("pipelines")?.value ?? nullNode, report),
      serviceExtensions: readReferences(
        service.get("extensions")?.value ?? nullNode,
        "service.extensions",
        report,
      ),
      telemetry: nodeAt(root, "service", "telemetry") ?? nullNode,
    },
    diagnostics,
  };
}

/** Entries of a section with known keys; null is an empty one. */
function readMap(
  node: ConfigNode,
  path: string,
  known: readonly string[],
  report: (diagnostic: Diagnostic) => void,
): ReadonlyMap<string, MapEntry> {
  if (node.kind === "null") return new Map();
  if (node.kind !== "map") {
    report(problem("bad-option", `'${path}' expected a map or struct, got "${nodeType(node)}"`, node.range));
    return new Map();
  }
  for (const [key, entry] of node.entries) {
    if (known.includes(key)) continue;
    const near = nearestName(key, known);
    const hint = near === undefined ? `valid keys: ${known.join(", ")}` : `did you mean "${near}"?`;
    report({ ...problem("unknown-option", `'${path}' has invalid keys: ${key}`, entry.keyRange), hint });
  }
  return node.entries;
}

function readComponents(
  node: ConfigNode,
  kind: string,
  report: (diagnostic: Diagnostic) => void,
): ConfiguredComponent[] {
  if (node.kind === "null") return [];
  if (node.kind !== "map") {
    report(problem("bad-option", `'${kind}' expected a map or struct, got "${nodeType(node)}"`, node.range));
    return [];
  }
  const result = new Map<string, ConfiguredComponent>();
  for (const [key, entry] of node.entries) {
    const id = parseComponentId(key);
    const range = entry.keyRange;
    if ("problem" in id) {
      report(problem("bad-component-id", `cannot read "${kind}": ${id.problem}`, range));
      continue;
    }
    const name = printComponentId(id);
    if (result.has(name)) {
      report(
        problem(
          "bad-component-id",
          `cannot read "${kind}": duplicate name "${name}" after trimming spaces`,
          range,
        ),
      );
      continue;
    }
    result.set(name, { id, node: entry.value, ...(range === undefined ? {} : { range }) });
  }
  return [...result.values()];
}

function problem(code: string, message: string, range: SourceRange | undefined): Diagnostic {
  return { severity: "error", code, message, ...(range === undefined ? {} : { range }) };
}
