/**
 * Reads a section of configuration by its schema: typed value out, all problems with their places beside it. Texts are the Collector's
 * (mapstructure's), so that people find what they know.
 *
 *     decodeSection(batchConfig, node, "processors.batch")
 *     // {value: {timeout: 200, ...}, diagnostics: [cannot read "processors.batch": 'timeout' expected type ...]}
 */
import type { Diagnostic, Parsed } from "../../base/diagnostic.ts";
import { nearestName } from "../../base/nearest.ts";
import type { SourceRange } from "../../base/source-range.ts";
import { nullNode } from "./config-node.ts";
import type { ConfigNode, MapNode, ScalarNode } from "./config-node.ts";
import { goTypeOf } from "./options.ts";
import type { ListOption, MapOption, Option, ScalarOption, Section } from "./schema.ts";

/** Where the decoder is: the component it reads and the path below it, in the Collector's spelling ("protocols.grpc"). */
interface Place {
  readonly component: string;
  readonly path: string;
  readonly diagnostics: Diagnostic[];
}

/**
 * `path` names the section in messages, as "processors.batch". The value is complete even with problems: what could not be read has its
 * default (or undefined), so that further checks can run; use it only when no diagnostic is an error. `at` is where the section stands under
 * `path`, in the Collector's spelling.
 */
export function decodeSection<C>(section: Section<C>, node: ConfigNode, path: string, at = ""): Parsed<C> {
  const diagnostics: Diagnostic[] = [];
  const value = decodeFields(section, node, { component: path, path: at, diagnostics });
  return { value: value as C, diagnostics };
}

/** The value of a section as if `{}` were written. */
export function defaultConfig<C>(section: Section<C>): C {
  return decodeSection(section, nullNode, "").value;
}

function decode(option: Option<unknown>, node: ConfigNode, place: Place): unknown {
  switch (option.kind) {
    case "scalar":
      return decodeScalar(option, node, place);
    case "list":
      return decodeList(option, node, place);
    case "map":
      return decodeMap(option, node, place);
    case "section":
      return decodeWrittenSection(option, node, place);
    case "raw":
      return node;
  }
}

function absent(option: Option<unknown>): unknown {
  if (option.kind !== "section") return option.default;
  if (option.whenAbsent === "off") return undefined;
  return decodeFields(option, nullNode, { component: "", path: "", diagnostics: [] });
}

function decodeScalar(option: ScalarOption<unknown>, node: ConfigNode, place: Place): unknown {
  if (node.kind === "null") return option.default;
  const input = scalarInput(option, node);
  if (input === undefined) {
    report(place, `expected type '${option.goType}', got unconvertible type '${nodeType(node)}'`, node.range);
    return option.default;
  }
  const reading = option.read(input);
  if ("problem" in reading) {
    report(place, reading.problem, node.range, reading.hint);
    return option.default;
  }
  if (reading.warning !== undefined) {
    report(place, reading.warning, node.range, reading.hint, "warning");
  }
  return reading.value;
}

/** A whole list or map that came from `${...}` is text to a string option. */
function scalarInput(option: ScalarOption<unknown>, node: ConfigNode): ScalarNode | undefined {
  if (node.kind === "scalar") return node;
  const isText = option.goType === "string" || option.goType === "configopaque.String";
  if (node.kind === "null" || node.text === undefined || !isText) return undefined;
  return { kind: "scalar", value: node.text, text: node.text, fromText: true };
}

function decodeList(option: ListOption<unknown>, node: ConfigNode, place: Place): unknown {
  if (node.kind === "null") return option.default;
  // The Collector splits a string at commas (mapstructure's StringToSliceHookFunc).
  if (node.kind === "scalar" && typeof node.value === "string") {
    const parts = node.value === "" ? [] : node.value.split(",");
    return parts.map((part) => decode(option.item, { ...node, value: part, text: part }, place));
  }
  if (node.kind !== "list") {
    report(
      place,
      `source data must be an array or slice, got ${nodeType(node)}`,
      node.range,
      "write a list: [a, b]",
    );
    return option.default;
  }
  return node.items.map((item, at) => decode(option.item, item, { ...place, path: `${place.path}[${at}]` }));
}

function decodeMap(option: MapOption<unknown>, node: ConfigNode, place: Place): unknown {
  if (node.kind === "null") return option.default;
  if (node.kind === "list" && option.pairs === true) return decodePairs(option, node.items, place);
  if (node.kind !== "map") {
    report(place, `expected a map or struct, got "${nodeType(node)}"`, node.range);
    return option.default;
  }
  const result = new Map<string, unknown>();
  for (const [key, entry] of node.entries) {
    result.set(key, decode(option.item, entry.value, { ...place, path: `${place.path}[${key}]` }));
  }
  return result;
}

function decodePairs(option: MapOption<unknown>, items: readonly ConfigNode[], place: Place): unknown {
  const result = new Map<string, unknown>();
  for (const [at, item] of items.entries()) {
    const itemPlace = { ...place, path: `${place.path}[${at}]` };
    const name = item.kind === "map" ? item.entries.get("name")?.value : undefined;
    const value = item.kind === "map" ? item.entries.get("value")?.value : undefined;
    if (name?.kind !== "scalar") report(itemPlace, `needs a "name" and a "value"`, item.range);
    else if (value !== undefined) result.set(name.text, decode(option.item, value, itemPlace));
  }
  return result;
}

function decodeWrittenSection(option: Section<unknown>, node: ConfigNode, place: Place): unknown {
  if (node.kind === "null" && option.whenNull === "off") return absent(option);
  if (option.switchable && node.kind === "map") {
    const enabled = node.entries.get("enabled");
    // A section that declares `enabled` itself reads it as a field.
    if (enabled !== undefined && option.fields["enabled"] === undefined) {
      const isOn =
        enabled.value.kind === "null" || (enabled.value.kind === "scalar" && enabled.value.value === true);
      const isOff = enabled.value.kind === "scalar" && enabled.value.value === false;
      if (!isOn && !isOff) {
        const got = nodeType(enabled.value);
        const problem = `expected type 'bool', got unconvertible type '${got}'`;
        report(below(place, "enabled"), problem, enabled.value.range);
      }
      const rest = new Map([...node.entries].filter(([key]) => key !== "enabled"));
      const value = decodeFields(option, { ...node, entries: rest }, place);
      return isOff ? undefined : value;
    }
  }
  return decodeFields(option, node, place);
}

function decodeFields(section: Section<unknown>, node: ConfigNode, place: Place): unknown {
  const entries: MapNode["entries"] = node.kind === "map" ? node.entries : new Map();
  if (node.kind === "scalar" || node.kind === "list") {
    report(place, `expected a map or struct, got "${nodeType(node)}"`, node.range);
  }
  const result: Record<string, unknown> = {};
  const read = new Set<string>();
  for (const [key, option] of Object.entries(section.fields)) {
    const written = entries.has(key) ? key : option.deprecatedName;
    const entry = written === undefined ? undefined : entries.get(written);
    const fieldPlace = below(place, written ?? key);
    if (entry === undefined || written === undefined) {
      if (option.required === true)
        report(place, `missing option "${key}"`, node.range, `set "${key}": ${option.doc}`);
      result[key] = absent(option);
      continue;
    }
    read.add(written);
    if (written !== key) {
      report(
        fieldPlace,
        `is deprecated`,
        entry.keyRange,
        `use "${key}" instead`,
        "warning",
        "deprecated-option",
      );
    }
    if (option.ignored !== undefined && entry.value.kind !== "null") {
      report(
        fieldPlace,
        `has no effect: ${option.ignored}`,
        entry.keyRange,
        undefined,
        "warning",
        "option-without-effect",
      );
    }
    result[key] = decode(option, entry.value, fieldPlace);
  }
  for (const [key, entry] of entries) {
    if (!read.has(key)) reportUnknown(section, key, entry.keyRange, place);
  }
  return result;
}

function reportUnknown(
  section: Section<unknown>,
  key: string,
  range: SourceRange | undefined,
  place: Place,
): void {
  const known = Object.keys(section.fields);
  const near = nearestName(key, known);
  const hint = near === undefined ? `valid keys: ${known.join(", ")}` : `did you mean "${near}"?`;
  report(place, `has invalid keys: ${key}`, range, hint, "error", "unknown-option");
}

function below(place: Place, key: string): Place {
  return { ...place, path: place.path === "" ? key : `${place.path}.${key}` };
}

function report(
  place: Place,
  problem: string,
  range: SourceRange | undefined,
  hint?: string,
  severity: Diagnostic["severity"] = "error",
  code = "bad-option",
): void {
  place.diagnostics.push({
    severity,
    code,
    message: `${severity === "error" ? "cannot read " : ""}"${place.component}": '${place.path}' ${problem}`,
    ...(range === undefined ? {} : { range }),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Go's name of the type that a node decodes to. */
export function nodeType(node: ConfigNode): string {
  switch (node.kind) {
    case "null":
      return "nil";
    case "list":
      return "slice";
    case "map":
      return "map";
    case "scalar":
      return goTypeOf(node.value);
  }
}
