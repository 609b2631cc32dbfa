/**
 * Tables as data: one description from which the DDL of the embedded engine, of a single server and of a cluster is rendered
 * (render.ts), and from which the writer and the readers take column names and types.
 */
export interface ColumnSpec {
  readonly name: string;
  /** ClickHouse type as DESCRIBE prints it: "LowCardinality(String)". */
  readonly type: string;
  /** Arguments of CODEC(...); ZSTD(1) when absent. */
  readonly codec?: string;
  /** Expression; used when an insert leaves the column out. */
  readonly default?: string;
  /** Expression of an ALIAS column: never stored, never inserted. */
  readonly alias?: string;
  /** Type with which the table was created, when a later migration changed it. */
  readonly createdAs?: string;
  /** Number of the migration that adds the column to the table; absent: the table was created with it. */
  readonly since?: number;
}

export interface IndexSpec {
  readonly name: string;
  readonly expression: string;
  /** "bloom_filter(0.01)". */
  readonly type: string;
  readonly granularity: number;
}

export type MergeKind =
  | { readonly kind: "plain" }
  | { readonly kind: "aggregating" }
  | { readonly kind: "summing"; readonly columns: readonly string[] }
  | { readonly kind: "replacing"; readonly version: string };

export interface TableSpec {
  readonly name: string;
  readonly doc: string;
  readonly merge: MergeKind;
  readonly columns: readonly ColumnSpec[];
  readonly indexes: readonly IndexSpec[];
  readonly partitionBy?: string;
  /** A prefix of `orderBy`; all of it when absent. */
  readonly primaryKey?: readonly string[];
  readonly orderBy: readonly string[];
  /** Expression that spreads rows over the shards of a cluster. */
  readonly shardBy: string;
  /** Column that says how old a row is, for retention and status; absent for tables without time. */
  readonly timeColumn?: string;
}

/** A materialized view: each insert into `from` inserts `select` (over the inserted block) into `to`. */
export interface ViewSpec {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** Column name -> expression, in the order of the target's columns. */
  readonly select: readonly (readonly [column: string, expression: string])[];
  /** What stands in place of `from`, when the view reads it through a subquery; "$FROM" is the table. */
  readonly source?: string;
  readonly groupBy: readonly string[];
}

/** An aggregate that each part of `of` keeps of its own rows: inserted, merged, dropped and restored with them, so it is never behind them. */
export interface ProjectionSpec {
  readonly name: string;
  readonly of: string;
  /** Column name -> expression. A query uses the projection when it groups by some of these, filters by them only, and asks for `aggregates`. */
  readonly keys: readonly (readonly [column: string, expression: string])[];
  readonly aggregates: readonly string[];
}

/** Columns that an insert may name, in table order; those that the schema had at `version` when it is given. */
export function storedColumns(table: TableSpec, version: number = Infinity): readonly ColumnSpec[] {
  return table.columns.filter(({ alias, since }) => alias === undefined && (since ?? 0) <= version);
}
