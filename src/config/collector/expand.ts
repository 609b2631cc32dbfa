/**
 * Replaces `${...}` in configuration by what it names (core confmap/expand.go). A value that is one `${...}` and nothing else takes the type of what
 * it names; inside other text the text is put in. `$$` is one `$` at the end of it all.
 */
import type { Diagnostic } from "../../base/diagnostic.ts";
import { hasErrors } from "../../base/diagnostic.ts";
import type { SourceRange } from "../../base/source-range.ts";
import type { ConfigNode, MapEntry, ScalarNode } from "../../pipeline/settings/config-node.ts";
import { parseLocation } from "./location.ts";
import { retrieve } from "./retrieve.ts";
import type { ConfigWorld } from "./retrieve.ts";
import { parseYaml } from "./yaml-node.ts";

/** Replacements that one value may need, and its longest text: bounds against values that name themselves. */
const maxExpansions = 100;
const maxTextLength = 1024 * 1024;

export interface ExpandContext {
  readonly world: ConfigWorld;
  readonly diagnostics: Diagnostic[];
  /** Texts of included files, for code frames. */
  readonly sources: Map<string, string>;
}

interface Budget {
  left: number;
}

export async function expandNode(node: ConfigNode, context: ExpandContext): Promise<ConfigNode> {
  return unescapeNode(await expand(node, context, { left: maxExpansions }));
}

async function expand(node: ConfigNode, context: ExpandContext, budget: Budget): Promise<ConfigNode> {
  switch (node.kind) {
    case "null":
      return node;
    case "scalar":
      if (typeof node.value === "string") return expandText(node.value, node, context, budget);
      return node.fromText ? expandNumber(node, context, budget) : node;
    case "list": {
      const items: ConfigNode[] = [];
      for (const item of node.items) items.push(await expand(item, context, ownBudget(node, budget)));
      const { text, ...rest } = node;
      const expanded = await expandOriginal(text, context, budget);
      return { ...rest, items, ...(expanded === undefined ? {} : { text: expanded }) };
    }
    case "map": {
      const entries = new Map<string, MapEntry>();
      for (const [key, entry] of node.entries) {
        entries.set(key, { ...entry, value: await expand(entry.value, context, ownBudget(node, budget)) });
      }
      const { text, ...rest } = node;
      const expanded = await expandOriginal(text, context, budget);
      return { ...rest, entries, ...(expanded === undefined ? {} : { text: expanded }) };
    }
  }
}

/** Values as written each have a budget of their own; what came out of an expansion shares that one's. */
function ownBudget(node: { readonly text?: string }, budget: Budget): Budget {
  return node.text === undefined && budget.left === maxExpansions ? { left: maxExpansions } : budget;
}

/** A number or boolean that came from `${...}`; string options lose the text behind it when it cannot be expanded itself. */
async function expandNumber(node: ScalarNode, context: ExpandContext, budget: Budget): Promise<ScalarNode> {
  const text = await expandOriginal(node.text, context, budget);
  return text === undefined ? { ...node, fromText: false } : { ...node, text };
}

/** The text behind an expanded list or map, for string options; dropped when it cannot be expanded itself, since a map may not need it. */
async function expandOriginal(
  text: string | undefined,
  context: ExpandContext,
  budget: Budget,
): Promise<string | undefined> {
  if (text === undefined || findUri(text) === undefined) return text;
  const node: ScalarNode = { kind: "scalar", value: text, text, fromText: true };
  const diagnostics: Diagnostic[] = [];
  const expanded = await expandText(text, node, { ...context, diagnostics }, budget);
  if (hasErrors(diagnostics)) return undefined;
  return expanded.kind === "scalar" && typeof expanded.value === "string" ? expanded.value : undefined;
}

async function expandText(
  written: string,
  node: ScalarNode,
  context: ExpandContext,
  budget: Budget,
): Promise<ConfigNode> {
  let text = written;
  let isExpanded = false;
  for (let uri = findUri(text); uri !== undefined; uri = findUri(text)) {
    if (budget.left-- <= 0 || text.length > maxTextLength) {
      report(context, "too many recursive expansions", node.range);
      return node;
    }
    const retrieved = await retrieveUri(uri, node, context);
    if (retrieved === undefined) return node;
    isExpanded = true;
    if (uri !== text) {
      text = text.replaceAll(uri, () => retrieved.text);
      continue;
    }
    const value = typedValue(retrieved.text, retrieved.file, node.range, context);
    if (typeof value === "string") {
      text = value;
      continue;
    }
    return expand(value, context, budget);
  }
  return isExpanded ? { ...node, value: text, text, fromText: true } : node;
}

/**
 * What the text of `${...}` is: YAML that is not a string becomes its value and keeps its text; anything else stays the very text, quotes
 * included (core confmap/provider.go, NewRetrievedFromYAML).
 */
function typedValue(
  text: string,
  file: string,
  range: SourceRange | undefined,
  context: ExpandContext,
): ConfigNode | string {
  const isFile = context.sources.has(file);
  const { value, diagnostics } = parseYaml(text, file);
  if (diagnostics.length > 0) {
    if (!isFile) return text;
    context.diagnostics.push(...diagnostics);
  }
  if (value.kind === "scalar" && typeof value.value === "string") return text;
  const placed = isFile ? value : withRange(value, range);
  if (placed.kind === "null") return placed;
  return placed.kind === "scalar" ? { ...placed, text, fromText: true } : { ...placed, text };
}

async function retrieveUri(
  uri: string,
  node: ScalarNode,
  context: ExpandContext,
): Promise<{ readonly text: string; readonly file: string } | undefined> {
  const location = parseLocation(uri.slice(2, -1), "env");
  if ("problem" in location) {
    report(context, `cannot expand "${uri}": ${location.problem}`, node.range);
    return undefined;
  }
  if (location.value.includes("$")) {
    report(context, `cannot expand "${uri}": the uri contains unsupported characters ('$')`, node.range);
    return undefined;
  }
  const retrieved = await retrieve(location, context.world);
  if ("problem" in retrieved) {
    const hint = /^\$\{\d+\}$/.test(uri) ? `write $${uri} to keep ${uri} as it is` : undefined;
    report(context, `cannot expand "${uri}": ${retrieved.problem}`, node.range, hint);
    return undefined;
  }
  if (location.scheme !== "env" && location.scheme !== "yaml")
    context.sources.set(retrieved.file, retrieved.text);
  if (retrieved.warning !== undefined) {
    const hint = "set it, or write a default: ${env:NAME:-default}";
    const place = node.range === undefined ? {} : { range: node.range };
    const warning: Diagnostic = {
      severity: "warning",
      code: "unset-variable",
      message: retrieved.warning,
      hint,
      ...place,
    };
    const isKnown = context.diagnostics.some((known) => known.message === warning.message);
    if (!isKnown) context.diagnostics.push(warning);
  }
  return retrieved;
}

/** The first innermost `${...}` that is not escaped by an odd number of `$` before it (core confmap/expand.go, findURI). */
export function findUri(text: string): string | undefined {
  let from = 0;
  for (let close = text.indexOf("}", from); close !== -1; close = text.indexOf("}", from)) {
    const open = text.slice(from, close + 1).lastIndexOf("${");
    if (open !== -1) {
      const start = from + open;
      let dollars = 0;
      while (start - dollars - 1 >= from && text[start - dollars - 1] === "$") dollars++;
      if (dollars % 2 === 0) return text.slice(start, close + 1);
    }
    from = close + 1;
  }
  return undefined;
}

function unescapeNode(node: ConfigNode): ConfigNode {
  switch (node.kind) {
    case "null":
      return node;
    case "scalar": {
      const value = typeof node.value === "string" ? unescape(node.value) : node.value;
      return { ...node, value, text: unescape(node.text) };
    }
    case "list":
      return { ...node, items: node.items.map(unescapeNode), ...unescapedText(node.text) };
    case "map": {
      const entries = [...node.entries].map(
        ([key, entry]) => [key, { ...entry, value: unescapeNode(entry.value) }] as const,
      );
      return { ...node, entries: new Map(entries), ...unescapedText(node.text) };
    }
  }
}

function unescapedText(text: string | undefined): { readonly text?: string } {
  return text === undefined ? {} : { text: unescape(text) };
}

function unescape(text: string): string {
  return text.replaceAll("$$", () => "$");
}

/** The same tree, every node shown at `range`: what came from a variable has no place of its own. */
function withRange(node: ConfigNode, range: SourceRange | undefined): ConfigNode {
  const place = range === undefined ? {} : { range };
  switch (node.kind) {
    case "null":
      return { kind: "null", ...place };
    case "scalar": {
      const { value, text, fromText } = node;
      return { kind: "scalar", value, text, fromText, ...place };
    }
    case "list":
      return { kind: "list", items: node.items.map((item) => withRange(item, range)), ...place };
    case "map": {
      const entries = [...node.entries].map(
        ([key, { value }]) =>
          [
            key,
            { value: withRange(value, range), ...(range === undefined ? {} : { keyRange: range }) },
          ] as const,
      );
      return { kind: "map", entries: new Map(entries), ...place };
    }
  }
}

function report(
  context: ExpandContext,
  message: string,
  range: SourceRange | undefined,
  hint?: string,
): void {
  context.diagnostics.push({
    severity: "error",
    code: "bad-expansion",
    message,
    ...(range === undefined ? {} : { range }),
    ...(hint === undefined ? {} : { hint }),
  });
}
