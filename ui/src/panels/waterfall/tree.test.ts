import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TraceSkeleton } from "../../../../src/api/explore/wire.ts";
import { errorSpans, findSpans, stepThrough } from "./find.ts";
import { buildTree, collapseFrom, reveal, rowOf, serviceCounts, visibleRows } from "./tree.ts";

/** A skeleton from the depth of each span in preorder; a depth more than one below its predecessor's is taken as one below. */
function skeletonOf(depths: readonly number[], failing: ReadonlySet<number> = new Set()): TraceSkeleton {
  const path: number[] = [];
  const parents = depths.map((wanted, i) => {
    path.length = Math.min(wanted, path.length);
    const parent = path.at(-1) ?? -1;
    path.push(i);
    return parent;
  });
  const column = (value: (i: number) => number): number[] => depths.map((_, i) => value(i));
  return {
    traceId: "0".repeat(32),
    startUnixNano: "0",
    durationNano: 100,
    spanIds: depths.map((_, i) => i.toString(16).padStart(16, "0")),
    parents,
    starts: column((i) => i),
    durations: column(() => 10),
    name: column((i) => i % 3),
    service: column((i) => i % 2),
    kind: column((i) => i % 6),
    status: column((i) => (failing.has(i) ? 2 : 0)),
    flags: column(() => 0),
    names: ["GET /cart", "SELECT items", "render"],
    services: ["storefront", "inventory"],
    omitted: 0,
  };
}

const depths = fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 60 });

/** The plain version: walks up from every span. */
function naiveVisible(parents: readonly number[], collapsed: Uint8Array): number[] {
  return parents.flatMap((_, i) => {
    for (let at = parents[i]!; at >= 0; at = parents[at]!) if (collapsed[at] === 1) return [];
    return [i];
  });
}

describe("buildTree", () => {
  it("agrees with a walk over the parents", () => {
    fc.assert(
      fc.property(depths, (given) => {
        const skeleton = skeletonOf(given);
        const tree = buildTree(skeleton);
        skeleton.parents.forEach((parent, i) => {
          const ancestors: number[] = [];
          for (let at = parent; at >= 0; at = skeleton.parents[at]!) ancestors.push(at);
          const below = skeleton.parents.filter((_, j) => {
            for (let at = j; at >= 0; at = skeleton.parents[at]!) if (at === i) return true;
            return false;
          });
          const brothers = skeleton.parents.flatMap((other, j) => (other === parent ? [j] : []));
          expect(tree.depth[i]).toBe(ancestors.length);
          expect(tree.size[i]).toBe(below.length);
          expect(tree.siblings[i]).toBe(brothers.length);
          expect(tree.place[i]).toBe(brothers.indexOf(i) + 1);
        });
      }),
    );
  });

  it("counts errors in subtrees and extends over late ends", () => {
    const tree = buildTree(skeletonOf([0, 1, 2, 1], new Set([2])));
    expect([...tree.errors]).toEqual([1, 1, 1, 0]);
    const late = skeletonOf([0, 1]);
    expect(buildTree({ ...late, durations: [10, 500] }).extent).toBe(501);
  });
});

describe("visibleRows", () => {
  it("agrees with a walk up from every span", () => {
    fc.assert(
      fc.property(depths, fc.infiniteStream(fc.boolean()), (given, choices) => {
        const tree = buildTree(skeletonOf(given));
        const collapsed = Uint8Array.from(given, () => (choices.next().value === true ? 1 : 0));
        const rows = visibleRows(tree, collapsed);
        expect([...rows]).toEqual(naiveVisible(tree.skeleton.parents, collapsed));
        rows.forEach((index, row) => expect(rowOf(rows, index)).toBe(row));
      }),
    );
  });

  it("finds the collapsed ancestor of a hidden span, and reveals it", () => {
    const tree = buildTree(skeletonOf([0, 1, 2, 3, 1]));
    const collapsed = collapseFrom(tree, 1);
    expect([...visibleRows(tree, collapsed)]).toEqual([0, 1, 4]);
    expect(rowOf(visibleRows(tree, collapsed), 3)).toBe(1);
    const revealed = reveal(tree, collapsed, 3);
    expect([...visibleRows(tree, revealed)]).toEqual([0, 1, 2, 3, 4]);
    expect(reveal(tree, revealed, 3)).toBe(revealed);
    expect(collapsed[1]).toBe(1);
  });

  it("shows all when nothing is collapsed", () => {
    const tree = buildTree(skeletonOf([0, 1, 1]));
    expect([...visibleRows(tree, collapseFrom(tree, Infinity))]).toEqual([0, 1, 2]);
  });
});

describe("findSpans", () => {
  const tree = buildTree(skeletonOf([0, 1, 1, 1, 1, 1], new Set([4])));
  it.each([
    ["cart", [0, 3]],
    ["select storefront", [4]],
    ["INVENTORY", [1, 3, 5]],
    ["error", [4]],
    ["server", [2]],
    ["000005", [5]],
    ["nothing", []],
    ["", []],
  ])('"%s"', (text, wanted) => {
    expect([...findSpans(tree, text).indexes]).toEqual(wanted);
  });
  it("steps round through matches", () => {
    const indexes = Uint32Array.of(1, 4);
    expect([-1, 1, 4].map((at) => stepThrough(indexes, at, 1))).toEqual([1, 4, 1]);
    expect([-1, 1, 4].map((at) => stepThrough(indexes, at, -1))).toEqual([4, 4, 1]);
    expect(stepThrough(new Uint32Array(), 0, 1)).toBeUndefined();
  });
  it("lists errors and services", () => {
    expect([...errorSpans(tree)]).toEqual([4]);
    expect(serviceCounts(tree)).toEqual([
      { name: "storefront", spanCount: 3 },
      { name: "inventory", spanCount: 3 },
    ]);
  });
});
