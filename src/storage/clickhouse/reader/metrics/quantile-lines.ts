/** Lines of percentiles: buckets are added up in SQL by group and step, the value within them is worked out here. */
import type { ClickHouseClient } from "../../client/client.ts";
import { sql, type Expression } from "../sql/ast.ts";
import { readExplicitCells, readExponentialCells, type BucketCell } from "./bucket-cells.ts";
import { explicitQuantile, mergeBuckets } from "./explicit-quantile.ts";
import { exponentialQuantile, mergeExponential } from "./exponential-quantile.ts";
import { readIncreaseLines } from "./increase-lines.ts";
import { linesFrom, type LineCells, type Lines } from "./lines.ts";
import type { SeriesChoice } from "./series-choice.ts";

/** Beyond so many lines, percentiles are worked out only for those with the most observations. */
const maxGroups = 200;

/** Percentile of histograms by step, from what was observed in it. */
export async function readQuantileLines(
  client: ClickHouseClient,
  choice: SeriesChoice,
  quantile: number,
  newestNano: bigint,
  limit: number,
): Promise<Lines> {
  let omitted = 0;
  let some: readonly Expression[] = [];
  if (choice.groups > maxGroups) {
    const busiest = await readIncreaseLines(client, choice, "rate", newestNano, maxGroups);
    if (busiest.lines.length === 0) return busiest;
    omitted = busiest.omittedLines;
    some = [sql`SeriesGroup IN ${busiest.lines.map(({ group }) => group)}`];
  }
  const cells =
    choice.type === "histogram"
      ? lineCells(await readExplicitCells(client, choice, some), ({ parts, range }) =>
          explicitQuantile(mergeBuckets(parts), quantile, range),
        )
      : lineCells(await readExponentialCells(client, choice, some), ({ parts, range }) =>
          exponentialQuantile(mergeExponential(parts), quantile, range),
        );
  return linesFrom(cells, cells.length + omitted, choice.grid.count, limit);
}

function lineCells<Part>(
  cells: readonly BucketCell<Part>[],
  valueOf: (cell: BucketCell<Part>) => number | undefined,
): readonly LineCells[] {
  const lines = new Map<string, { group: string; steps: number[]; values: (number | null)[] }>();
  for (const cell of cells) {
    let line = lines.get(cell.group);
    if (line === undefined) lines.set(cell.group, (line = { group: cell.group, steps: [], values: [] }));
    line.steps.push(cell.step);
    line.values.push(valueOf(cell) ?? null);
  }
  return [...lines.values()];
}
