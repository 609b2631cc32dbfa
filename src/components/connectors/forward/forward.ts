import type { Connector, Consumer } from "../../../pipeline/component.ts";

/** Passes batches of some pipelines on to others, unchanged; the answer is theirs. */
export function forwardConnector(next: Consumer): Connector {
  return {
    mutatesBatch: false,
    start: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
    consume: (batch) => next.consume(batch),
  };
}
