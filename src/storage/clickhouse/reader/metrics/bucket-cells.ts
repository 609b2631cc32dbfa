/** What histograms observed, by group and step: increases of their buckets, added up in SQL as far as bounds or scale agree. */
import type { ClickHouseClient } from "../../client/client.ts";
import type { ColumnTable } from "../../client/column-table.ts";
import { read } from "../query/read.ts";
import { select, sql, type Expression, type Select } from "../sql/ast.ts";
import type { ExplicitBuckets, ObservedRange } from "./explicit-quantile.ts";
import type { ExponentialPart } from "./exponential-quantile.ts";
import { intervalsOf } from "./intervals.ts";
import { inStoredOrder } from "./points.ts";
import type { SeriesChoice } from "./series-choice.ts";
import { shareOf, stepsTouched, touchesGrid } from "./spread.ts";

/** One group and step; parts differ in bounds or scale, and those of exponential ones may take away from each other. */
export interface BucketCell<Part> {
  readonly group: string;
  readonly step: number;
  readonly parts: readonly Part[];
  /** Lowest and highest value, where every point told them. */
  readonly range: ObservedRange | undefined;
}

export async function readExplicitCells(
  client: ClickHouseClient,
  choice: SeriesChoice,
  conditions: readonly Expression[],
): Promise<readonly BucketCell<ExplicitBuckets>[]> {
  const table = await readParts(client, explicitParts(choice, conditions), choice);
  const bounds = table.numberLists("Bounds");
  const counts = table.numberLists("Total");
  return cellsOf(table, (row) => ({ bounds: bounds[row] ?? [], counts: counts[row] ?? [] }));
}

export async function readExponentialCells(
  client: ClickHouseClient,
  choice: SeriesChoice,
  conditions: readonly Expression[],
): Promise<readonly BucketCell<ExponentialPart>[]> {
  const table = await readParts(client, exponentialParts(choice, conditions), choice);
  const scales = table.numbers("PartScale");
  const zeros = table.numbers("ZeroTotal");
  const widths = table.numbers("ZeroWidth");
  const positive = countsReader(table, "Pos");
  const negative = countsReader(table, "Neg");
  return cellsOf(table, (row) => ({
    scale: scales[row] ?? 0,
    zeroCount: zeros[row] ?? 0,
    zeroThreshold: widths[row] ?? 0,
    positive: positive(row),
    negative: negative(row),
  }));
}

function readParts(client: ClickHouseClient, parts: Select, { context }: SeriesChoice): Promise<ColumnTable> {
  return read(client, parts, context, "read the buckets of a histogram", inStoredOrder);
}

function cellsOf<Part>(table: ColumnTable, partAt: (row: number) => Part): readonly BucketCell<Part>[] {
  const groups = table.strings("LineGroup");
  const steps = table.numbers("K");
  const lowest = table.nullableNumbers("Lowest");
  const highest = table.nullableNumbers("Highest");
  const rows = new Map<string, Map<number, number[]>>();
  for (let row = 0; row < table.rows; row++) {
    const group = groups[row] ?? "";
    let line = rows.get(group);
    if (line === undefined) rows.set(group, (line = new Map<number, number[]>()));
    const cell = line.get(steps[row] ?? 0);
    if (cell === undefined) line.set(steps[row] ?? 0, [row]);
    else cell.push(row);
  }
  return [...rows].flatMap(([group, line]) =>
    [...line].map(([step, cell]) => ({
      group,
      step,
      parts: cell.map(partAt),
      range: rangeOf(cell, lowest, highest),
    })),
  );
}

function rangeOf(
  rows: readonly number[],
  lowest: readonly (number | null)[],
  highest: readonly (number | null)[],
): ObservedRange | undefined {
  let min = Infinity;
  let max = -Infinity;
  for (const row of rows) {
    min = Math.min(min, lowest[row] ?? -Infinity);
    max = Math.max(max, highest[row] ?? Infinity);
  }
  return Number.isFinite(min) && Number.isFinite(max) && min <= max ? { min, max } : undefined;
}

function countsReader(table: ColumnTable, side: "Pos" | "Neg"): (row: number) => ReadonlyMap<number, number> {
  const keys = table.numberLists(`${side}Keys`);
  const totals = table.numberLists(`${side}Totals`);
  return (row) => new Map(keys[row]?.map((key, index) => [key, totals[row]?.[index] ?? 0]));
}

const limits = {
  Low: sql`if(bitAnd(Present, 2) = 2, Min, -inf)`,
  High: sql`if(bitAnd(Present, 4) = 4, Max, inf)`,
};
/** A minimum or maximum counts only when every point has one. */
const limitsOfAll = { Lowest: sql`min(Low)`, Highest: sql`max(High)` };

function explicitParts(choice: SeriesChoice, conditions: readonly Expression[]): Select {
  const { grid } = choice;
  const intervals = intervalsOf(choice, {
    kept: {
      Buckets: sql`BucketCounts`,
      Bounds: sql`ExplicitBounds`,
      Shape: sql`cityHash64(ExplicitBounds)`,
      ...limits,
    },
    lagged: ["Buckets", "Shape"],
    shape: "Shape",
  });
  const laid = select({
    SeriesGroup: sql`SeriesGroup`,
    Bounds: sql`Bounds`,
    Low: sql`Low`,
    High: sql`High`,
    K: sql`arrayJoin(${stepsTouched(sql`A`, sql`B`, grid)})`,
    Share: shareOf(sql`K`, sql`A`, sql`B`, grid),
    Counts: sql`arrayMap((now, then) -> if(Mode = 2, toInt64(now - then), toInt64(now)) * Share, Buckets, arrayResize(PBuckets, length(Buckets)))`,
  })
    .from(intervals)
    .where(touchesGrid(sql`A`, sql`B`, grid), ...conditions);
  return select({
    LineGroup: sql`SeriesGroup`,
    K: sql`K`,
    Bounds: sql`Bounds`,
    Total: sql`sumForEach(Counts)`,
    ...limitsOfAll,
  })
    .from(laid)
    .groupBy(sql`SeriesGroup`, sql`K`, sql`Bounds`);
}

/** Scales differ from point to point, so the point before is taken away as a part of its own, at its own scale. */
function exponentialParts(choice: SeriesChoice, conditions: readonly Expression[]): Select {
  const { grid } = choice;
  const kept = {
    Zeros: sql`ZeroCount`,
    Threshold: sql`ZeroThreshold`,
    Sc: sql`Scale`,
    Pos: sql`PositiveBucketCounts`,
    PosAt: sql`PositiveOffset`,
    Neg: sql`NegativeBucketCounts`,
    NegAt: sql`NegativeOffset`,
  };
  const intervals = intervalsOf(choice, { kept: { ...kept, ...limits }, lagged: Object.keys(kept) });
  const laid = select({
    SeriesGroup: sql`SeriesGroup`,
    Low: sql`Low`,
    High: sql`High`,
    Sign: sql`arrayJoin(if(Mode = 2, [1, -1], [1]))`,
    K: sql`arrayJoin(${stepsTouched(sql`A`, sql`B`, grid)})`,
    Part: sql`Sign * ${shareOf(sql`K`, sql`A`, sql`B`, grid)}`,
    PartScale: sql`if(Sign = 1, Sc, PSc)`,
    ZeroPart: sql`if(Sign = 1, Zeros, PZeros) * Part`,
    Threshold: sql`Threshold`,
    PosCounts: sql`arrayMap(one -> one * Part, if(Sign = 1, Pos, PPos))`,
    PosFrom: sql`if(Sign = 1, PosAt, PPosAt)`,
    NegCounts: sql`arrayMap(one -> one * Part, if(Sign = 1, Neg, PNeg))`,
    NegFrom: sql`if(Sign = 1, NegAt, PNegAt)`,
  })
    .from(intervals)
    .where(touchesGrid(sql`A`, sql`B`, grid), ...conditions);
  const positive = sql`sumMap(arrayMap(at -> toInt32(PosFrom + at - 1), arrayEnumerate(PosCounts)), PosCounts)`;
  const negative = sql`sumMap(arrayMap(at -> toInt32(NegFrom + at - 1), arrayEnumerate(NegCounts)), NegCounts)`;
  return select({
    LineGroup: sql`SeriesGroup`,
    K: sql`K`,
    PartScale: sql`PartScale`,
    ZeroTotal: sql`sum(ZeroPart)`,
    ZeroWidth: sql`max(Threshold)`,
    PosKeys: sql`${positive}.1`,
    PosTotals: sql`${positive}.2`,
    NegKeys: sql`${negative}.1`,
    NegTotals: sql`${negative}.2`,
    ...limitsOfAll,
  })
    .from(laid)
    .groupBy(sql`SeriesGroup`, sql`K`, sql`PartScale`);
}
