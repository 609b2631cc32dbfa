import {
  actionsOption,
  checkActions,
  type ActionConfig,
} from "../../../pipeline/attributes/action-config.ts";
import type { Diagnostic } from "../../../base/diagnostic.ts";
import { nodeAt, type ConfigNode } from "../../../pipeline/settings/config-node.ts";
import { section } from "../../../pipeline/settings/options.ts";
import type { Section } from "../../../pipeline/settings/schema.ts";

export interface ResourceConfig {
  readonly attributes: readonly ActionConfig[];
}

export const resourceConfig: Section<ResourceConfig> = section<ResourceConfig>({
  attributes: actionsOption("what to do with the attributes of each resource, in order"),
});

export function checkResource(config: ResourceConfig, node: ConfigNode): Diagnostic[] {
  const diagnostics = checkActions(config.attributes, nodeAt(node, "attributes"));
  if (config.attributes.length > 0) return diagnostics;
  const place = node.range === undefined ? {} : { range: node.range };
  const message = `missing required field "attributes"`;
  return [
    ...diagnostics,
    { severity: "error", code: "missing-option", message, ...place, hint: "list at least one action" },
  ];
}
