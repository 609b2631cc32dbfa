import type { Diagnostic } from "../../../base/diagnostic.ts";
import { nodeAt, type ConfigNode } from "../../../pipeline/settings/config-node.ts";
import { bool, enumOf, int, list, section, text } from "../../../pipeline/settings/options.ts";
import type { Section } from "../../../pipeline/settings/schema.ts";

export interface DebugConfig {
  readonly verbosity: "basic" | "normal" | "detailed";
  readonly sampling_initial: number;
  readonly sampling_thereafter: number;
  readonly use_internal_logger: boolean;
  readonly output_paths: readonly string[];
}

export const debugConfig: Section<DebugConfig> = section<DebugConfig>({
  verbosity: enumOf(["basic", "normal", "detailed"], {
    default: "basic",
    ignoreCase: true,
    problem: (value) => `verbosity level "${value}" is not supported`,
    doc: "a line a batch, a line an item, or everything",
  }),
  sampling_initial: int({ default: 2, min: 0, doc: "messages shown of each second before sampling starts" }),
  sampling_thereafter: int({
    default: 1,
    min: 0,
    doc: "after those, every how many-th message is shown; 1 shows all",
  }),
  use_internal_logger: bool({
    default: true,
    doc: "write through the program's own log, with its level and format",
  }),
  output_paths: list(text({ required: true, doc: "stdout, stderr or a file" }), {
    doc: "where to write when use_internal_logger is false; stdout when empty",
  }),
});

export function checkDebug(config: DebugConfig, node: ConfigNode): Diagnostic[] {
  if (!config.use_internal_logger || config.output_paths.length === 0) return [];
  const range = nodeAt(node, "output_paths")?.range;
  return [
    {
      severity: "error",
      code: "debug-output",
      message: "output_paths can only be used when use_internal_logger is false",
      hint: "set use_internal_logger: false",
      ...(range === undefined ? {} : { range }),
    },
  ];
}
