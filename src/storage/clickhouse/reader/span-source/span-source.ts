/**
 * Where counts of spans come from: the spans themselves (rows.ts), or the totals that each part of their table keeps (totals.ts). A reader writes
 * its question once, over a source: first grouped by key and step, then by key.
 */
import { sql, type Expression, type Select } from "../sql/ast.ts";
import type { Steps } from "../query/steps.ts";

/** What spans are grouped by; the names under which a source offers them. */
export type SourceKeys = Readonly<Partial<Record<"Service" | "Name" | "Kind" | "Value", Expression>>>;

export interface SpanQuestion {
  readonly keys: SourceKeys;
  readonly steps: Steps;
  /** Which of the spans are calls; all when absent. */
  readonly counted?: Counted;
}

/** "entry": requests count once, where they enter a service or a trace begins. */
export type Counted = "all" | "entry";

export interface SpanSource {
  readonly table: string | Select;
  readonly where: readonly Expression[];
  /** The question's keys as expressions over `table`. */
  readonly keys: Readonly<Record<string, Expression>>;
  readonly step: Expression;
  readonly counted: Expression;
  readonly failed: Expression;
  /** Row of the heat map: [2^(r/2), 2^((r+1)/2)) nanoseconds. */
  readonly heatRow: Expression;
  readonly lastSeen: Expression;
  /** How many spans fulfil a condition made of `counted` and `failed`; all when absent. */
  count(condition?: Expression): Expression;
  /** An aggregate state of the durations of the spans that fulfil the condition; finished, it is the four percentiles below. */
  durations(condition?: Expression): Expression;
  /** Nanoseconds at p50, p90, p95, p99 of such states, as Array(Float64); NaN without spans. */
  quantiles(states: Expression): Expression;
}

const names: Readonly<Record<string, Expression>> = {
  Service: sql`Service`,
  Name: sql`Name`,
  Kind: sql`Kind`,
  Value: sql`Value`,
};

/** The keys by the names under which a first grouping offered them. */
export function keyColumns(keys: SourceKeys): Readonly<Record<string, Expression>> {
  return Object.fromEntries(Object.keys(keys).map((name) => [name, names[name] ?? sql`''`]));
}
