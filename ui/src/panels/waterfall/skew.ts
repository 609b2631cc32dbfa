/**
 * Spans whose clock cannot agree with their parent's: a call cannot begin before it was made, nor be taken up after its caller had its end. A server's
 * span may well end after the caller's, which has its answer before the server has put everything away.
 */
import type { SpanTree } from "./tree.ts";

const client = 3;
const server = 2;
/** Programs of one machine read its clock differently, some in milliseconds: less than that is no skew. */
const slackNano = 1_000_000;

/** Nanoseconds by which each span is off: below 0 it begins before its parent, above 0 it begins after the call that waits for it has ended; 0 else. */
export function clockSkew(tree: SpanTree): Float64Array {
  const skew = new Float64Array(tree.count);
  for (let i = 0; i < tree.count; i++) {
    const parent = tree.parents[i]!;
    if (parent >= 0) skew[i] = offBy(tree, i, tree.starts[i]! - tree.starts[parent]!);
  }
  return skew;
}

/** The same of one span that has a parent, were it to begin `after` nanoseconds after it. */
export function offBy(tree: SpanTree, index: number, after: number): number {
  if (after < -slackNano) return after;
  const parent = tree.parents[index]!;
  const { kind } = tree.skeleton;
  if (kind[parent] !== client || kind[index] !== server) return 0;
  const late = after - tree.durations[parent]!;
  return late > slackNano ? late : 0;
}

/** The span that is most off, and how many are; undefined when none is. */
export function worstSkew(
  skew: Float64Array,
): { readonly index: number; readonly spans: number } | undefined {
  let index = -1;
  let spans = 0;
  for (let i = 0; i < skew.length; i++) {
    if (skew[i] === 0) continue;
    spans++;
    if (index < 0 || Math.abs(skew[i]!) > Math.abs(skew[index]!)) index = i;
  }
  return index < 0 ? undefined : { index, spans };
}
