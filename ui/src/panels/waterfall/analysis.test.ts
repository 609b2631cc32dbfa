import { describe, expect, it } from "vitest";
import { coloursByField, coloursByKind, coloursByService } from "./colours.ts";
import { findCriticalPath } from "./critical-path.ts";
import { findRuns, minimapLines, runExtent } from "./runs.ts";
import { selfTimes } from "./self-time.ts";
import { clockSkew, worstSkew } from "./skew.ts";
import { treeOf } from "./trace-text.ts";
import { collapseWhere, insideOneService, reveal, rowState, visibleRows } from "./tree.ts";

describe("critical path", () => {
  const cases: readonly (readonly [string, string, readonly number[]])[] = [
    ["one span", "a root server 0 100", [100]],
    [
      "calls one after the other",
      `
      a root server 0 100
        a one client 10 30
        a two client 50 40`,
      [30, 30, 40],
    ],
    [
      "of parallel calls the one that ends last",
      `
      a root server 0 100
        a short client 10 20
        a long client 10 80`,
      [20, 0, 80],
    ],
    [
      "a call that outlasts its caller, up to its end",
      `
      a root server 0 100
        a late client 60 200`,
      [60, 40],
    ],
    [
      "work that begins after the caller's end is not waited for",
      `
      a root producer 0 100
        b consume consumer 150 50`,
      [100, 0],
    ],
    [
      "a child that began before its caller",
      `
      a root server 50 100
        b skewed server 0 80`,
      [70, 30],
    ],
    [
      "the longest of several roots",
      `
      a small server 0 10
      a large server 5 90`,
      [0, 90],
    ],
    ["no time at all", "a root server 0 0", [0]],
  ];
  it.each(cases)("%s", (_, text, own) => {
    const path = findCriticalPath(treeOf(text));
    expect([...path.own]).toEqual(own);
    expect(path.totalNano).toBe(own.reduce((sum, nano) => sum + nano, 0));
  });

  it("gives the stretches of each span", () => {
    const { offsets, from, to } = findCriticalPath(
      treeOf(`
      a root server 0 100
        a one client 10 30`),
    );
    expect([...offsets]).toEqual([0, 2, 3]);
    expect([...from]).toEqual([40, 0, 10]);
    expect([...to]).toEqual([100, 10, 40]);
  });
});

describe("runs of alike siblings", () => {
  const select = (start: number): string =>
    `    shop SELECT client ${start} 1${start === 12 ? " error" : ""}`;
  const tree = treeOf(
    ["shop root server 0 100", ...[10, 11, 12, 13, 14].map(select), "    shop render internal 50 5"]
      .join("\n")
      .replace("shop root", "  shop root"),
  );
  const runs = findRuns(tree);
  it("are found, with what lies within them", () => {
    expect([...runs.count]).toEqual([0, 5, 0, 0, 0, 0, 0]);
    expect([...runs.span]).toEqual([0, 5, 0, 0, 0, 0, 0]);
    expect([...runs.first]).toEqual([-1, 1, 1, 1, 1, 1, -1]);
    expect(runExtent(tree, runs, 1)).toEqual({ from: 10, to: 15, sum: 5, errors: 1 });
  });
  it("share a line of the minimap when folded", () => {
    expect(minimapLines(tree, undefined)).toEqual({ lines: 7, lineOf: undefined });
    const { lines, lineOf } = minimapLines(tree, runs);
    expect([lines, [...(lineOf ?? [])]]).toEqual([3, [0, 1, 1, 1, 1, 1, 2]]);
  });
  it("fold to one row, and open for a span within", () => {
    const state = Uint8Array.from(runs.count, (count) => (count > 0 ? rowState.folded : 0));
    expect([...visibleRows(tree, state, runs)]).toEqual([0, 1, 6]);
    const opened = reveal(tree, state, 3, runs);
    expect([...visibleRows(tree, opened, runs)]).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(reveal(tree, opened, 3, runs)).toBe(opened);
    // Collapsing leaves folds alone.
    expect([
      ...visibleRows(
        tree,
        collapseWhere(tree, () => true, state),
        runs,
      ),
    ]).toEqual([0]);
    expect(collapseWhere(tree, () => true, state)[1]).toBe(rowState.folded);
  });
  it("are found among roots, and not when others come between", () => {
    const roots = treeOf(Array.from({ length: 5 }, (_, i) => `a x server ${i} 1`).join("\n"));
    expect(findRuns(roots).total).toBe(1);
    const mixed = treeOf(
      ["a", "b", "a", "b", "a", "b"].map((service, i) => `${service} x server ${i} 1`).join("\n"),
    );
    expect(findRuns(mixed).total).toBe(0);
  });
});

it("marks clocks that cannot agree", () => {
  const tree = treeOf(`
  a call client 3000000 500000
    b early server 0 100000
  a call client 0 500000
    b late server 2500000 900000
  a call client 0 500000
    b tidying server 100000 90000000
  a work internal 0 500000
    a later internal 90000000 900000`);
  expect([...clockSkew(tree)]).toEqual([0, -3_000_000, 0, 2_000_000, 0, 0, 0, 0]);
  expect(worstSkew(clockSkew(tree))).toEqual({ index: 1, spans: 2 });
  expect(worstSkew(new Float64Array(3))).toBeUndefined();
});

it("takes the union of children off a span's own time", () => {
  const tree = treeOf(`
  a root server 0 100
    a one client 10 30
    a two client 20 40
    a out client 90 50`);
  expect([...selfTimes(tree)]).toEqual([40, 30, 40, 50]);
});

it("knows which spans stay in their service", () => {
  const tree = treeOf(`
  a root server 0 100
    a call client 0 50
      b answer server 10 20
    a render internal 60 10
      a part internal 60 5`);
  expect([...insideOneService(tree)]).toEqual([0, 0, 1, 1, 1]);
});

it("gives a colour to each service, kind or value", () => {
  const tree = treeOf(`
  a root server 0 100
    b call client 0 50`);
  expect(Array.from(coloursByService(tree).codes)).toEqual([0, 1]);
  expect(coloursByKind(tree).words[tree.skeleton.kind[1]!]).toBe("client");
  const column = { values: ["x"], spanIds: [tree.skeleton.spanIds[1]!], value: [0] };
  const colours = coloursByField(tree, column);
  expect(Array.from(colours.codes, (code) => colours.words[code])).toEqual(["none", "x"]);
});
