import type { Diagnostic } from "../../base/diagnostic.ts";
import { printComponentId } from "../component-id.ts";
import type { ConfiguredPipeline } from "../model.ts";
import { pipelineName } from "./names.ts";
import type { ResolvedModel } from "./resolve.ts";

/**
 * Warns where a sender is answered before its data is safe although the exporter could promise that: a batch processor in front of a durable
 * exporter. The Collector says nothing here; its senders then believe that data is safe which a crash loses.
 */
export function checkAnswers(
  pipelines: readonly ConfiguredPipeline[],
  resolved: ResolvedModel,
  report: (diagnostic: Diagnostic) => void,
): void {
  for (const pipeline of pipelines) {
    const durable = pipeline.exporters.find(({ id }) => {
      const factory = resolved.exporter.get(printComponentId(id))?.factory;
      return factory?.kind === "exporter" && factory.answersWhenSafe === true;
    });
    if (durable === undefined) continue;
    for (const { id, range } of pipeline.processors) {
      const factory = resolved.processor.get(printComponentId(id))?.factory;
      if (factory?.kind !== "processor" || factory.answersEarly !== true) continue;
      const early = printComponentId(id);
      report({
        severity: "warning",
        code: "answer-before-safe",
        message: `service::pipelines::${pipelineName(pipeline)}: processor "${early}" answers senders before exporter "${printComponentId(durable.id)}" has the data safe: what it holds is lost when the program is killed`,
        hint: `take "${early}" out of this pipeline`,
        ...(range === undefined ? {} : { range }),
      });
    }
  }
}
