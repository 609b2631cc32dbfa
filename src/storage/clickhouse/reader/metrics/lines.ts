/** Cells (group, step, value) to lines: the largest by average are kept, groups of equal size by name. */
import type { MetricLine } from "../../../metrics.ts";
import type { ColumnTable } from "../../client/column-table.ts";
import { select, sql, type Expression, type Select } from "../sql/ast.ts";

export interface Lines {
  readonly lines: readonly MetricLine[];
  readonly omittedLines: number;
}

/** Values by step; null or absent where there is none. */
export interface LineCells {
  readonly group: string;
  readonly steps: readonly number[];
  readonly values: readonly (number | null)[];
}

/** One row a group with LineGroup, Steps, Cells and how many Groups there are, from a query of SeriesGroup, K and `cell`. */
export function linesQuery(cells: Select, cell: Expression, limit: number): Select {
  const totals = select({ LineGroup: sql`SeriesGroup`, K: sql`K`, Cell: cell })
    .from(cells)
    .groupBy(sql`SeriesGroup`, sql`K`);
  return (
    select({
      LineGroup: sql`LineGroup`,
      Steps: sql`groupArray(K)`,
      Cells: sql`groupArray(toNullable(Cell))`,
      Weight: sql`avgIf(Cell, isFinite(Cell))`,
      Groups: sql`toFloat64(count() OVER ())`,
    })
      .from(totals)
      // groupArray would leave NULLs out.
      .where(sql`isNotNull(Cell)`)
      .groupBy(sql`LineGroup`)
      .orderBy(sql`isFinite(Weight) DESC`, sql`Weight DESC`, sql`LineGroup`)
      .limit(limit)
  );
}

export function cellsOf(table: ColumnTable): {
  readonly cells: readonly LineCells[];
  readonly groups: number;
} {
  const steps = table.numberLists("Steps");
  const values = table.numberLists("Cells") as readonly (readonly (number | null)[])[];
  const cells = table.strings("LineGroup").map((group, row) => ({
    group,
    steps: steps[row] ?? [],
    values: values[row] ?? [],
  }));
  return { cells, groups: table.number("Groups") };
}

/** `scale` turns a cell into the value drawn; null leaves it out. Lines without any value are left out. */
export function linesFrom(
  cells: readonly LineCells[],
  groups: number,
  count: number,
  limit: number,
  scale: (value: number, step: number) => number | null = (value) => value,
): Lines {
  const drawn = cells
    .map((line) => ({ group: line.group, values: valuesOf(line, count, scale) }))
    .filter((line) => line.values.some((value) => value !== null))
    .map((line) => ({ line, weight: averageOf(line.values) }))
    .toSorted((a, b) => b.weight - a.weight || (a.line.group < b.line.group ? -1 : 1));
  const lines = drawn.slice(0, limit).map(({ line }) => line);
  const empty = cells.length - drawn.length;
  return { lines, omittedLines: Math.max(0, groups - empty - lines.length) };
}

function valuesOf(
  { steps, values }: LineCells,
  count: number,
  scale: (value: number, step: number) => number | null,
): (number | null)[] {
  const line = Array.from({ length: count }, (): number | null => null);
  steps.forEach((step, index) => {
    const value = values[index];
    if (value === null || value === undefined || step < 0 || step >= count) return;
    const drawn = scale(value, step);
    if (drawn !== null && Number.isFinite(drawn)) line[step] = drawn;
  });
  return line;
}

function averageOf(values: readonly (number | null)[]): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (value === null) continue;
    sum += value;
    count++;
  }
  return sum / count;
}
