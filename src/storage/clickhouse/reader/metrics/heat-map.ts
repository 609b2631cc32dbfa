/** What a histogram observed by time and value: its buckets laid over one set of rows. */
import type { MetricHeatmap } from "../../../metrics.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import { readExplicitCells, readExponentialCells, type BucketCell } from "./bucket-cells.ts";
import { explicitRows, exponentialRows, type HeatRows } from "./heat-rows.ts";
import type { SeriesChoice } from "./series-choice.ts";

type Cells = Pick<MetricHeatmap, "edges" | "step" | "row" | "count">;

/** The series of `choice` together: it has no groups. Only for histograms. */
export async function readHeatCells(client: ClickHouseClient, choice: SeriesChoice): Promise<Cells> {
  if (choice.type === "histogram") return laid(await readExplicitCells(client, choice, []), explicitRows);
  return laid(await readExponentialCells(client, choice, []), exponentialRows);
}

function laid<Part>(
  cells: readonly BucketCell<Part>[],
  rowsOf: (steps: readonly (readonly Part[])[]) => HeatRows,
): Cells {
  if (cells.length === 0) return { edges: [], step: [], row: [], count: [] };
  const { edges, counts } = rowsOf(cells.map(({ parts }) => parts));
  const step: number[] = [];
  const row: number[] = [];
  const count: number[] = [];
  const inOrder = cells.map((_, at) => at).toSorted((a, b) => cells[a]!.step - cells[b]!.step);
  for (const at of inOrder) {
    counts[at]!.forEach((value, of) => {
      // Shares of an interval that several steps touch are not whole; what rounding leaves is nothing.
      const rounded = Math.round(value * 1000) / 1000;
      if (rounded <= 0) return;
      step.push(cells[at]!.step);
      row.push(of);
      count.push(rounded);
    });
  }
  return { edges, step, row, count };
}
