/** Merges the call trees of many traces: spans that are reached by the same steps (service, name, kind) become one path. */
import type { CallPath } from "../../../span-analysis.ts";
import type { SpanKindName } from "../../../traces.ts";
import { preorder } from "../trace-tree.ts";

/** Spans of several traces as columns in order of start time; starts and durations in nanoseconds. */
export interface SpanColumns {
  readonly traceIds: readonly string[];
  readonly spanIds: readonly string[];
  readonly parentIds: readonly string[];
  readonly services: readonly string[];
  readonly names: readonly string[];
  readonly kinds: readonly string[];
  readonly failed: readonly number[];
  readonly starts: readonly number[];
  readonly durations: readonly number[];
}

const maxPaths = 3000;

interface OpenPath {
  readonly row: number;
  readonly parent: number;
  readonly children: number[];
  readonly traces: Set<string>;
  spans: number;
  errors: number;
  total: number;
  self: number;
  slowest: number;
}

/** Paths in preorder, most spans first among siblings. */
export function mergePaths(spans: SpanColumns): { paths: CallPath[]; omittedSpans: number } {
  const count = spans.spanIds.length;
  const inTrace = (row: number, id: string): string => (id === "" ? "" : `${spans.traceIds[row] ?? ""}${id}`);
  const tree = preorder(
    spans.spanIds.map((id, row) => inTrace(row, id)),
    spans.parentIds.map((id, row) => inTrace(row, id)),
  );
  const self = selfTimes(spans, tree);
  const open: OpenPath[] = [];
  const roots: number[] = [];
  const known = new Map<string, number>();
  const pathOf = new Int32Array(count).fill(-1);
  let omittedSpans = 0;
  for (let position = 0; position < count; position++) {
    const row = tree.order[position] ?? 0;
    const above = tree.parents[position] ?? -1;
    const parent = above === -1 ? -1 : (pathOf[above] ?? -1);
    if (above !== -1 && parent === -1) {
      omittedSpans++;
      continue;
    }
    const key = `${parent}\0${spans.services[row]}\0${spans.names[row]}\0${spans.kinds[row]}`;
    let at = known.get(key);
    if (at === undefined) {
      if (open.length >= maxPaths) {
        omittedSpans++;
        continue;
      }
      at =
        open.push({
          row,
          parent,
          children: [],
          traces: new Set(),
          spans: 0,
          errors: 0,
          total: 0,
          self: 0,
          slowest: row,
        }) - 1;
      known.set(key, at);
      (parent === -1 ? roots : (open[parent]?.children ?? [])).push(at);
    }
    pathOf[position] = at;
    const path = open[at];
    if (path === undefined) continue;
    path.traces.add(spans.traceIds[row] ?? "");
    path.spans++;
    path.errors += spans.failed[row] ?? 0;
    path.total += spans.durations[row] ?? 0;
    path.self += self[position] ?? 0;
    if ((spans.durations[row] ?? 0) > (spans.durations[path.slowest] ?? 0)) path.slowest = row;
  }
  return { paths: inPreorder(spans, open, roots), omittedSpans };
}

function inPreorder(spans: SpanColumns, open: readonly OpenPath[], roots: readonly number[]): CallPath[] {
  const paths: CallPath[] = [];
  const bySpans = (a: number, b: number): number => (open[b]?.spans ?? 0) - (open[a]?.spans ?? 0) || a - b;
  // A stack and no recursion: a chain of calls may be thousands deep.
  const waiting = roots
    .toSorted(bySpans)
    .toReversed()
    .map((at) => ({ at, parent: -1 }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const path = open[next.at];
    if (path === undefined) continue;
    const index =
      paths.push({
        parent: next.parent,
        service: spans.services[path.row] ?? "",
        name: spans.names[path.row] ?? "",
        kind: (spans.kinds[path.row] ?? "Unspecified") as SpanKindName,
        traceCount: path.traces.size,
        spanCount: path.spans,
        errorCount: path.errors,
        totalNano: path.total,
        selfNano: path.self,
        slowestTraceId: spans.traceIds[path.slowest] ?? "",
        slowestSpanId: spans.spanIds[path.slowest] ?? "",
      }) - 1;
    for (const child of path.children.toSorted(bySpans).toReversed())
      waiting.push({ at: child, parent: index });
  }
  return paths;
}

/** Of each position: its duration without what its children cover; children come in order of start. */
function selfTimes(spans: SpanColumns, tree: ReturnType<typeof preorder>): Float64Array {
  const count = tree.order.length;
  const reached = new Float64Array(count);
  const covered = new Float64Array(count);
  const own = new Float64Array(count);
  for (let position = 0; position < count; position++) {
    const row = tree.order[position] ?? 0;
    const start = spans.starts[row] ?? 0;
    reached[position] = start;
    own[position] = spans.durations[row] ?? 0;
    const parent = tree.parents[position] ?? -1;
    if (parent === -1) continue;
    const parentRow = tree.order[parent] ?? 0;
    const end = (spans.starts[parentRow] ?? 0) + (spans.durations[parentRow] ?? 0);
    const from = Math.max(reached[parent] ?? 0, start);
    const to = Math.min(end, start + (spans.durations[row] ?? 0));
    if (to <= from) continue;
    covered[parent] = (covered[parent] ?? 0) + to - from;
    reached[parent] = to;
  }
  return own.map((duration, position) => Math.max(0, duration - (covered[position] ?? 0)));
}
