import { LineCounter, isAlias, isMap, isPair, isScalar, isSeq, parseDocument } from "yaml";
import type { Document, Node, ParsedNode, YAMLMap } from "yaml";
import type { Diagnostic, Parsed } from "../../base/diagnostic.ts";
import type { SourceRange } from "../../base/source-range.ts";
import { nullNode } from "../../pipeline/settings/config-node.ts";
import type { ConfigNode, MapEntry } from "../../pipeline/settings/config-node.ts";
import { resolveScalar } from "./scalar.ts";

/** Nodes that one document may hold after aliases are followed; more is an attack ("billion laughs"). */
const maxNodes = 200_000;
const maxDepth = 200;

/**
 * Reads YAML with the place of every node in `file`. Syntax errors, duplicate keys and keys that are no text are diagnostics; the value is then
 * what could be read.
 */
export function parseYaml(text: string, file: string): Parsed<ConfigNode> {
  const lineCounter = new LineCounter();
  // Scalars are resolved here, as Go does, not by the parser's schema.
  const document = parseDocument(text, { schema: "failsafe", lineCounter, logLevel: "silent" });
  const diagnostics: Diagnostic[] = document.errors.map((error) => ({
    severity: "error",
    code: "bad-yaml",
    message: `cannot read YAML: ${firstLine(error.message)}`,
    range: { file, start: error.pos[0], end: Math.max(error.pos[1], error.pos[0] + 1) },
  }));
  const converter = new Converter(file, document, diagnostics);
  return { value: converter.convert(document.contents, 0), diagnostics };
}

function firstLine(message: string): string {
  return (message.split("\n", 1)[0] ?? "").replace(/ at line \d+, column \d+:?$/, "");
}

class Converter {
  private readonly file: string;
  private readonly document: Document.Parsed;
  private readonly diagnostics: Diagnostic[];
  private nodes = 0;
  private isTooLarge = false;

  constructor(file: string, document: Document.Parsed, diagnostics: Diagnostic[]) {
    this.file = file;
    this.document = document;
    this.diagnostics = diagnostics;
  }

  convert(node: unknown, depth: number): ConfigNode {
    this.nodes++;
    if (this.nodes > maxNodes || depth > maxDepth) {
      if (!this.isTooLarge) this.report("cannot read YAML: too many nested or repeated values", node);
      this.isTooLarge = true;
      return nullNode;
    }
    const place = this.place(node);
    if (isAlias(node)) {
      const target: Node | undefined = node.resolve(this.document);
      if (target === undefined) this.report(`cannot read YAML: unknown anchor "${node.source}"`, node);
      return this.convert(target, depth + 1);
    }
    if (isMap(node)) return this.convertMap(node, depth, place);
    if (isSeq(node)) {
      return { kind: "list", items: node.items.map((item) => this.convert(item, depth + 1)), ...place };
    }
    if (!isScalar(node)) return { ...nullNode, ...place };
    const text = textOf(node.value);
    const value = node.type === "PLAIN" && node.tag !== "tag:yaml.org,2002:str" ? resolveScalar(text) : text;
    if (value === null) return { ...nullNode, ...place };
    return { kind: "scalar", value, text, fromText: false, ...place };
  }

  private convertMap(map: YAMLMap, depth: number, place: { range?: SourceRange }): ConfigNode {
    const entries = new Map<string, MapEntry>();
    const merged: ConfigNode[] = [];
    for (const pair of map.items) {
      if (!isPair(pair)) continue;
      if (!isScalar(pair.key)) {
        this.report("cannot read YAML: a key must be text", pair.key);
        continue;
      }
      const key = textOf(pair.key.value);
      const value = this.convert(pair.value, depth + 1);
      if (key === "<<" && pair.key.type === "PLAIN") {
        merged.push(...(value.kind === "list" ? value.items : [value]));
        continue;
      }
      const { range } = this.place(pair.key);
      // Nothing behind the key: the key is the place to show.
      const placed = value.kind === "null" && range !== undefined ? { ...value, range } : value;
      entries.set(key, range === undefined ? { value: placed } : { value: placed, keyRange: range });
    }
    for (const source of merged) {
      if (source.kind !== "map") continue;
      for (const [key, entry] of source.entries) if (!entries.has(key)) entries.set(key, entry);
    }
    return { kind: "map", entries, ...place };
  }

  private place(node: unknown): { range?: SourceRange } {
    const range = (node as Partial<ParsedNode> | null | undefined)?.range;
    if (range === undefined || range === null) return {};
    return { range: { file: this.file, start: range[0], end: Math.max(range[1], range[0]) } };
  }

  private report(message: string, node: unknown): void {
    this.diagnostics.push({ severity: "error", code: "bad-yaml", message, ...this.place(node) });
  }
}

/** Under the failsafe schema every scalar is its text, or null when empty. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
