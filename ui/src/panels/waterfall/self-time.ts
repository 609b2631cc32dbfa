/** Self time: the part of a span that no direct child covers, nanoseconds. Children may overlap and outlast their parent. */
import type { SpanTree } from "./tree.ts";

/** Of every span, in one pass: in preorder the children of a span come in order of start. */
export function selfTimes(tree: SpanTree): Float64Array {
  const own = Float64Array.from(tree.durations);
  const reached = Float64Array.from(tree.starts);
  for (let i = 0; i < tree.count; i++) {
    const parent = tree.parents[i]!;
    if (parent < 0) continue;
    const from = Math.max(reached[parent]!, tree.starts[i]!);
    const to = Math.min(tree.starts[parent]! + tree.durations[parent]!, tree.starts[i]! + tree.durations[i]!);
    if (to <= from) continue;
    own[parent]! -= to - from;
    reached[parent] = to;
  }
  return own.map((time) => Math.max(0, time));
}
