/** Places of the cells of a duration heat map. Rows are half octaves: row r begins at 2^(r/2) nanoseconds. */
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

/** Shortest duration of a row, nanoseconds. */
export function rowStart(row: number): number {
  return 2 ** (row / 2);
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

/** Marks of the duration axis: powers of ten with their share of the height from the bottom. */
export function heatTicks(rows: HeatRows): readonly { readonly nano: number; readonly place: number }[] {
  const ticks = powerTicks(rowStart(rows.first), rowStart(rows.last + 1));
  return ticks.map((nano) => ({ nano, place: placeOf(rows, nano) }));
}

/** 0 at the bottom to 1 at the top. */
export function placeOf(rows: HeatRows, nano: number): number {
  return (2 * Math.log2(Math.max(1, nano)) - rows.first) / (rows.last + 1 - rows.first);
}

/** The reverse of placeOf. */
export function nanoAt(rows: HeatRows, place: number): number {
  return 2 ** ((rows.first + place * (rows.last + 1 - rows.first)) / 2);
}

/** One path for each shade, the faintest first, by the logarithm of the count; and one of the failed shares, at the foot of their cells. */
export function heatPaths(
  map: DurationHeatmap,
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
    const shade = most === 1 ? shades - 1 : Math.round((Math.log(count) / Math.log(most)) * (shades - 1));
    const x = short(step * wide);
    const bottom = box.height - ((map.row[i] ?? 0) - rows.first) * high;
    const across = short(Math.max(0.7, wide - gapX));
    cells[shade] += `M${x} ${short(bottom)}v${short(-(high - gapY))}h${across}v${short(high - gapY)}z`;
    const failed = map.errorCount[i] ?? 0;
    if (failed === 0) return;
    const tall = Math.max(1.5, (failed / count) * (high - gapY));
    errors += `M${x} ${short(bottom)}v${short(-tall)}h${across}v${short(tall)}z`;
  });
  return { cells, errors };
}

/** Index of the cell at a place of the plot; -1 when none is there. */
export function cellAt(map: DurationHeatmap, rows: HeatRows, box: Box, x: number, y: number): number {
  const step = Math.floor((x / box.width) * map.steps);
  const row = rows.first + Math.floor((1 - y / box.height) * (rows.last + 1 - rows.first));
  return map.step.findIndex((at, i) => at === step && map.row[i] === row);
}
