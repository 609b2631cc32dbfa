import {
  actionsOption,
  checkActions,
  type ActionConfig,
} from "../../../pipeline/attributes/action-config.ts";
import { checkMatch, matchOption, type MatchConfig } from "../../../pipeline/attributes/match-config.ts";
import type { Diagnostic } from "../../../base/diagnostic.ts";
import { nodeAt, type ConfigNode } from "../../../pipeline/settings/config-node.ts";
import { section } from "../../../pipeline/settings/options.ts";
import type { Section } from "../../../pipeline/settings/schema.ts";

export interface AttributesConfig {
  readonly include: MatchConfig | undefined;
  readonly exclude: MatchConfig | undefined;
  readonly actions: readonly ActionConfig[];
}

export const attributesConfig: Section<AttributesConfig> = section<AttributesConfig>({
  include: matchOption("act only on items that match"),
  exclude: matchOption("leave items alone that match; looked at after `include`"),
  actions: actionsOption("what to do, in order"),
});

export function checkAttributes(config: AttributesConfig, node: ConfigNode): Diagnostic[] {
  const diagnostics = [
    ...checkActions(config.actions, nodeAt(node, "actions")),
    ...checkMatch(config.include, "include", nodeAt(node, "include")),
    ...checkMatch(config.exclude, "exclude", nodeAt(node, "exclude")),
  ];
  if (config.actions.length === 0) {
    const place = node.range === undefined ? {} : { range: node.range };
    const message = `missing required field "actions"`;
    diagnostics.push({
      severity: "error",
      code: "missing-option",
      message,
      ...place,
      hint: "list at least one action",
    });
  }
  return diagnostics;
}
