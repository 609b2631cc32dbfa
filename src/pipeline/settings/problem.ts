import type { Diagnostic } from "../../base/diagnostic.ts";
import { nodeAt } from "./config-node.ts";
import type { ConfigNode } from "./config-node.ts";

export interface ConfigProblem {
  readonly code: string;
  /** The section as written, and its name: "exporters::otlp_grpc". Both are what `check` was given. */
  readonly node: ConfigNode;
  readonly path: string;
  /** Keys from `node` to the section at fault. */
  readonly at?: readonly string[];
  /** The option at fault inside it, for the place. */
  readonly key?: string;
  /** The Collector's text where it has one. */
  readonly text: string;
  readonly hint?: string;
  readonly severity?: Diagnostic["severity"];
}

/**
 * A problem that a component's `check` finds: "exporters::otlp_grpc::sending_queue: `queue_size` must be positive", shown at the option, or at
 * the nearest thing around it that is written.
 */
export function configProblem(problem: ConfigProblem): Diagnostic {
  const keys = [...(problem.at ?? []), ...(problem.key === undefined ? [] : [problem.key])];
  let range = problem.node.range;
  for (let depth = 1; depth <= keys.length; depth++) {
    range = nodeAt(problem.node, ...keys.slice(0, depth))?.range ?? range;
  }
  return {
    severity: problem.severity ?? "error",
    code: problem.code,
    message: `${[problem.path, ...(problem.at ?? [])].join("::")}: ${problem.text}`,
    ...(range === undefined ? {} : { range }),
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
  };
}
