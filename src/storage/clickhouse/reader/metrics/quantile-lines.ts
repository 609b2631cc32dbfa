/** Lines of percentiles: buckets are added up in SQL by group and step, the value within them is worked out here. */
import type { ClickHouseClient } from "../../client/client.ts";
import { sql, type Expression } from "../sql/ast.ts";
import { readExplicitCells, readExponentialCells } from "./bucket-cells.ts";
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
  const cells = lineCells(await readObserved(client, choice, some), quantile);
  return linesFrom(cells, cells.length + omitted, choice.grid.count, limit);
}

const together = { p50: 0.5, p95: 0.95, p99: 0.99 };

/** Several percentiles of all series together, a line each, the highest first; from one reading of the buckets. */
export async function readPercentileLines(client: ClickHouseClient, choice: SeriesChoice): Promise<Lines> {
  const observed = await readObserved(client, choice, []);
  const cells = Object.entries(together).flatMap(([name, quantile]) =>
    lineCells(observed, quantile).map((line) => ({ ...line, group: name })),
  );
  const { lines } = linesFrom(cells, cells.length, choice.grid.count, cells.length);
  return { lines: lines.toSorted((a, b) => (a.group < b.group ? 1 : -1)), omittedLines: 0 };
}

/** What was observed of one group in one step. */
interface Observed {
  readonly group: string;
  readonly step: number;
  readonly valueAt: (quantile: number) => number | undefined;
}

async function readObserved(
  client: ClickHouseClient,
  choice: SeriesChoice,
  conditions: readonly Expression[],
): Promise<readonly Observed[]> {
  if (choice.type === "histogram") {
    const cells = await readExplicitCells(client, choice, conditions);
    return cells.map(({ group, step, parts, range }) => {
      const buckets = mergeBuckets(parts);
      return { group, step, valueAt: (quantile) => explicitQuantile(buckets, quantile, range) };
    });
  }
  const cells = await readExponentialCells(client, choice, conditions);
  return cells.map(({ group, step, parts, range }) => {
    const buckets = mergeExponential(parts);
    return { group, step, valueAt: (quantile) => exponentialQuantile(buckets, quantile, range) };
  });
}

function lineCells(cells: readonly Observed[], quantile: number): readonly LineCells[] {
  const lines = new Map<string, { group: string; steps: number[]; values: (number | null)[] }>();
  for (const { group, step, valueAt } of cells) {
    let line = lines.get(group);
    if (line === undefined) lines.set(group, (line = { group, steps: [], values: [] }));
    line.steps.push(step);
    line.values.push(valueAt(quantile) ?? null);
  }
  return [...lines.values()];
}
