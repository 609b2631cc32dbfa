import type { ServiceUsage, TableKept } from "../../usage.ts";
import type { ReadContext } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import { ofTenant } from "../reader/query/conditions.ts";
import { read } from "../reader/query/read.ts";
import { select, sql, subquery } from "../reader/sql/ast.ts";

/** Points know their series only: rows are counted by fingerprint and joined to the services of the series. Bytes are a table's by rows. */
export async function readMetricServices(
  client: ClickHouseClient,
  kept: readonly TableKept[],
  context: ReadContext,
): Promise<readonly ServiceUsage[]> {
  const services = new Map<string, { rows: number; bytes: number }>();
  for (const table of kept) {
    if (table.signal !== "metrics" || table.rows === 0) continue;
    const isPoints = table.table !== "otel_metric_series" && table.table !== "otel_metric_exemplars";
    const counts = select({ Print: sql`Fingerprint`, Points: sql`count()` })
      .from(table.table)
      .where(ofTenant(context))
      .groupBy(sql`Fingerprint`);
    const names = select({ Print: sql`Fingerprint`, Service: sql`any(toString(ServiceName))` })
      .from("otel_metric_series")
      .where(ofTenant(context))
      .groupBy(sql`Fingerprint`);
    const answer = await read(
      client,
      select({ Name: sql`Service`, RowCount: sql`toFloat64(sum(Points))` })
        .from(sql`${subquery(counts)} AS points INNER JOIN ${subquery(names)} AS series USING (Print)`)
        .groupBy(sql`Service`),
      context,
      "read what services cost",
    );
    answer.strings("Name").forEach((service, row) => {
      const rows = answer.numbers("RowCount")[row] ?? 0;
      const before = services.get(service) ?? { rows: 0, bytes: 0 };
      services.set(service, {
        rows: before.rows + (isPoints ? rows : 0),
        bytes: before.bytes + (rows / table.rows) * table.bytesOnDisk,
      });
    });
  }
  return [...services].map(([service, { rows, bytes }]) => ({
    signal: "metrics",
    service,
    rows,
    bytesOnDisk: Math.round(bytes),
  }));
}
