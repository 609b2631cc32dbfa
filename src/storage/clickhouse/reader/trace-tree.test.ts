import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { preorder } from "./trace-tree.ts";

const trees: readonly (readonly [
  string,
  readonly string[],
  readonly string[],
  readonly string[],
  readonly number[],
])[] = [
  ["a chain", ["a", "b", "c"], ["", "a", "b"], ["a", "b", "c"], [-1, 0, 1]],
  ["children before their parent", ["c", "b", "a"], ["b", "a", ""], ["a", "b", "c"], [-1, 0, 1]],
  [
    "siblings in order of start",
    ["a", "x", "y", "z"],
    ["", "a", "a", "x"],
    ["a", "x", "z", "y"],
    [-1, 0, 1, 0],
  ],
  ["a missing parent", ["a", "b"], ["", "gone"], ["a", "b"], [-1, -1]],
  ["its own parent", ["a", "b"], ["a", "a"], ["a", "b"], [-1, 0]],
  ["a cycle", ["a", "b", "c"], ["b", "a", "b"], ["a", "b", "c"], [-1, 0, 1]],
  ["a cycle beside a tree", ["r", "a", "b"], ["", "b", "a"], ["r", "a", "b"], [-1, -1, 1]],
  ["one id twice", ["a", "a", "b"], ["", "", "a"], ["a", "b", "a"], [-1, 0, -1]],
  ["nothing", [], [], [], []],
];

describe("preorder", () => {
  it.each(trees)("%s", (_, ids, parents, order, positions) => {
    const tree = preorder(ids, parents);
    expect(Array.from(tree.order, (row) => ids[row])).toEqual(order);
    expect([...tree.parents]).toEqual(positions);
  });

  it("marks spans whose parent is missing", () => {
    expect([...preorder(["a", "b"], ["", "gone"]).orphan]).toEqual([0, 1]);
  });

  it("places every span once, behind its parent and in its parent's block, whatever the links", () => {
    const links = fc.array(fc.integer({ min: -2, max: 30 }), { maxLength: 30 });
    fc.assert(
      fc.property(links, (parentOf) => {
        const ids = parentOf.map((_, index) => `s${index}`);
        const tree = preorder(
          ids,
          parentOf.map((parent) => (parent === -2 ? "" : `s${parent}`)),
        );
        expect([...tree.order].toSorted((a, b) => a - b)).toEqual(ids.map((_, index) => index));
        tree.parents.forEach((parent, position) => {
          expect(parent).toBeLessThan(position);
          if (parent === -1) return;
          expect(ids[tree.order[parent] ?? -1]).toBe(`s${parentOf[tree.order[position] ?? -1]}`);
          // Everything between a parent and its child descends from the parent.
          for (let between = parent + 1; between < position; between++) {
            expect(tree.parents[between]).toBeGreaterThanOrEqual(parent);
          }
        });
      }),
    );
  });

  it("arranges 100,000 spans of a chain without deep recursion", () => {
    const ids = Array.from({ length: 100_000 }, (_, index) => `s${index}`);
    const tree = preorder(ids, ["", ...ids.slice(0, -1)]);
    expect(tree.parents[99_999]).toBe(99_998);
  });
});
