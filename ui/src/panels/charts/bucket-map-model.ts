/** Marks of the buckets of a heat map. Pure. */
import type { GridTick } from "./heat-grid.tsx";
import type { HeatRows } from "./heat-map-model.ts";

type Edges = readonly (number | null)[];

/** The rows that hold something, with one spare above and six at least where there are so many. */
export function filledRows(map: { readonly edges: Edges; readonly row: readonly number[] }): HeatRows {
  const highest = Math.max(0, map.edges.length - 2);
  let first = highest;
  let last = 0;
  for (const row of map.row) {
    first = Math.min(first, row);
    last = Math.max(last, row);
  }
  last = Math.min(highest, Math.max(last + 1, first + 5));
  return { first: Math.max(0, Math.min(first, last - 5)), last };
}

/** At most `most` marks on the edges of the rows, the lowest first. */
export function bucketTicks(
  edges: Edges,
  rows: HeatRows,
  format: (value: number) => string,
  most: number,
): readonly GridTick[] {
  const shown = rows.last + 2 - rows.first;
  const every = Math.max(1, Math.ceil(shown / Math.max(1, Math.floor(most))));
  return edges.flatMap((edge, row) =>
    edge === null || row < rows.first || row > rows.last + 1 || (row - rows.first) % every !== 0
      ? []
      : [{ label: format(edge), row }],
  );
}

/** "25 ms to 50 ms", "above 10 s", "up to 0"; "any value" without bounds. */
export function edgeText(edges: Edges, row: number, format: (value: number) => string): string {
  const low = edges[row] ?? null;
  const high = edges[row + 1] ?? null;
  if (low === null) return high === null ? "any value" : `up to ${format(high)}`;
  return high === null ? `above ${format(low)}` : `${format(low)} to ${format(high)}`;
}
