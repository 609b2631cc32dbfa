/** The rows of a merged call tree: which are on screen, which start folded. */
import type { CallPath } from "../../../../src/api/explore/wire.ts";

export interface PathTree {
  readonly paths: readonly CallPath[];
  /** 0 for roots. */
  readonly depth: Uint16Array;
  /** Paths in the subtree, the path itself included; the paths are in preorder. */
  readonly size: Uint32Array;
  readonly place: Uint32Array;
  readonly siblings: Uint32Array;
  /** Sum of the self times of all paths, at least 1. */
  readonly selfNano: number;
}

export function buildPathTree(paths: readonly CallPath[]): PathTree {
  const count = paths.length;
  const depth = new Uint16Array(count);
  const size = new Uint32Array(count).fill(1);
  const place = new Uint32Array(count);
  const siblings = new Uint32Array(count);
  const children = new Uint32Array(count);
  let roots = 0;
  let selfNano = 0;
  paths.forEach(({ parent, selfNano: own }, i) => {
    depth[i] = parent < 0 ? 0 : Math.min(65_535, depth[parent]! + 1);
    place[i] = parent < 0 ? ++roots : ++children[parent]!;
    selfNano += own;
  });
  for (let i = count - 1; i >= 0; i--) {
    const parent = paths[i]!.parent;
    if (parent >= 0) size[parent]! += size[i]!;
    siblings[i] = parent < 0 ? roots : children[parent]!;
  }
  return { paths, depth, size, place, siblings, selfNano: Math.max(1, selfNano) };
}

/** Indexes of the paths with no folded caller, in order. */
export function shownPaths(tree: PathTree, folded: ReadonlySet<number>): readonly number[] {
  const shown: number[] = [];
  for (let i = 0; i < tree.paths.length; i += folded.has(i) ? tree.size[i]! : 1) shown.push(i);
  return shown;
}
