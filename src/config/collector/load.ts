/**
 * Collector configuration from its sources to the engine's model: each `--config` is fetched and read with places, all are merged, `--set` comes
 * last, `${...}` is expanded, and the top is read. Several problems are reported together.
 */
import type { Diagnostic } from "../../base/diagnostic.ts";
import { hasErrors } from "../../base/diagnostic.ts";
import type { PipelineModel } from "../../pipeline/model.ts";
import type { ConfigNode, MapNode } from "../../pipeline/settings/config-node.ts";
import { nodeType } from "../../pipeline/settings/decode.ts";
import { expandNode } from "./expand.ts";
import { parseLocation } from "./location.ts";
import { mergeMaps, unflatten } from "./merge.ts";
import { retrieve } from "./retrieve.ts";
import type { ConfigWorld } from "./retrieve.ts";
import { toModel } from "./to-model.ts";
import { parseYaml } from "./yaml-node.ts";

export interface LoadOptions extends ConfigWorld {
  /** Values of `--config`, in order: paths or locations ("env:X", "yaml:a::b: c", "https://..."). */
  readonly config: readonly string[];
  /** Values of `--set`: "processors.batch.timeout=2s". */
  readonly set?: readonly string[];
}

export interface LoadedConfig {
  readonly model: PipelineModel;
  /** Merged and expanded, as the model was read from it. */
  readonly root: ConfigNode;
  readonly diagnostics: readonly Diagnostic[];
  /** Texts of all files read, by the names in ranges. */
  readonly sources: ReadonlyMap<string, string>;
}

/** Never rejects: whatever is wrong is a diagnostic. */
export async function loadCollectorConfig(options: LoadOptions): Promise<LoadedConfig> {
  const diagnostics: Diagnostic[] = [];
  const sources = new Map<string, string>();
  if (options.config.length === 0) {
    diagnostics.push({
      severity: "error",
      code: "no-configuration",
      message: "at least one config flag must be provided",
      hint: "write --config FILE",
    });
  }
  let merged: MapNode = { kind: "map", entries: new Map() };
  for (const text of options.config) {
    const part = await readSource(text, options, diagnostics, sources);
    if (part !== undefined) merged = mergeMaps(merged, part, diagnostics);
  }
  for (const text of options.set ?? []) {
    const part = readSet(text, diagnostics);
    if (part !== undefined) merged = mergeMaps(merged, part, diagnostics);
  }
  const root = await expandNode(merged, { world: options, diagnostics, sources });
  const { value: model, diagnostics: problems } = toModel(root);
  // Sections that failed to load would only repeat the problem as "not configured".
  const all = hasErrors(diagnostics) ? diagnostics : [...diagnostics, ...problems];
  return { model, root, diagnostics: all, sources };
}

async function readSource(
  text: string,
  world: ConfigWorld,
  diagnostics: Diagnostic[],
  sources: Map<string, string>,
): Promise<MapNode | undefined> {
  const location = parseLocation(text, "file");
  const retrieved = "problem" in location ? location : await retrieve(location, world);
  if ("problem" in retrieved) {
    const message = `cannot load configuration "${text}": ${retrieved.problem}`;
    diagnostics.push({ severity: "error", code: "no-configuration", message });
    return undefined;
  }
  sources.set(retrieved.file, retrieved.text);
  return readRoot(retrieved.text, retrieved.file, diagnostics);
}

function readRoot(text: string, file: string, diagnostics: Diagnostic[]): MapNode | undefined {
  const { value, diagnostics: problems } = parseYaml(text, file);
  diagnostics.push(...problems);
  if (value.kind === "map") return unflatten(value, diagnostics);
  if (value.kind === "null") return { kind: "map", entries: new Map() };
  if (problems.length === 0) {
    const message = `cannot read configuration: expected a map, got ${nodeType(value)}`;
    const place = value.range === undefined ? {} : { range: value.range };
    diagnostics.push({ severity: "error", code: "bad-option", message, ...place });
  }
  return undefined;
}

/** "a.b.c=value" is "a::b::c: value"; ids keep their slash, and a dot inside a key is written "::" (core otelcol, --set). */
function readSet(text: string, diagnostics: Diagnostic[]): MapNode | undefined {
  const equals = text.indexOf("=");
  if (equals <= 0) {
    const message = `cannot use "--set ${text}": missing equal sign`;
    const hint = "write --set processors.batch.timeout=2s";
    diagnostics.push({ severity: "error", code: "bad-argument", message, hint });
    return undefined;
  }
  const key = text.slice(0, equals).trim().replaceAll(".", "::");
  const { value, diagnostics: problems } = parseYaml(text.slice(equals + 1), `--set ${text}`);
  diagnostics.push(...problems);
  return unflatten({ kind: "map", entries: new Map([[key, { value }]]) }, diagnostics);
}
