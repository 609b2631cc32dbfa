/**
 * A trace with the clocks of its services set right as far as its calls tell. A span that cannot have happened as its clock has it is put in the
 * middle of its parent (a call and its answer are taken to have travelled equally long), as Jaeger's adjuster does; what is below it in the
 * same service moves with it. Pure.
 */
import type { TraceSkeleton } from "../../../../src/api/explore/wire.ts";
import { offBy } from "./skew.ts";
import type { SpanTree } from "./tree.ts";

export interface AdjustedTrace {
  readonly skeleton: TraceSkeleton;
  /** Nanoseconds by which each span of `skeleton` was moved; 0: it stays. */
  readonly moved: Float64Array;
}

export function adjustClocks(tree: SpanTree): AdjustedTrace {
  const moves = movesOf(tree);
  let first = Infinity;
  for (let i = 0; i < tree.count; i++) first = Math.min(first, tree.starts[i]! + moves[i]!);
  const starts = tree.starts.map((start, i) => start + moves[i]! - first);
  const order = inOrder(tree, starts);
  const place = new Int32Array(tree.count);
  order.forEach((from, to) => (place[from] = to));
  const { skeleton } = tree;
  const pick = <T>(column: ArrayLike<T>): T[] => Array.from(order, (from) => column[from]!);
  let end = 1;
  for (let i = 0; i < tree.count; i++) end = Math.max(end, starts[i]! + tree.durations[i]!);
  return {
    skeleton: {
      ...skeleton,
      startUnixNano: String(BigInt(skeleton.startUnixNano) + BigInt(Math.round(first))),
      durationNano: end,
      spanIds: pick(skeleton.spanIds),
      parents: pick(tree.parents).map((parent) => (parent < 0 ? -1 : place[parent]!)),
      starts: pick(starts),
      durations: pick(skeleton.durations),
      name: pick(skeleton.name),
      service: pick(skeleton.service),
      kind: pick(skeleton.kind),
      status: pick(skeleton.status),
      flags: pick(skeleton.flags),
    },
    moved: Float64Array.from(pick(moves)),
  };
}

function movesOf(tree: SpanTree): Float64Array {
  const { service } = tree.skeleton;
  const moves = new Float64Array(tree.count);
  for (let i = 0; i < tree.count; i++) {
    const parent = tree.parents[i]!;
    if (parent < 0) continue;
    const after = tree.starts[i]! - tree.starts[parent]! - moves[parent]!;
    const withParent = moves[parent]!;
    // A service has one clock, so it moves as its caller did; another stays as it is told, where it can.
    const [likely, other] = service[i] === service[parent] ? [withParent, 0] : [0, withParent];
    if (offBy(tree, i, after + likely) === 0) moves[i] = likely;
    else if (offBy(tree, i, after + other) === 0) moves[i] = other;
    else moves[i] = Math.max(0, (tree.durations[parent]! - tree.durations[i]!) / 2) - after;
  }
  return moves;
}

/** The spans in preorder, siblings by their start. */
function inOrder(tree: SpanTree, starts: Float64Array): Int32Array {
  const below = new Map<number, number[]>();
  for (let i = 0; i < tree.count; i++) {
    const siblings = below.get(tree.parents[i]!);
    if (siblings === undefined) below.set(tree.parents[i]!, [i]);
    else siblings.push(i);
  }
  const order = new Int32Array(tree.count);
  const waiting: number[] = [];
  const wait = (parent: number): void => {
    const found = below.get(parent);
    // The stack is taken from its end.
    if (found === undefined) return;
    for (const one of found.toSorted((a, b) => starts[b]! - starts[a]! || b - a)) waiting.push(one);
  };
  wait(-1);
  for (let at = 0; waiting.length > 0; at++) {
    const next = waiting.pop()!;
    order[at] = next;
    wait(next);
  }
  return order;
}
