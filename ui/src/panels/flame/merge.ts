/** Calls of one or two traces merged by their way from the root: the same service and name below the same way are one frame. */
import { errorStatus, type SpanTree } from "../waterfall/tree.ts";
import { selfTimes } from "../waterfall/self-time.ts";

/** Columns of the frames, a caller always before what it calls. */
export interface Frames {
  readonly count: number;
  readonly parents: Int32Array;
  readonly depth: Uint16Array;
  /** A span of the frame, for its service and name. */
  readonly example: Uint32Array;
  readonly spans: Uint32Array;
  readonly errors: Uint32Array;
  /** Self time of the frame's spans, and of all frames below it too: what its width stands for. */
  readonly self: Float64Array;
  readonly weight: Float64Array;
  readonly deepest: number;
}

export function mergeFrames(tree: SpanTree): Frames {
  const own = selfTimes(tree);
  const { service, name, status, names } = tree.skeleton;
  const frameOf = new Int32Array(tree.count);
  const parents: number[] = [];
  const example: number[] = [];
  // Children of a frame by service and name; one map a frame, made when it has any.
  const children: (Map<number, number> | undefined)[] = [];
  const roots = new Map<number, number>();
  for (let i = 0; i < tree.count; i++) {
    const above = tree.parents[i]!;
    const parent = above < 0 ? -1 : frameOf[above]!;
    const among = parent < 0 ? roots : (children[parent] ??= new Map<number, number>());
    const key = service[i]! * names.length + name[i]!;
    let frame = among.get(key);
    if (frame === undefined) {
      frame = parents.push(parent) - 1;
      example.push(i);
      among.set(key, frame);
    }
    frameOf[i] = frame;
  }
  const count = parents.length;
  const depth = new Uint16Array(count);
  const spans = new Uint32Array(count);
  const errors = new Uint32Array(count);
  const self = new Float64Array(count);
  let deepest = 0;
  for (let frame = 0; frame < count; frame++) {
    depth[frame] = parents[frame]! < 0 ? 0 : Math.min(65_535, depth[parents[frame]!]! + 1);
    deepest = Math.max(deepest, depth[frame]!);
  }
  for (let i = 0; i < tree.count; i++) {
    const frame = frameOf[i]!;
    spans[frame]!++;
    self[frame]! += own[i]!;
    if (status[i] === errorStatus) errors[frame]!++;
  }
  const weight = self.slice();
  for (let frame = count - 1; frame >= 0; frame--) {
    if (parents[frame]! >= 0) weight[parents[frame]!]! += weight[frame]!;
  }
  return {
    count,
    parents: Int32Array.from(parents),
    depth,
    example: Uint32Array.from(example),
    spans,
    errors,
    self,
    weight,
    deepest,
  };
}

/** Left end and width of each frame as shares of the whole, the widest sibling first. */
export function placeFrames(frames: Frames): { readonly left: Float64Array; readonly width: Float64Array } {
  const { count, parents, weight } = frames;
  const left = new Float64Array(count);
  const width = new Float64Array(count);
  const order = Array.from({ length: count }, (_, frame) => frame).sort(
    (a, b) => weight[b]! - weight[a]! || a - b,
  );
  let total = 0;
  for (let frame = 0; frame < count; frame++) if (parents[frame]! < 0) total += weight[frame]!;
  const scale = total > 0 ? 1 / total : 0;
  // Widest first gives each its turn among its siblings; places are relative until the callers are known.
  const used = new Float64Array(count);
  let usedRoots = 0;
  for (const frame of order) {
    const parent = parents[frame]!;
    width[frame] = weight[frame]! * scale;
    if (parent < 0) {
      left[frame] = usedRoots;
      usedRoots += width[frame]!;
    } else {
      left[frame] = used[parent]!;
      used[parent]! += width[frame]!;
    }
  }
  for (let frame = 0; frame < count; frame++)
    if (parents[frame]! >= 0) left[frame]! += left[parents[frame]!]!;
  return { left, width };
}
