/**
 * From points to stretches of time in which something increased: each row is one point and the stretch (A, B] that it tells of.
 *
 * Cumulative, rising: the increase since the point before; what a counter holds after a reset increased since the reset. A reset is a value that
 * falls, or a start time that is new and not before the point before (a start time that merely wavers, as computed boot times do, is none).
 * A first point counts in full when its start is at most five minutes old, else it is only where the next begins.
 * Cumulative, not rising, and gauges: the difference, which may be negative.
 * Delta: the value, since the start that it names (but never before the point before), else since the point before, else at its own time.
 *
 * No stretch spans a silence: longer than five minutes and than 2.5 times the distances before and after it (exporters may be slower).
 * A series that still reports is drawn on at its last pace up to the newest point of all (at most 1.5 intervals): series report at different
 * moments, and their sum must not fall at the right edge only because some have yet to report.
 */
import { select, sql, type Expression, type Select } from "../sql/ast.ts";
import { besideEachOther, withSeries, type Columns } from "./points.ts";
import type { SeriesChoice } from "./series-choice.ts";
import { nano, silenceNano } from "./step-grid.ts";

export interface IntervalOptions {
  /** Further columns of points, which come out under their names. */
  readonly kept?: Columns;
  /** Names of kept columns that come out a second time, with P before the name, as they were at the point before. */
  readonly lagged?: readonly string[];
  /** Name of a kept column whose change makes a point a first one (the bounds of buckets); must be lagged. */
  readonly shape?: "Shape";
  /** Time of the newest point of all chosen series; absent: nothing is drawn on. */
  readonly newestNano?: bigint;
}

/**
 * Columns F, SeriesGroup, A, B, Mode (1: the point counts in full, 2: its difference to the one before), Drawn (what the increase
 * up to the point is to be multiplied by), Inc (the increase of V, drawn on) and those of the options.
 */
export function intervalsOf(choice: SeriesChoice, options: IntervalOptions): Select {
  const { kept = {}, lagged = [], shape, newestNano } = options;
  const own: Record<string, Expression> = {};
  for (const name of ["F", "T", "S", "V", "I", "E", ...Object.keys(kept)]) own[name] = column(name);
  const before: Record<string, Expression> = {};
  for (const name of ["S", "V", "I", "E", ...lagged])
    before[`P${name}`] = sql`lagInFrame(${column(name)}) OVER w`;
  const points = besideEachOther(
    choice,
    {
      ...own,
      ...before,
      P: sql`lagInFrame(T, 1, toInt64(0)) OVER w`,
      PP: sql`lagInFrame(T, 2, toInt64(0)) OVER w`,
      N: sql`leadInFrame(T, 1, toInt64(0)) OVER w`,
    },
    kept,
  );
  const out: Record<string, Expression> = {};
  for (const name of [...Object.keys(kept), ...lagged.map((name) => `P${name}`)]) out[name] = column(name);
  return select({
    F: sql`F`,
    SeriesGroup: sql`SeriesGroup`,
    Mode: modeOf(choice, shape !== undefined),
    A: startOf(choice),
    B: endOf(choice, newestNano),
    Drawn: newestNano === undefined ? sql`1` : sql`if(B > T AND T > A, (B - A) / (T - A), 1)`,
    Inc: sql`multiIf(Mode = 1, V, E AND PE, toFloat64(I - PI), V - PV) * Drawn`,
    ...out,
  })
    .from(withSeries(points, choice))
    .where(sql`Mode > 0`);
}

const fresh = sql`S > 0 AND S < T`;
const restarted = sql`S > PS AND S >= P AND S < T`;
const fallen = sql`if(E AND PE, I < PI, V < PV)`;
const longest = sql`greatest(${nano(silenceNano)}, intDiv(5 * greatest(if(PP > 0, P - PP, toInt64(0)), if(N > 0, N - T, toInt64(0))), 2))`;
const silent = sql`(T - P > ${longest})`;

function modeOf({ isDelta, isRising }: SeriesChoice, shaped: boolean): Expression {
  const first = shaped ? sql`(P = 0 OR Shape != PShape)` : sql`P = 0`;
  const firstRising = shaped
    ? sql`${fresh} AND S >= P AND T - S <= ${nano(silenceNano)}`
    : sql`${fresh} AND T - S <= ${nano(silenceNano)}`;
  // P = T: the same point again.
  return sql`multiIf(P = T, 0, ${isDelta}, 1, NOT ${isRising}, if(${first} OR ${silent}, 0, 2), ${first}, if(${firstRising}, 1, 0), ${restarted}, 1, ${silent}, 0, ${fallen}, 1, 2)`;
}

function startOf({ isDelta }: SeriesChoice): Expression {
  const ofDelta = sql`multiIf(${fresh}, greatest(S, P), P > 0 AND NOT ${silent}, P, T)`;
  return sql`multiIf(${isDelta}, ${ofDelta}, Mode = 1 AND (P = 0 OR (${fresh} AND S >= P)), S, P)`;
}

function endOf({ isDelta }: SeriesChoice, newestNano: bigint | undefined): Expression {
  if (newestNano === undefined) return sql`T`;
  const newest = nano(newestNano);
  const reports = sql`NOT ${isDelta} AND N = 0 AND P > 0 AND ${newest} - T <= 1.5 * (T - P)`;
  return sql`if(${reports}, ${newest}, T)`;
}

function column(name: string): Expression {
  return { kind: "template", pieces: [name], holes: [] };
}
