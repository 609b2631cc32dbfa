/** The list of metrics: who they are from the series table, whether they have points in the window from the point tables. */
import type { MetricSummary, MetricType, Temporality } from "../../../metrics.ts";
import type { ReadContext, TimeWindow } from "../../../window.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import type { ColumnTable } from "../../client/column-table.ts";
import { inWindow, ofTenant } from "../query/conditions.ts";
import { read } from "../query/read.ts";
import { select, sql, subquery, type Expression } from "../sql/ast.ts";
import { announcedIn, pointTables } from "./series-choice.ts";

export interface MetricListFilter {
  readonly service?: string | undefined;
  readonly metric?: string;
}

const maxMetrics = 5000;
const maxServices = 100;
const maxKeys = 200;
/** Points of the end of a window tell of nearly all metrics; only those of the others are read further back. */
const recentMs = 3_600_000;

/**
 * Metrics with a point in the window, by name; a name that came with several types or units shows the latest. `seriesCount` is exact for
 * windows of up to an hour, and counts the series of the window's days (UTC) for longer ones.
 */
export async function readMetricList(
  client: ClickHouseClient,
  window: TimeWindow,
  filter: MetricListFilter,
  context: ReadContext,
): Promise<{ readonly items: readonly MetricSummary[]; readonly truncated: boolean }> {
  const facts = await readFacts(client, window, filter, context);
  const from = Math.max(window.startMs, window.endMs - recentMs);
  const seen = await readSeen(client, { startMs: from, endMs: window.endMs }, filter, undefined, context);
  if (from > window.startMs) {
    const missing = facts.map(({ name }) => name).filter((name) => !seen.has(name));
    const earlier = { startMs: window.startMs, endMs: from };
    if (missing.length > 0) {
      for (const [name, found] of await readSeen(client, earlier, filter, missing, context))
        seen.set(name, found);
    }
  }
  const items: MetricSummary[] = [];
  for (const fact of facts) {
    const found = seen.get(fact.name);
    if (found === undefined) continue;
    const seriesCount = from > window.startMs ? fact.seriesCount : found.seriesCount;
    items.push({ ...fact, seriesCount, lastSeenMs: found.lastSeenMs });
  }
  return { items: items.slice(0, maxMetrics), truncated: facts.length > maxMetrics };
}

interface Seen {
  readonly lastSeenMs: number;
  readonly seriesCount: number;
}

async function readSeen(
  client: ClickHouseClient,
  window: TimeWindow,
  filter: MetricListFilter,
  names: readonly string[] | undefined,
  context: ReadContext,
): Promise<Map<string, Seen>> {
  const conditions: Expression[] = [ofTenant(context), ...named(filter)];
  if (filter.service !== undefined) {
    const series = select({ Fingerprint: sql`Fingerprint` })
      .from("otel_metric_series")
      .where(...conditions, sql`ServiceName = ${filter.service}`, announcedIn(window));
    conditions.push(sql`Fingerprint IN ${subquery(series)}`);
  }
  if (names !== undefined) conditions.push(sql`MetricName IN ${names}`);
  const answers = await Promise.all(
    [...new Set(Object.values(pointTables))].map((table) =>
      read(
        client,
        select({
          Metric: sql`toString(MetricName)`,
          Series: sql`toFloat64(uniqExact(Fingerprint))`,
          NewestMs: sql`toUnixTimestamp64Nano(max(Timestamp)) / 1e6`,
        })
          .from(table)
          .where(...conditions, inWindow(window))
          .groupBy(sql`MetricName`),
        context,
        "list metrics",
      ),
    ),
  );
  const seen = new Map<string, Seen>();
  for (const answer of answers) {
    const counts = answer.numbers("Series");
    const newest = answer.numbers("NewestMs");
    answer.strings("Metric").forEach((name, row) => {
      const before = seen.get(name);
      seen.set(name, {
        lastSeenMs: Math.max(before?.lastSeenMs ?? -Infinity, newest[row] ?? -Infinity),
        seriesCount: (before?.seriesCount ?? 0) + (counts[row] ?? 0),
      });
    });
  }
  return seen;
}

function named(filter: MetricListFilter): readonly Expression[] {
  return filter.metric === undefined ? [] : [sql`MetricName = ${filter.metric}`];
}

type Facts = Omit<MetricSummary, "lastSeenMs">;

async function readFacts(
  client: ClickHouseClient,
  window: TimeWindow,
  filter: MetricListFilter,
  context: ReadContext,
): Promise<readonly Facts[]> {
  const latest = (column: Expression): Expression => sql`toString(argMax(${column}, LastSeen))`;
  const keys = (map: Expression): Expression =>
    sql`sumMap(arrayMap(key -> toString(key), mapKeys(${map})), arrayMap(key -> toUInt32(1), mapKeys(${map})))`;
  const table = await read(
    client,
    select({
      Metric: sql`toString(MetricName)`,
      Kind: latest(sql`MetricType`),
      UnitText: latest(sql`Unit`),
      About: latest(sql`Description`),
      Aggregation: latest(sql`Temporality`),
      Rising: sql`argMax(Monotonic, LastSeen)`,
      Series: sql`toFloat64(uniqExact(Fingerprint))`,
      Services: sql`arraySort(groupUniqArray(${maxServices})(toString(ServiceName)))`,
      OwnKeys: byCount(keys(sql`Attributes`)),
      ResourceKeys: byCount(keys(sql`ResourceAttributes`)),
    })
      .from("otel_metric_series")
      .where(
        ofTenant(context),
        ...named(filter),
        announcedIn(window),
        ...(filter.service === undefined ? [] : [sql`ServiceName = ${filter.service}`]),
      )
      .groupBy(sql`MetricName`)
      .orderBy(sql`Metric`)
      .limit(maxMetrics + 1),
    context,
    "list metrics",
  );
  return table.strings("Metric").map((name, row) => factsAt(table, name, row));
}

/** Keys of a sumMap result, most common first, then by name. */
function byCount(counted: Expression): Expression {
  return sql`arrayMap(one -> one.2, arraySort(arrayMap((key, many) -> (-toInt64(many), key), ${counted}.1, ${counted}.2)))`;
}

function factsAt(table: ColumnTable, name: string, row: number): Facts {
  const own = table.stringLists("OwnKeys")[row] ?? [];
  const ofResource = table.stringLists("ResourceKeys")[row] ?? [];
  return {
    name,
    type: (table.strings("Kind")[row] ?? "gauge") as MetricType,
    unit: table.strings("UnitText")[row] ?? "",
    description: table.strings("About")[row] ?? "",
    temporality: (table.strings("Aggregation")[row] ?? "unspecified") as Temporality,
    monotonic: table.numbers("Rising")[row] === 1,
    seriesCount: table.numbers("Series")[row] ?? 0,
    services: table.stringLists("Services")[row] ?? [],
    attributeKeys: [...new Set([...own, ...ofResource])].slice(0, maxKeys),
  };
}
