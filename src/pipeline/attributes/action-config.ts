import type { Diagnostic } from "../../base/diagnostic.ts";
import { nodeAt, type ConfigNode } from "../settings/config-node.ts";
import { enumOf, list, raw, section, text } from "../settings/options.ts";
import type { ListOption, Section } from "../settings/schema.ts";
import { compileRegexp } from "./regexp.ts";

export type ActionName = "insert" | "update" | "upsert" | "delete" | "hash" | "extract" | "convert";
export type ConvertedType = "int" | "double" | "string";

/** One entry of `actions`, as written. */
export interface ActionConfig {
  readonly key: string;
  readonly action: ActionName;
  readonly value: ConfigNode | undefined;
  readonly default_value: ConfigNode | undefined;
  readonly from_attribute: string;
  readonly from_context: string;
  readonly pattern: string;
  readonly converted_type: string;
}

const actionSection: Section<ActionConfig> = section<ActionConfig>({
  key: text({ default: "", doc: "attribute to act upon" }),
  action: enumOf(["insert", "update", "upsert", "delete", "hash", "extract", "convert"], {
    required: true,
    ignoreCase: true,
    doc: "what to do with it",
  }),
  value: raw({ doc: "value to set; its type is the one written" }),
  default_value: raw({ doc: "value to set when from_attribute or from_context has none" }),
  from_attribute: text({
    default: "",
    doc: "attribute to take the value from; nothing happens when it is missing",
  }),
  from_context: text({
    default: "",
    doc: "request metadata (`metadata.NAME`) or `client.address` to take the value from",
  }),
  pattern: text({ default: "", doc: "RE2 expression: keys to delete or hash, or named groups to extract" }),
  converted_type: text({ default: "", doc: "type to convert to: int, double or string" }),
});

/** The option `actions` (or `attributes` of the resource processor). */
export function actionsOption(doc: string): ListOption<readonly ActionConfig[]> {
  return list(actionSection, { doc });
}

/**
 * Problems of a list of actions, each at its entry. Wording follows the Collector's (internal/coreinternal/attraction).
 * `listNode` is the list as written.
 */
export function checkActions(
  actions: readonly ActionConfig[],
  listNode: ConfigNode | undefined,
): Diagnostic[] {
  return actions.flatMap((action, number) => {
    const node = listNode?.kind === "list" ? listNode.items[number] : undefined;
    return problemsOf(action, number).map(({ field, message, hint }): Diagnostic => {
      const range =
        (field === undefined || node === undefined ? undefined : nodeAt(node, field)?.range) ?? node?.range;
      return {
        severity: "error",
        code: "bad-action",
        message: `error creating AttrProc${message}`,
        ...(range === undefined ? {} : { range }),
        ...(hint === undefined ? {} : { hint }),
      };
    });
  });
}

interface ActionProblem {
  readonly message: string;
  readonly field?: keyof ActionConfig;
  readonly hint?: string;
}

function problemsOf(config: ActionConfig, number: number): ActionProblem[] {
  const { action, key, pattern } = config;
  const problems: ActionProblem[] = [];
  const sources = [
    config.value !== undefined,
    config.from_attribute !== "",
    config.from_context !== "",
  ].filter(Boolean).length;
  const unused = (fields: string, field: keyof ActionConfig): void => {
    const message = `. Action "${action}" does not use ${fields}. These must not be specified for ${number}-th action`;
    problems.push({ message, field, hint: `remove "${field}"` });
  };
  if (action === "delete" || action === "hash") {
    if (key === "" && pattern === "") {
      problems.push({
        message: ` due to missing required field (at least one of "key" and "pattern" have to be used) at the ${number}-th actions`,
      });
    }
    if (config.value !== undefined) unused(`"value" or "from_attribute" field`, "value");
    if (config.from_attribute !== "") unused(`"value" or "from_attribute" field`, "from_attribute");
  } else if (key === "") {
    problems.push({ message: ` due to missing required field "key" at the ${number}-th actions` });
  }
  if (action === "insert" || action === "update" || action === "upsert") {
    if (sources === 0 && config.default_value === undefined) {
      problems.push({
        message: `. Either field "value", "from_attribute" or "from_context" setting must be specified for ${number}-th action`,
      });
    }
    if (sources > 1)
      problems.push({ message: ` due to multiple value sources being set at the ${number}-th actions` });
    if (pattern !== "") unused(`the "pattern" field`, "pattern");
  }
  if (action === "extract" || action === "convert") {
    if (sources > 0) unused("a value source field", "value");
    if (action === "convert" && pattern !== "") unused(`the "pattern" field`, "pattern");
  }
  if (action === "convert") problems.push(...convertProblems(config, number));
  else if (config.converted_type !== "") unused(`the "converted_type" field`, "converted_type");
  if (pattern !== "" && (action === "delete" || action === "hash" || action === "extract")) {
    problems.push(...patternProblems(config, number));
  }
  if (action === "extract" && pattern === "") {
    problems.push({
      message: ` due to missing required field "pattern" for action "extract" at the ${number}-th action`,
    });
  }
  return problems;
}

function convertProblems({ converted_type: type }: ActionConfig, number: number): ActionProblem[] {
  if (type === "") {
    return [
      {
        message: ` due to missing required field "converted_type" for action "convert" at the ${number}-th action`,
      },
    ];
  }
  if (type === "int" || type === "double" || type === "string") return [];
  const message = ` due to invalid value "${type}" in field "converted_type" for action "convert" at the ${number}-th action`;
  return [{ message, field: "converted_type", hint: "one of: int, double, string" }];
}

function patternProblems({ action, pattern }: ActionConfig, number: number): ActionProblem[] {
  const compiled = compileRegexp(pattern);
  const at = `at the ${number}-th actions`;
  if ("problem" in compiled) {
    const message = `. Field "pattern" has invalid pattern: "${pattern}" to be set ${at}`;
    return [{ message, field: "pattern", hint: compiled.problem }];
  }
  if (action !== "extract") return [];
  if (compiled.names.length <= 1) {
    return [{ message: `. Field "pattern" contains no named matcher groups ${at}`, field: "pattern" }];
  }
  if (!compiled.names.slice(1).includes("")) return [];
  return [
    { message: `. Field "pattern" contains at least one unnamed matcher group ${at}`, field: "pattern" },
  ];
}
