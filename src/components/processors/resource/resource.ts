/** Acts on the attributes of each resource and passes the batch on; the items below stay the bytes that arrived. */
import type { Consumer, Processor } from "../../../pipeline/component.ts";
import { compileActions } from "../../../pipeline/attributes/actions.ts";
import { mutatingProcessor } from "../../../pipeline/processor.ts";
import type { Batch } from "../../../telemetry/batch.ts";
import type { Resource } from "../../../telemetry/tree/common.ts";
import type { ResourceConfig } from "./config.ts";

export function createResource(config: ResourceConfig, next: Consumer): Processor {
  const change = compileActions(config.attributes);
  return mutatingProcessor(next, (batch) => {
    for (const { resource } of entries(batch)) change(resource.attributes, batch.context);
  });
}

function entries(batch: Batch): Iterable<{ readonly resource: Resource }> {
  switch (batch.signal) {
    case "traces":
      return batch.traces().resourceSpans;
    case "metrics":
      return batch.metrics().resourceMetrics;
    case "logs":
      return batch.logs().resourceLogs;
  }
}
