/**
 * Runs of alike siblings ("48 x SELECT items"): consecutive children of one parent with the same service, name and kind. Preorder makes a run one
 * stretch of indexes: [first, first + span[first]). Linear in the spans; typed arrays only.
 */
import type { SpanTree } from "./tree.ts";

export interface Runs {
  /** At the first span of a run, the siblings in it; else 0. */
  readonly count: Uint32Array;
  /** At the first span of a run, all spans in it, subtrees included; else 0. */
  readonly span: Uint32Array;
  /** First span of the run that a span is a sibling in; -1 for none. */
  readonly first: Int32Array;
  /** Runs in the trace. */
  readonly total: number;
}

/** Shorter runs are left alone. */
const leastRun = 5;

export function findRuns(tree: SpanTree): Runs {
  const count = new Uint32Array(tree.count);
  const span = new Uint32Array(tree.count);
  const first = new Int32Array(tree.count).fill(-1);
  const { service, name, kind } = tree.skeleton;
  let total = 0;
  const among = (from: number, to: number): void => {
    let start = from;
    let length = 0;
    const close = (end: number): void => {
      if (length >= leastRun) {
        count[start] = length;
        span[start] = end - start;
        for (let i = start; i < end; i += tree.size[i]!) first[i] = start;
        total++;
      }
    };
    for (let i = from; i < to; i += tree.size[i]!) {
      const alike =
        length > 0 && name[i] === name[start] && service[i] === service[start] && kind[i] === kind[start];
      if (alike) length++;
      else {
        close(i);
        start = i;
        length = 1;
      }
    }
    close(to);
  };
  among(0, tree.count);
  for (let i = 0; i < tree.count; i++) if (tree.size[i]! > leastRun) among(i + 1, i + tree.size[i]!);
  return { count, span, first, total };
}

/** The line that each span has in the minimap: those of a folded run are all on one. undefined when each has its own. */
export function minimapLines(
  tree: SpanTree,
  folded: Runs | undefined,
): { readonly lines: number; readonly lineOf: Uint32Array | undefined } {
  if (folded === undefined || folded.total === 0) return { lines: tree.count, lineOf: undefined };
  const lineOf = new Uint32Array(tree.count);
  let lines = 0;
  for (let i = 0; i < tree.count; lines++) {
    const end = i + Math.max(1, folded.span[i]!);
    lineOf.fill(lines, i, end);
    i = end;
  }
  return { lines, lineOf };
}

/** First start and last end of the siblings of a run, and the sum of their durations. */
export function runExtent(
  tree: SpanTree,
  runs: Runs,
  index: number,
): { readonly from: number; readonly to: number; readonly sum: number; readonly errors: number } {
  const end = index + runs.span[index]!;
  let from = Infinity;
  let to = 0;
  let sum = 0;
  let errors = 0;
  for (let i = index; i < end; i += tree.size[i]!) {
    from = Math.min(from, tree.starts[i]!);
    to = Math.max(to, tree.starts[i]! + tree.durations[i]!);
    sum += tree.durations[i]!;
    errors += tree.errors[i]!;
  }
  return { from, to, sum, errors };
}
