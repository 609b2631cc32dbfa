/** Shapes that most processors have, so that a component's folder holds only what it does. */
import type { Batch } from "../telemetry/batch.ts";
import type { Consumer, Processor } from "./component.ts";

/** A processor without state that changes each batch in place and passes it on. */
export function mutatingProcessor(next: Consumer, change: (batch: Batch) => void): Processor {
  return {
    mutatesBatch: true,
    start: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
    consume: async (batch) => {
      change(batch);
      await next.consume(batch);
    },
  };
}
