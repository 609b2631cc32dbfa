import type { MetricSummary, MetricType, Temporality } from "../../metrics.ts";
import type { ReadContext, TimeWindow } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import type { ColumnTable } from "../client/column-table.ts";
import { inWindow, ofTenant } from "./conditions.ts";
import { read } from "./read.ts";
import { select, sql, subquery, type Expression } from "./sql/ast.ts";

export const pointTables: Readonly<Record<MetricType, string>> = {
  gauge: "otel_metric_samples",
  sum: "otel_metric_samples",
  histogram: "otel_metric_histograms",
  exponential_histogram: "otel_metric_exp_histograms",
  summary: "otel_metric_summaries",
};
const maxMetrics = 5000;
const maxServicesShown = 100;

/** Metrics with a point in the window; a name with several types or units is listed once, as it was last seen. */
export async function readMetrics(
  client: ClickHouseClient,
  window: TimeWindow,
  filter: { readonly service?: string | undefined; readonly metric?: string },
  context: ReadContext,
): Promise<{ items: MetricSummary[]; truncated: boolean }> {
  const named: Expression[] = [ofTenant(context)];
  if (filter.metric !== undefined) named.push(sql`MetricName = ${filter.metric}`);
  const series = [...named, ...(filter.service === undefined ? [] : [sql`ServiceName = ${filter.service}`])];
  const ofService =
    filter.service === undefined
      ? []
      : [
          sql`Fingerprint IN ${subquery(
            select({ Fingerprint: sql`Fingerprint` })
              .from("otel_metric_series")
              .where(...series),
          )}`,
        ];
  const seen = await Promise.all(
    [...new Set(Object.values(pointTables))].map((table) =>
      read(
        client,
        select({
          Metric: sql`toString(MetricName)`,
          Series: sql`toFloat64(uniqExact(Fingerprint))`,
          LastSeen: sql`toFloat64(toUnixTimestamp64Milli(toDateTime64(max(Timestamp), 3)))`,
        })
          .from(table)
          .where(...named, inWindow(window), ...ofService)
          .groupBy(sql`MetricName`)
          .orderBy(sql`Metric`)
          .limit(maxMetrics + 1),
        context,
        "list metrics",
      ),
    ),
  );
  const facts = await readFacts(client, series, window, context);
  const found = new Map<string, MetricSummary>();
  for (const table of seen) {
    table.strings("Metric").forEach((name, row) => {
      const known = found.get(name);
      found.set(name, {
        name,
        ...(facts.get(name) ?? nothingKnown),
        seriesCount: (known?.seriesCount ?? 0) + (table.numbers("Series")[row] ?? 0),
        lastSeenMs: Math.max(known?.lastSeenMs ?? 0, table.numbers("LastSeen")[row] ?? 0),
      });
    });
  }
  const items = [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { items: items.slice(0, maxMetrics), truncated: items.length > maxMetrics };
}

type Facts = Omit<MetricSummary, "name" | "seriesCount" | "lastSeenMs">;

const nothingKnown: Facts = {
  type: "gauge",
  unit: "",
  description: "",
  temporality: "unspecified",
  monotonic: false,
  services: [],
  attributeKeys: [],
};

async function readFacts(
  client: ClickHouseClient,
  conditions: readonly Expression[],
  window: TimeWindow,
  context: ReadContext,
): Promise<ReadonlyMap<string, Facts>> {
  const start = sql`toDate(fromUnixTimestamp64Milli(${BigInt(Math.floor(window.startMs))}))`;
  const end = sql`toDate(fromUnixTimestamp64Milli(${BigInt(Math.ceil(window.endMs))}))`;
  const latest = (column: Expression): Expression => sql`toString(argMax(${column}, LastSeen))`;
  const table = await read(
    client,
    select({
      Metric: sql`toString(MetricName)`,
      Type: latest(sql`MetricType`),
      Units: latest(sql`Unit`),
      Doc: latest(sql`Description`),
      Kind: latest(sql`Temporality`),
      Rising: sql`argMax(Monotonic, LastSeen)`,
      Services: sql`arraySort(groupUniqArray(${maxServicesShown})(toString(ServiceName)))`,
      Keys: sql`arrayMap(one -> one.1, arraySort(one -> (-one.2, one.1), arrayZip((sumMap(arrayMap(key -> toString(key), mapKeys(Attributes)), arrayWithConstant(length(Attributes), toInt64(1))) AS Counted).1, Counted.2)))`,
    })
      .from("otel_metric_series")
      // The day before as well: a series is announced when first seen, and days begin at midnight UTC.
      .where(...conditions, sql`SeenDay >= ${start} - 1 AND SeenDay <= ${end}`)
      .groupBy(sql`MetricName`),
    context,
    "list metrics",
  );
  const facts = new Map<string, Facts>();
  table.strings("Metric").forEach((name, row) => facts.set(name, factsAt(table, row)));
  return facts;
}

function factsAt(table: ColumnTable, row: number): Facts {
  return {
    type: (table.strings("Type")[row] ?? "gauge") as MetricType,
    unit: table.strings("Units")[row] ?? "",
    description: table.strings("Doc")[row] ?? "",
    temporality: (table.strings("Kind")[row] ?? "unspecified") as Temporality,
    monotonic: table.numbers("Rising")[row] === 1,
    services: table.stringLists("Services")[row] ?? [],
    attributeKeys: table.stringLists("Keys")[row] ?? [],
  };
}
