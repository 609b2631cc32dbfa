import { printValue } from "../../src/pipeline/settings/print.ts";
import type { Option, Section } from "../../src/pipeline/settings/schema.ts";

interface Row {
  readonly name: string;
  readonly type: string;
  readonly default: string;
  readonly doc: string;
}

/** A component's options as a Markdown table, nested ones by their dotted path; a sentence when there are none. */
export function optionTable(section: Section<unknown>): string {
  const rows = rowsOf(section, "");
  if (rows.length === 0) return "This component has no options.";
  return [
    "| option | type | default | |",
    "|---|---|---|---|",
    ...rows.map((row) => `| \`${row.name}\` | ${row.type} | ${row.default} | ${row.doc} |`),
  ].join("\n");
}

function rowsOf(section: Section<unknown>, prefix: string): Row[] {
  return Object.entries(section.fields).flatMap(([key, option]) => {
    const name = `${prefix}${key}`;
    return [row(name, option), ...nested(option, name)];
  });
}

function nested(option: Option<unknown>, name: string): Row[] {
  if (option.ignored !== undefined) return [];
  if (option.kind === "section") return rowsOf(option, `${name}.`);
  if (option.kind === "list") return nested(option.item, `${name}[]`);
  if (option.kind === "map") return nested(option.item, `${name}.<key>`);
  return [];
}

function row(name: string, option: Option<unknown>): Row {
  return { name, type: typeName(option), default: printDefault(option), doc: describe(option) };
}

const typeNames: Readonly<Record<string, string>> = {
  "time.Duration": "duration",
  float64: "number",
  "component.ID": "component id",
  "configopaque.String": "string, secret",
};

function typeName(option: Option<unknown>): string {
  switch (option.kind) {
    case "scalar": {
      if (option.choices !== undefined) {
        return option.choices.map((choice) => (choice === "" ? "empty" : `\`${choice}\``)).join(", ");
      }
      const name = typeNames[option.goType] ?? option.goType;
      return option.unit === undefined ? name : `${name}, ${option.unit}`;
    }
    case "list":
      return option.item.kind === "section" ? "list of sections" : `list of ${typeName(option.item)}`;
    case "map":
      return `map of ${typeName(option.item)}`;
    case "raw":
      return "any";
    case "section":
      return "section";
  }
}

function printDefault(option: Option<unknown>): string {
  if (option.kind === "section") return option.whenAbsent === "off" ? "off" : "";
  if (option.required === true) return "required";
  if (option.default === undefined || option.secret === true) return "";
  const value = printValue(option, option.default);
  if (typeof value === "string" && value === "") return "";
  if (typeof value === "object" && value !== null && Object.keys(value).length === 0) return "";
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

function describe(option: Option<unknown>): string {
  const parts = [option.doc];
  if (option.example !== undefined) parts.push(`example: \`${option.example}\``);
  if (option.deprecatedName !== undefined) parts.push(`older name: \`${option.deprecatedName}\``);
  if (option.ignored !== undefined) parts.push(`**accepted without effect**: ${option.ignored}`);
  return parts.join("; ").replaceAll("|", "\\|");
}
