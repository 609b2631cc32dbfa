/**
 * Services and attributes by what they cost. Nothing on disk says it, so it is estimated from evenly spread granules of the table: of services the
 * uncompressed bytes are summed, and their shares taken of the table's bytes on disk; of attributes see `compressedBytes`.
 */
import type { AttributeUsage, ServiceUsage } from "../../usage.ts";
import type { Signal } from "../../../telemetry/signal.ts";
import type { ReadContext } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import { ofTenant } from "../reader/query/conditions.ts";
import { read } from "../reader/query/read.ts";
import { select, sql, type Expression } from "../reader/sql/ast.ts";

/** What is looked at of one signal: the table that holds its attributes. */
interface Sampled {
  readonly signal: Signal;
  readonly table: string;
  readonly maps: readonly { readonly scope: AttributeUsage["scope"]; readonly column: Expression }[];
}

export const sampledTables: readonly Sampled[] = [
  {
    signal: "traces",
    table: "otel_traces",
    maps: [
      { scope: "span", column: sql`SpanAttributes` },
      { scope: "resource", column: sql`ResourceAttributes` },
    ],
  },
  {
    signal: "logs",
    table: "otel_logs",
    maps: [
      { scope: "log", column: sql`LogAttributes` },
      { scope: "resource", column: sql`ResourceAttributes` },
    ],
  },
  // Points refer to their series, which holds the attributes.
  {
    signal: "metrics",
    table: "otel_metric_series",
    maps: [
      { scope: "metric", column: sql`Attributes` },
      { scope: "resource", column: sql`ResourceAttributes` },
    ],
  },
];

const sampledRows = 500_000;
const rowsInGranule = 8192;
const keysShown = 100;

/** Every how many granules one is read. */
export function strideOf(rows: number): number {
  return Math.max(1, Math.ceil(rows / sampledRows));
}

export interface SampleShares {
  readonly services: readonly Omit<ServiceUsage, "bytesOnDisk">[];
  /** As `services`; of the table's uncompressed bytes. */
  readonly serviceShares: readonly number[];
  readonly attributes: readonly AttributeUsage[];
}

/**
 * What the values of a key take when compressed, of `rows` with `distinct` values of `textBytes` in all: a new value takes half its text (random
 * hexadecimal digits take exactly that), one that was seen before only what it takes to say which.
 */
export function compressedBytes(rows: number, distinct: number, textBytes: number): number {
  if (rows === 0) return 0;
  const fresh = Math.min(1, distinct / rows);
  const reference = Math.min(textBytes / rows, Math.log2(Math.max(1, distinct)) / 8);
  return rows * ((fresh * textBytes) / rows / 2 + (1 - fresh) * reference);
}

export async function sampleTable(
  client: ClickHouseClient,
  { signal, table, maps }: Sampled,
  stride: number,
  context: ReadContext,
): Promise<SampleShares> {
  // Decided from a virtual column, so that granules left out are not read.
  const isSampled = stride === 1 ? [] : [sql`intDiv(_part_offset, ${rowsInGranule}) % ${stride} = 0`];
  const services = await read(
    client,
    select({
      Service: sql`toString(ServiceName)`,
      IsOwn: sql`toFloat64(${ofTenant(context)})`,
      RowCount: sql`toFloat64(count())`,
      Bytes: sql`toFloat64(sum(byteSize(*)))`,
    })
      .from(table)
      .where(...isSampled)
      .groupBy(sql`ServiceName`, sql`IsOwn`),
    context,
    "read what services cost",
  );
  // The table's bytes are of all tenants, so shares are of what all have; only the own are told.
  const bytes = services.numbers("Bytes");
  const total = bytes.reduce((sum, one) => sum + one, 0);
  const isOwn = (_: unknown, row: number): boolean => services.numbers("IsOwn")[row] === 1;
  const share = (part: number): number => (total === 0 ? 0 : part / total);
  const attributes: AttributeUsage[] = [];
  for (const { scope, column } of maps) {
    const keys = await read(
      client,
      select({
        Name: sql`toString(Pair.1)`,
        RowCount: sql`toFloat64(count())`,
        Distinct: sql`toFloat64(uniq(Pair.2))`,
        Bytes: sql`toFloat64(sum(length(Pair.2)))`,
      })
        .from(
          select({ Pair: sql`arrayJoin(CAST(${column}, 'Array(Tuple(String, String))'))` })
            .from(table)
            .where(...isSampled, ofTenant(context)),
        )
        .groupBy(sql`Pair.1`)
        .orderBy(sql`Distinct * Bytes / RowCount DESC`, sql`Bytes DESC`)
        .limit(keysShown),
      context,
      "read what attributes cost",
    );
    keys.strings("Name").forEach((key, row) => {
      const rows = keys.numbers("RowCount")[row] ?? 0;
      const distinct = keys.numbers("Distinct")[row] ?? 0;
      const bytesOnDisk = compressedBytes(rows, distinct, keys.numbers("Bytes")[row] ?? 0) * stride;
      attributes.push({
        signal,
        scope,
        key,
        rows: Math.round(rows * stride),
        distinct,
        bytesOnDisk: Math.round(bytesOnDisk),
      });
    });
  }
  return {
    services: services
      .strings("Service")
      .map((service, row) => ({
        signal,
        service,
        rows: Math.round((services.numbers("RowCount")[row] ?? 0) * stride),
      }))
      .filter(isOwn),
    serviceShares: bytes.map(share).filter(isOwn),
    attributes,
  };
}
