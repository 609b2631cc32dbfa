/**
 * Renders the schema as DDL. "single" serves the embedded engine and one server; "cluster" gives, for each table, a Replicated local
 * table `<name>_local` and a Distributed one under the plain name, ON CLUSTER. The cluster form is pinned by golden tests only: it
 * has never run on a real cluster.
 */
import {
  storedColumns,
  type ColumnSpec,
  type IndexSpec,
  type MergeKind,
  type ProjectionSpec,
  type TableSpec,
  type ViewSpec,
} from "./table-spec.ts";

export type Target =
  | {
      readonly kind: "single";
      readonly database: string;
      /** The embedded engine, whose configuration is ours (engine/open-engine.ts). */
      readonly embedded?: boolean;
    }
  | { readonly kind: "cluster"; readonly database: string; readonly cluster: string };

/** Inserts whose token was seen among the last so many are dropped; needed on view targets too. */
const deduplicationWindow = 1000;

const plainCodec = "ZSTD(1)";

export function renderTable(table: TableSpec, target: Target): readonly string[] {
  if (target.kind === "single") return [renderLocal(table, table.name, target)];
  return [renderLocal(table, `${table.name}_local`, target), renderDistributed(table, target)];
}

export function renderView(view: ViewSpec, target: Target): string {
  const suffix = target.kind === "cluster" ? "_local" : "";
  const from = qualified(`${view.from}${suffix}`, target);
  const source = view.source === undefined ? from : view.source.replace("$FROM", () => from);
  const select = view.select.map(([name, expression]) => `${expression} AS ${name}`).join(", ");
  return [
    `CREATE MATERIALIZED VIEW IF NOT EXISTS ${qualified(view.name, target)}${onCluster(target)}`,
    `TO ${qualified(`${view.to}${suffix}`, target)}`,
    `AS SELECT ${select}`,
    `FROM ${source}`,
    `GROUP BY ${view.groupBy.join(", ")}`,
  ].join("\n");
}

export function renderDropView(view: ViewSpec, target: Target): string {
  return `DROP VIEW IF EXISTS ${qualified(view.name, target)}${onCluster(target)}`;
}

/** Changes how a column's new parts are compressed; parts that exist get it when they are merged. */
export function renderCodec(table: string, column: ColumnSpec, target: Target): string {
  return `${alterLocal(table, target)} MODIFY COLUMN ${renderColumn(column)}`;
}

/** Changes from which size on, in bytes before compression, a new part has a file for each column. */
export function renderWideFrom(table: TableSpec, sizeBytes: number, target: Target): string {
  return `${alterLocal(table.name, target)} MODIFY SETTING min_bytes_for_wide_part = ${sizeBytes}`;
}

/** Leaves it to the engine's configuration how new parts are compressed, save for what prepares a column's values; parts that exist stay as they are. */
export function renderDefaultCodecs(table: TableSpec, target: Target): string {
  const columns = storedColumns(table).map(
    ({ name, codec = plainCodec }) =>
      `MODIFY COLUMN ${quoteIdentifier(name)} CODEC(${codec.replace(plainCodec, "Default")})`,
  );
  return `${alterLocal(table.name, target)}\n  ${columns.join(",\n  ")}`;
}

/**
 * Changes the types of columns that tables were created with to those of now. Parts that exist are rewritten in the background; queries see the
 * new type at once.
 */
export function renderTypes(table: TableSpec, target: Target): readonly string[] {
  const changed = table.columns.filter(({ createdAs }) => createdAs !== undefined);
  if (changed.length === 0) return [];
  const alter = (start: string, columns: readonly string[]): string =>
    `${start}\n  ${columns.map((text) => `MODIFY COLUMN ${text}`).join(",\n  ")}`;
  return [
    `${alter(alterLocal(table.name, target), changed.map(renderColumn))}\n  SETTINGS alter_sync = 0, mutations_sync = 0`,
    ...(target.kind === "single"
      ? []
      : [
          alter(
            alterTable(table.name, target),
            changed.map(({ name, type }) => `${name} ${type}`),
          ),
        ]),
  ];
}

/** Parts that exist are given the projection in the background; until then queries read their rows instead. */
export function renderProjection(projection: ProjectionSpec, target: Target): readonly string[] {
  const alter = alterLocal(projection.of, target);
  const keys = projection.keys.map(([key, expression]) =>
    key === expression ? key : `${expression} AS ${key}`,
  );
  const names = projection.keys.map(([key]) => key).join(", ");
  const body = `SELECT ${[...keys, ...projection.aggregates].join(", ")}\n  GROUP BY ${names}`;
  return [
    `${alter} ADD PROJECTION IF NOT EXISTS ${projection.name} (\n  ${body}\n)`,
    `${alter} MATERIALIZE PROJECTION ${projection.name} SETTINGS mutations_sync = 0`,
  ];
}

function renderLocal(table: TableSpec, name: string, target: Target): string {
  // A released migration never changes: later columns are added by migrations of their own.
  const columns = table.columns.filter(({ since }) => since === undefined);
  const parts = [...columns.map(asCreated).map(renderColumn), ...table.indexes.map(renderIndex)];
  return [
    `CREATE TABLE IF NOT EXISTS ${qualified(name, target)}${onCluster(target)}`,
    `(\n${parts.map((part) => `  ${part}`).join(",\n")}\n)`,
    `ENGINE = ${engine(table.merge, target, name)}`,
    ...(table.partitionBy === undefined ? [] : [`PARTITION BY ${table.partitionBy}`]),
    ...(table.primaryKey === undefined ? [] : [`PRIMARY KEY (${table.primaryKey.join(", ")})`]),
    `ORDER BY (${table.orderBy.join(", ")})`,
    `SETTINGS ${settings(target)}`,
  ].join("\n");
}

function renderDistributed(table: TableSpec, target: Target & { kind: "cluster" }): string {
  return [
    `CREATE TABLE IF NOT EXISTS ${qualified(table.name, target)}${onCluster(target)}`,
    `AS ${qualified(`${table.name}_local`, target)}`,
    `ENGINE = Distributed('${target.cluster}', '${target.database}', '${table.name}_local', ${table.shardBy})`,
  ].join("\n");
}

function settings(target: Target): string {
  const window =
    target.kind === "single" ? "non_replicated_deduplication_window" : "replicated_deduplication_window";
  // fsync: the write-ahead segment of an insert is deleted once the insert is acknowledged, so its parts must be on disk by then.
  return [
    `${window} = ${deduplicationWindow}`,
    "ttl_only_drop_parts = 1",
    "fsync_after_insert = 1",
    "fsync_part_directory = 1",
    // A compact part is one file: fewer to write and sync for a small insert, and merges make wide ones of them later.
    `min_bytes_for_wide_part = ${64 * 1024 * 1024}`,
  ].join(", ");
}

function asCreated(column: ColumnSpec): ColumnSpec {
  return column.createdAs === undefined ? column : { ...column, type: column.createdAs };
}

function alterTable(table: string, target: Target): string {
  return `ALTER TABLE ${qualified(table, target)}${onCluster(target)}`;
}

/** Of the table that keeps the rows. */
function alterLocal(table: string, target: Target): string {
  return alterTable(target.kind === "cluster" ? `${table}_local` : table, target);
}

function renderColumn(column: ColumnSpec): string {
  const head = `${quoteIdentifier(column.name)} ${column.type}`;
  if (column.alias !== undefined) return `${head} ALIAS ${column.alias}`;
  const byDefault = column.default === undefined ? "" : ` DEFAULT ${column.default}`;
  return `${head}${byDefault} CODEC(${column.codec ?? plainCodec})`;
}

function renderIndex(index: IndexSpec): string {
  return `INDEX ${index.name} ${index.expression} TYPE ${index.type} GRANULARITY ${index.granularity}`;
}

function engine(merge: MergeKind, target: Target, name: string): string {
  const replica =
    target.kind === "cluster"
      ? [`'/clickhouse/tables/{shard}/${target.database}/${name}'`, "'{replica}'"]
      : [];
  const prefix = target.kind === "cluster" ? "Replicated" : "";
  const call = (kind: string, own: readonly string[]): string =>
    `${prefix}${kind}(${[...replica, ...own].join(", ")})`;
  switch (merge.kind) {
    case "plain":
      return call("MergeTree", []);
    case "aggregating":
      return call("AggregatingMergeTree", []);
    case "summing":
      return call("SummingMergeTree", [`(${merge.columns.join(", ")})`]);
    case "replacing":
      return call("ReplacingMergeTree", [merge.version]);
  }
}

function onCluster(target: Target): string {
  return target.kind === "cluster" ? ` ON CLUSTER ${quoteIdentifier(target.cluster)}` : "";
}

function qualified(name: string, target: Target): string {
  return `${quoteIdentifier(target.database)}.${quoteIdentifier(name)}`;
}

/** Plain names stay bare; anything else is back-quoted ("Events.Name", names with dashes). */
export function quoteIdentifier(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
    ? name
    : `\`${name.replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\``;
}
