/** Places of the cells of a heat map. Rows of durations are half octaves: row r begins at 2^(r/2) nanoseconds. */
import type { DurationHeatmap } from "../../../../src/api/explore/wire.ts";
import { powerTicks } from "./scale.ts";

export const shades = 5;

export interface HeatRows {
  /** First and last row shown. */
  readonly first: number;
  readonly last: number;
}

export interface Box {
  readonly width: number;
  readonly height: number;
}

/** The cells of a heat map that hold something; equal lengths. */
export interface HeatCells {
  readonly startMs: number;
  readonly stepMs: number;
  readonly steps: number;
  readonly step: readonly number[];
  readonly row: readonly number[];
  readonly count: readonly number[];
  readonly errorCount?: readonly number[];
}

/** Duration, nanoseconds, at a row's beginning; rows need not be whole. */
export function nanoAtRow(row: number): number {
  return 2 ** (row / 2);
}

/** The reverse of nanoAtRow. */
export function rowOf(nano: number): number {
  return 2 * Math.log2(Math.max(1, nano));
}

/** The rows that hold something, with one spare on each side and six at least. */
export function heatRows(map: DurationHeatmap): HeatRows {
  let first = Infinity;
  let last = 0;
  for (const row of map.row) {
    if (row < first) first = row;
    if (row > last) last = row;
  }
  if (first === Infinity) return { first: 40, last: 60 };
  return { first: Math.max(0, Math.min(first - 1, last - 4)), last: Math.max(last + 1, first + 5) };
}

/** Marks of the duration axis, nanoseconds: powers of ten. */
export function heatTicks(rows: HeatRows): readonly number[] {
  return powerTicks(nanoAtRow(rows.first), nanoAtRow(rows.last + 1));
}

/** One path for each shade, the faintest first, by the logarithm of the count; and one of the failed shares, at the foot of their cells. */
export function heatPaths(
  map: HeatCells,
  rows: HeatRows,
  box: Box,
): { readonly cells: readonly string[]; readonly errors: string } {
  const cells = Array.from({ length: shades }, () => "");
  let errors = "";
  const wide = box.width / map.steps;
  const high = box.height / (rows.last + 1 - rows.first);
  const most = map.count.reduce((max, count) => Math.max(max, count), 1);
  const short = (value: number): string => String(Math.round(value * 10) / 10);
  const gapX = wide > 4 ? 1 : 0;
  const gapY = high > 4 ? 1 : 0;
  map.step.forEach((step, i) => {
    const count = map.count[i] ?? 0;
    // Shares of a count can be below 1.
    const shade =
      most === 1 ? shades - 1 : Math.round((Math.log(Math.max(1, count)) / Math.log(most)) * (shades - 1));
    const x = short(step * wide);
    const bottom = box.height - ((map.row[i] ?? 0) - rows.first) * high;
    const across = short(Math.max(0.7, wide - gapX));
    cells[shade] += `M${x} ${short(bottom)}v${short(-(high - gapY))}h${across}v${short(high - gapY)}z`;
    const failed = map.errorCount?.[i] ?? 0;
    if (failed === 0) return;
    const tall = Math.max(1.5, (failed / count) * (high - gapY));
    errors += `M${x} ${short(bottom)}v${short(-tall)}h${across}v${short(tall)}z`;
  });
  return { cells, errors };
}

/** Index of the cell at a place of the plot; -1 when none is there. */
export function cellAt(map: HeatCells, rows: HeatRows, box: Box, x: number, y: number): number {
  const step = Math.floor((x / box.width) * map.steps);
  const row = rows.first + Math.floor((1 - y / box.height) * (rows.last + 1 - rows.first));
  return cellOf(map, step, row);
}

/** Index of the cell of that step and row; -1 when it holds nothing. */
export function cellOf(map: HeatCells, step: number, row: number): number {
  return map.step.findIndex((at, i) => at === step && map.row[i] === row);
}
