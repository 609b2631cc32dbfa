import { describe, expect, test } from "vitest";
import { cellsOf, linesFrom } from "./lines.ts";
import { ColumnTable } from "../../client/column-table.ts";
import { coveredSeconds, stepGridOf } from "./step-grid.ts";

describe("step grid", () => {
  test("begins with the window; the last step may reach past it", () => {
    const grid = stepGridOf({ startMs: 1000.5, endMs: 3000 }, 750);
    expect(grid.timesMs).toEqual([1000.5, 1750.5, 2500.5]);
    expect(grid.startNano).toBe(1_000_500_000n);
  });

  test.each([
    [15_000, 300],
    [600_000, 1200],
    [86_400_000, 3600],
  ])("steps of %d ms reach %d s around", (stepMs, seconds) => {
    expect(stepGridOf({ startMs: 0, endMs: stepMs }, stepMs).reachNano).toBe(
      BigInt(seconds) * 1_000_000_000n,
    );
  });

  test("a step is covered up to the newest point", () => {
    const grid = stepGridOf({ startMs: 0, endMs: 30_000 }, 10_000);
    expect([0, 1, 2].map((step) => coveredSeconds(grid, step, 14_000_000_000n))).toEqual([10, 4, 0]);
  });
});

describe("lines", () => {
  const cells = [
    { group: "small", steps: [0, 1], values: [1, 1] },
    { group: "large", steps: [2], values: [9] },
    { group: "void", steps: [0], values: [null] },
    { group: "also", steps: [0, 7, -1], values: [1, 50, 50] },
  ];

  test("the largest by average first, then by name; without value none", () => {
    expect(linesFrom(cells, 4, 3, 10)).toEqual({
      lines: [
        { group: "large", values: [null, null, 9] },
        { group: "also", values: [1, null, null] },
        { group: "small", values: [1, 1, null] },
      ],
      omittedLines: 0,
    });
  });

  test("says how many are left out, those too that were never read", () => {
    expect(linesFrom(cells, 20, 3, 1).omittedLines).toBe(18);
  });

  test("a value that is scaled away or not finite is none", () => {
    expect(
      linesFrom([{ group: "", steps: [0, 1, 2], values: [1, 2, 3] }], 1, 3, 1, (value, step) =>
        step === 0 ? null : step === 1 ? value / 0 : value,
      ).lines,
    ).toEqual([{ group: "", values: [null, null, 3] }]);
  });

  test("an answer without rows", () => {
    const table = ColumnTable.parse(
      JSON.stringify({
        meta: ["LineGroup", "Steps", "Cells", "Groups"].map((name) => ({ name })),
        data: {},
        rows: 0,
      }),
    );
    expect(cellsOf(table)).toEqual({ cells: [], groups: 0 });
  });
});
