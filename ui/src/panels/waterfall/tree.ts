/**
 * The trace as typed arrays, index = place in preorder, so that a subtree is one stretch: [i, i + size[i]).
 * No object per span; 100k spans are built in a few milliseconds. Measured by `npm run bench -- ui`.
 */
import type { TraceSkeleton } from "../../../../src/api/explore/wire.ts";

export interface SpanTree {
  readonly skeleton: TraceSkeleton;
  readonly count: number;
  readonly parents: Int32Array;
  /** 0 for roots. */
  readonly depth: Uint16Array;
  /** Spans in the subtree, the span itself included. */
  readonly size: Uint32Array;
  /** Place among the siblings, from 1, and how many they are. */
  readonly place: Uint32Array;
  readonly siblings: Uint32Array;
  readonly starts: Float64Array;
  readonly durations: Float64Array;
  /** Errors in the subtree, the span itself included. */
  readonly errors: Uint32Array;
  /** Nanoseconds from the first start to the last end, at least 1. */
  readonly extent: number;
}

export const spanFlags = { missingParent: 1, events: 2, links: 4, logs: 8 } as const;
export const errorStatus = 2;

/** `skeleton` columns have equal length and parents[i] < i, as the API promises. */
export function buildTree(skeleton: TraceSkeleton): SpanTree {
  const count = skeleton.spanIds.length;
  const parents = Int32Array.from(skeleton.parents);
  const starts = Float64Array.from(skeleton.starts);
  const durations = Float64Array.from(skeleton.durations);
  const depth = new Uint16Array(count);
  const size = new Uint32Array(count).fill(1);
  const errors = new Uint32Array(count);
  const place = new Uint32Array(count);
  const siblings = new Uint32Array(count);
  const children = new Uint32Array(count);
  let roots = 0;
  let extent = Math.max(1, skeleton.durationNano);
  for (let i = 0; i < count; i++) {
    const parent = parents[i]!;
    if (parent >= 0) {
      depth[i] = Math.min(65_535, depth[parent]! + 1);
      place[i] = ++children[parent]!;
    } else {
      place[i] = ++roots;
    }
    errors[i] = skeleton.status[i] === errorStatus ? 1 : 0;
    extent = Math.max(extent, starts[i]! + durations[i]!);
  }
  // Backwards, every subtree is complete before it is added to its parent.
  for (let i = count - 1; i >= 0; i--) {
    const parent = parents[i]!;
    if (parent >= 0) {
      size[parent]! += size[i]!;
      errors[parent]! += errors[i]!;
    }
    siblings[i] = parent >= 0 ? children[parent]! : roots;
  }
  return { skeleton, count, parents, depth, size, place, siblings, starts, durations, errors, extent };
}

/** Bits of a span's state: its subtree is collapsed; the run that it is first of is folded to one row. */
export const rowState = { collapsed: 1, folded: 2 } as const;

/** What `visibleRows` needs of runs (see runs.ts). */
export interface RunStretches {
  readonly span: Uint32Array;
  readonly first: Int32Array;
}

/** Rows on screen, in order: the spans with no collapsed ancestor; of a folded run only the first. */
export function visibleRows(tree: SpanTree, state: Uint8Array, runs?: RunStretches): Uint32Array {
  const rows = new Uint32Array(tree.count);
  const { size, count } = tree;
  let length = 0;
  for (let i = 0; i < count;) {
    rows[length++] = i;
    const bits = state[i]!;
    if (bits === 0) i++;
    else if ((bits & rowState.folded) !== 0 && runs !== undefined) i += runs.span[i]!;
    else i += (bits & rowState.collapsed) !== 0 ? size[i]! : 1;
  }
  return rows.subarray(0, length);
}

/** Row of span `index`, or of its collapsed ancestor; binary search, as rows rise. -1 for no rows. */
export function rowOf(rows: Uint32Array, index: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (rows[middle]! <= index) low = middle;
    else high = middle - 1;
  }
  return rows.length === 0 ? -1 : low;
}

/** A copy in which nothing hides `index`: ancestors expanded, runs that it or they are in unfolded. The same array when nothing did. */
export function reveal(tree: SpanTree, state: Uint8Array, index: number, runs?: RunStretches): Uint8Array {
  let result = state;
  const clear = (at: number, bit: number): void => {
    if ((result[at]! & bit) === 0) return;
    if (result === state) result = state.slice();
    result[at]! &= ~bit;
  };
  for (let at = index; at >= 0; at = tree.parents[at]!) {
    if (at !== index) clear(at, rowState.collapsed);
    const first = runs?.first[at] ?? -1;
    if (first >= 0) clear(first, rowState.folded);
  }
  return result;
}

/** A copy of `state` in which all spans with children at `depth` or deeper are collapsed, and no others; runs stay as they are. */
export function collapseFrom(tree: SpanTree, depth: number, state?: Uint8Array): Uint8Array {
  return collapseWhere(tree, (i) => tree.depth[i]! >= depth, state);
}

/** Collapsed are the spans with children that `holds` is true for. */
export function collapseWhere(
  tree: SpanTree,
  holds: (index: number) => boolean,
  state?: Uint8Array,
): Uint8Array {
  const next = new Uint8Array(tree.count);
  for (let i = 0; i < tree.count; i++) {
    const kept = state === undefined ? 0 : state[i]! & rowState.folded;
    next[i] = kept | (tree.size[i]! > 1 && holds(i) ? rowState.collapsed : 0);
  }
  return next;
}

/** 1 where no span below belongs to another service: what is left after collapsing these are the ways between services. */
export function insideOneService(tree: SpanTree): Uint8Array {
  const inside = new Uint8Array(tree.count).fill(1);
  const { service } = tree.skeleton;
  for (let i = tree.count - 1; i >= 0; i--) {
    const parent = tree.parents[i]!;
    if (parent >= 0 && (inside[i] === 0 || service[i] !== service[parent])) inside[parent] = 0;
  }
  return inside;
}

/** Spans of each service, most first. */
export function serviceCounts(
  tree: SpanTree,
): readonly { readonly name: string; readonly spanCount: number }[] {
  const counts = new Uint32Array(tree.skeleton.services.length);
  for (const service of tree.skeleton.service) counts[service]!++;
  return tree.skeleton.services
    .map((name, i) => ({ name, spanCount: counts[i]! }))
    .toSorted((a, b) => b.spanCount - a.spanCount);
}
