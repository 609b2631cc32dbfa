import { describe, expect, it } from "vitest";
import { adjustClocks } from "./adjust.ts";
import { clockSkew } from "./skew.ts";
import { treeOf } from "./trace-text.ts";
import { buildTree } from "./tree.ts";

describe("adjustClocks", () => {
  const cases: readonly (readonly [string, string, readonly (readonly [string, number, number])[]])[] = [
    [
      "leaves alone what fits",
      `
      a root server 0 100
        a call client 10 80
          b serve server 20 40`,
      [
        ["root", 0, 0],
        ["call", 10, 0],
        ["serve", 20, 0],
      ],
    ],
    [
      "puts a clock that is behind in the middle of its caller, with what is below it",
      `
      a root server 900 100
        a call client 910 80
          b serve server 0 40
            b query client 10 20`,
      [
        ["root", 0, 0],
        ["call", 10, 0],
        ["serve", 30, 930],
        ["query", 40, 930],
      ],
    ],
    [
      "puts a clock that is ahead there too",
      `
      a root server 0 100
        a call client 10 80
          b serve server 5000 40`,
      [
        ["root", 0, 0],
        ["call", 10, 0],
        ["serve", 30, -4970],
      ],
    ],
    [
      "lets a third service be where its own clock has it",
      `
      a root server 900 100
        a call client 910 80
          b serve server 0 40
            b onward client 10 20
              c last server 945 5`,
      [
        ["root", 0, 0],
        ["call", 10, 0],
        ["serve", 30, 930],
        ["onward", 40, 930],
        ["last", 45, 0],
      ],
    ],
    [
      "begins with the caller where the answer took longer than the call",
      `
      a root server 900 100
        a call client 910 50
          b serve server 0 200`,
      [
        ["root", 0, 0],
        ["call", 10, 0],
        ["serve", 10, 910],
      ],
    ],
    [
      "puts siblings in their new order",
      `
      a root server 900 100
        b early server 0 10
        a call client 910 20`,
      [
        ["root", 0, 0],
        ["call", 10, 0],
        ["early", 45, 945],
      ],
    ],
  ];
  // Written in milliseconds: a clock may be read a millisecond wrongly.
  it.each(cases)("%s", (_, text, wanted) => {
    const ms = 1_000_000;
    const tree = treeOf(text.replaceAll(/\b\d+\b/g, (digits) => String(Number(digits) * ms)));
    const { skeleton, moved } = adjustClocks(tree);
    expect(
      skeleton.spanIds.map((_, i) => [
        skeleton.names[skeleton.name[i]!],
        skeleton.starts[i]! / ms,
        moved[i]! / ms,
      ]),
    ).toEqual(wanted);
    const adjusted = buildTree(skeleton);
    expect([...clockSkew(adjusted)].every((off) => off === 0)).toBe(true);
    expect(adjusted.parents.every((parent, i) => parent < i)).toBe(true);
    const end = Math.max(...skeleton.starts.map((start, i) => start + skeleton.durations[i]!));
    expect(skeleton.durationNano).toBe(end);
  });
});
