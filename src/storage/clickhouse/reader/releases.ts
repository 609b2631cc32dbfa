/** Which versions of each service ran in a window, and since when: what a change of its figures may come from. */
import type { Release } from "../../traces.ts";
import type { ReadContext, TimeWindow } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import { inWindow, ofTenant } from "./query/conditions.ts";
import { read } from "./query/read.ts";
import { select, sql, type Expression } from "./sql/ast.ts";

const maxReleases = 10;

/** `rows`: a condition that chooses the rows to look at, since resources are wide. */
export async function readReleases(
  client: ClickHouseClient,
  window: TimeWindow,
  rows: Expression,
  context: ReadContext,
): Promise<ReadonlyMap<string, readonly Release[]>> {
  const table = await read(
    client,
    select({
      Service: sql`toString(ServiceName)`,
      Version: sql`ResourceAttributes['service.version']`,
      FirstMs: sql`toFloat64(toUnixTimestamp64Milli(toDateTime64(min(Timestamp), 3)))`,
    })
      .from("otel_traces")
      .where(ofTenant(context), inWindow(window), sql`Version != ''`, rows)
      .groupBy(sql`ServiceName`, sql`Version`)
      .orderBy(sql`Service`, sql`FirstMs DESC`, sql`Version`)
      .limitBy(maxReleases, sql`Service`),
    context,
    "read services",
  );
  const found = new Map<string, Release[]>();
  const versions = table.strings("Version");
  const times = table.numbers("FirstMs");
  table.strings("Service").forEach((service, row) => {
    const own = found.get(service) ?? [];
    own.unshift({ version: versions[row] ?? "", firstMs: times[row] ?? 0 });
    found.set(service, own);
  });
  return found;
}
