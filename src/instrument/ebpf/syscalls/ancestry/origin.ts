import { randomBytes } from "node:crypto";
import type { Traceparent } from "./traceparent.ts";

/** The ids of a span that begins. */
export interface Origin extends Traceparent {
  /** Undefined for a root. */
  readonly parentId: Uint8Array | undefined;
}

/**
 * @param said the caller by the request's own header; a proxy sends the header that it got on: then `within` wins, in the same trace only
 * @param within the span in which the request is made
 */
export function originOf(said: Traceparent | undefined, within: Traceparent | undefined): Origin {
  const sameTrace =
    said !== undefined && within !== undefined && Buffer.from(said.traceId).equals(within.traceId);
  const caller = sameTrace ? within : (said ?? within);
  return {
    traceId: caller?.traceId ?? randomBytes(16),
    spanId: randomBytes(8),
    sampled: caller?.sampled ?? true,
    parentId: caller?.spanId,
  };
}
