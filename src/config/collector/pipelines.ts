import type { Diagnostic } from "../../base/diagnostic.ts";
import { nearestName } from "../../base/nearest.ts";
import type { SourceRange } from "../../base/source-range.ts";
import { parseComponentId } from "../../pipeline/component-id.ts";
import type { ComponentReference, ConfiguredPipeline } from "../../pipeline/model.ts";
import { nullNode } from "../../pipeline/settings/config-node.ts";
import type { ConfigNode } from "../../pipeline/settings/config-node.ts";
import { nodeType } from "../../pipeline/settings/decode.ts";
import { signals } from "../../telemetry/signal.ts";
import type { Signal } from "../../telemetry/signal.ts";

type Report = (diagnostic: Diagnostic) => void;

const keys = ["receivers", "processors", "exporters"] as const;

/** `service.pipelines`; texts of core service/pipelines and pipeline. */
export function readPipelines(node: ConfigNode, report: Report): ConfiguredPipeline[] {
  if (node.kind === "null") return [];
  if (node.kind !== "map") {
    fail(
      report,
      "bad-option",
      `'service.pipelines' expected a map or struct, got "${nodeType(node)}"`,
      node.range,
    );
    return [];
  }
  const result = new Map<string, ConfiguredPipeline>();
  for (const [key, entry] of node.entries) {
    const id = readPipelineId(key, entry.keyRange, report);
    if (id === undefined) continue;
    const name = `${id.signal}/${id.name}`;
    if (result.has(name)) {
      const message = `cannot read "service.pipelines": duplicate name "${key.trim()}" after trimming spaces`;
      fail(report, "bad-component-id", message, entry.keyRange);
      continue;
    }
    const body = readBody(key, entry.value, report);
    result.set(name, { ...id, ...body, ...(entry.keyRange === undefined ? {} : { range: entry.keyRange }) });
  }
  return [...result.values()];
}

function readPipelineId(
  key: string,
  range: SourceRange | undefined,
  report: Report,
): { readonly signal: Signal; readonly name: string } | undefined {
  const id = parseComponentId(key);
  if ("problem" in id) {
    fail(report, "bad-component-id", `cannot read "service.pipelines": ${id.problem}`, range);
    return undefined;
  }
  const signal = signals.find((candidate) => candidate === id.type);
  if (signal !== undefined) return { signal, name: id.name };
  if (id.type === "profiles") {
    const message = `service::pipelines::${key}: profiling signal support is at alpha level, gated under the "service.profilesSupport" feature gate`;
    fail(report, "unsupported-signal", message, range, "remove the pipeline: profiles are not supported yet");
    return undefined;
  }
  const near = nearestName(id.type, signals);
  const hint = near === undefined ? `one of: ${signals.join(", ")}` : `did you mean "${near}"?`;
  fail(report, "unknown-signal", `service::pipelines::${key}: unknown signal "${id.type}"`, range, hint);
  return undefined;
}

function readBody(
  key: string,
  node: ConfigNode,
  report: Report,
): Pick<ConfiguredPipeline, "receivers" | "processors" | "exporters"> {
  if (node.kind === "map") {
    for (const [name, entry] of node.entries) {
      if (keys.some((known) => known === name)) continue;
      const near = nearestName(name, keys);
      const hint = near === undefined ? `valid keys: ${keys.join(", ")}` : `did you mean "${near}"?`;
      fail(
        report,
        "unknown-option",
        `'service.pipelines[${key}]' has invalid keys: ${name}`,
        entry.keyRange,
        hint,
      );
    }
  } else if (node.kind !== "null") {
    fail(report, "bad-option", `'[${key}]' expected a map or struct, got "${nodeType(node)}"`, node.range);
  }
  const list = (name: (typeof keys)[number]): ComponentReference[] => {
    const value = node.kind === "map" ? node.entries.get(name)?.value : undefined;
    return readReferences(value ?? nullNode, `[${key}].${name}`, report);
  };
  return { receivers: list("receivers"), processors: list("processors"), exporters: list("exporters") };
}

/** A list of component ids; text is split at commas, as the Collector does. */
export function readReferences(node: ConfigNode, path: string, report: Report): ComponentReference[] {
  if (node.kind === "null") return [];
  const items =
    node.kind === "list"
      ? node.items
      : node.kind === "scalar" && typeof node.value === "string"
        ? node.value.split(",").map((part): ConfigNode => ({ ...node, value: part, text: part }))
        : undefined;
  if (items === undefined) {
    fail(
      report,
      "bad-option",
      `'${path}' source data must be an array or slice, got ${nodeType(node)}`,
      node.range,
      "write a list: [a, b]",
    );
    return [];
  }
  return items.flatMap((item, at) => {
    if (item.kind !== "scalar" || (typeof item.value !== "string" && !item.fromText)) {
      const message = `'${path}[${at}]' expected type 'string', got unconvertible type '${nodeType(item)}'`;
      fail(report, "bad-option", message, item.range);
      return [];
    }
    const id = parseComponentId(item.text);
    if ("problem" in id) {
      fail(report, "bad-component-id", `cannot read '${path}[${at}]': ${id.problem}`, item.range);
      return [];
    }
    return [{ id, ...(item.range === undefined ? {} : { range: item.range }) }];
  });
}

function fail(
  report: Report,
  code: string,
  message: string,
  range: SourceRange | undefined,
  hint?: string,
): void {
  report({
    severity: "error",
    code,
    message,
    ...(range === undefined ? {} : { range }),
    ...(hint === undefined ? {} : { hint }),
  });
}
