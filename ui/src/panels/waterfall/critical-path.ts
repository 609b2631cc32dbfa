/**
 * The critical path: the chain of stretches of time, each in one span, that made the trace as long as it is. Walked from the end of the
 * longest root backwards: a span waits for the child that ends last before the moment, then for what ended last before that child began.
 * Of children that begin before their parent or outlast it, what lies within it counts. Typed arrays; a span's children are sorted only when the path enters it.
 */
import type { SpanTree } from "./tree.ts";

export interface CriticalPath {
  /** Stretches of span i: [offsets[i], offsets[i + 1]) in `from` and `to`, nanoseconds from the trace's start, latest first. */
  readonly offsets: Uint32Array;
  readonly from: Float64Array;
  readonly to: Float64Array;
  /** Nanoseconds of each span that are on the path. */
  readonly own: Float64Array;
  readonly totalNano: number;
}

/** No stretch at all, in the shape of the tree. */
export function noPath(tree: SpanTree): CriticalPath {
  const none = new Float64Array();
  return {
    offsets: new Uint32Array(tree.count + 1),
    from: none,
    to: none,
    own: new Float64Array(tree.count),
    totalNano: 0,
  };
}

export function findCriticalPath(tree: SpanTree): CriticalPath {
  const spans: number[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const own = new Float64Array(tree.count);
  const add = (span: number, from: number, to: number): void => {
    if (to <= from) return;
    spans.push(span);
    starts.push(from);
    ends.push(to);
    own[span]! += to - from;
  };
  const root = longestRoot(tree);
  if (root >= 0) {
    const waiting = [{ span: root, since: -Infinity, until: Infinity }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { span, since, until } = next;
      const start = Math.max(since, tree.starts[span]!);
      const end = Math.min(until, tree.starts[span]! + tree.durations[span]!);
      let at = end;
      for (const child of childrenByEnd(tree, span, end)) {
        const childEnd = Math.min(end, tree.starts[child]! + tree.durations[child]!);
        const childStart = Math.max(start, tree.starts[child]!);
        if (childEnd > at || childEnd <= childStart) continue;
        add(span, childEnd, at);
        waiting.push({ span: child, since: start, until: childEnd });
        at = childStart;
        if (at <= start) break;
      }
      add(span, start, at);
    }
  }
  return { ...bySpan(tree.count, spans, starts, ends), own, totalNano: root < 0 ? 0 : tree.durations[root]! };
}

function longestRoot(tree: SpanTree): number {
  let root = -1;
  for (let i = 0; i < tree.count; i += tree.size[i]!) {
    if (root < 0 || tree.durations[i]! > tree.durations[root]!) root = i;
  }
  return root;
}

/** Children that begin before `end`, the last to end first. */
function childrenByEnd(tree: SpanTree, span: number, end: number): readonly number[] {
  const children: number[] = [];
  for (let i = span + 1; i < span + tree.size[span]!; i += tree.size[i]!) {
    if (tree.starts[i]! < end) children.push(i);
  }
  const endOf = (i: number): number => Math.min(end, tree.starts[i]! + tree.durations[i]!);
  return children.sort((a, b) => endOf(b) - endOf(a) || tree.starts[a]! - tree.starts[b]!);
}

function bySpan(
  count: number,
  spans: readonly number[],
  starts: readonly number[],
  ends: readonly number[],
): Pick<CriticalPath, "offsets" | "from" | "to"> {
  const offsets = new Uint32Array(count + 1);
  for (const span of spans) offsets[span + 1]!++;
  for (let i = 0; i < count; i++) offsets[i + 1]! += offsets[i]!;
  const next = offsets.slice();
  const from = new Float64Array(spans.length);
  const to = new Float64Array(spans.length);
  spans.forEach((span, i) => {
    const at = next[span]!++;
    from[at] = starts[i]!;
    to[at] = ends[i]!;
  });
  return { offsets, from, to };
}
