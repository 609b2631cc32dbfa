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
 * @param decided by the kernel: others may know these ids already, so that nothing is drawn here, and `within` wins in the same trace only, too
 */
export function originOf(
  said: Traceparent | undefined,
  within: Traceparent | undefined,
  decided?: Origin,
): Origin {
  if (decided !== undefined) {
    const isWithin = within !== undefined && Buffer.from(decided.traceId).equals(within.traceId);
    return isWithin ? { ...decided, parentId: within.spanId } : decided;
  }
  const sameTrace =
    said !== undefined && within !== undefined && Buffer.from(said.traceId).equals(within.traceId);
  const caller = sameTrace ? within : (said ?? within);
  return {
    traceId: caller?.traceId ?? newId(16),
    spanId: newId(8),
    sampled: caller?.sampled ?? true,
    parentId: caller?.spanId,
  };
}

/** To ask the system for a few bytes takes as long as for many. */
const drawnBytes = 4096;
let drawn = Buffer.alloc(0);

function newId(bytes: number): Uint8Array {
  if (drawn.length < bytes) drawn = randomBytes(drawnBytes);
  const id = drawn.subarray(0, bytes);
  drawn = drawn.subarray(bytes);
  return id;
}
