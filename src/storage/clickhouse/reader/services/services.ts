import type { ServiceSummary } from "../../../traces.ts";
import type { ReadContext, TimeWindow } from "../../../window.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import type { ColumnTable } from "../../client/column-table.ts";
import { inWindow, ofTenant } from "../query/conditions.ts";
import { read } from "../query/read.ts";
import { noCalls, redAt, redQuery } from "../span-source/red.ts";
import { chooseSource } from "../span-source/choose-source.ts";
import { select, sql, type Select } from "../sql/ast.ts";
import { stepsOf } from "../query/steps.ts";
import { readResources } from "./resources.ts";
import { readUnnoted } from "./unnoted.ts";

const maxServices = 1000;

export async function readServices(
  client: ClickHouseClient,
  window: TimeWindow,
  stepCount: number,
  context: ReadContext,
): Promise<{ items: ServiceSummary[]; truncated: boolean }> {
  const steps = stepsOf(window, stepCount);
  const question = { keys: { Service: sql`ServiceName` }, steps, counted: "entry" } as const;
  const readRed = async (): Promise<ColumnTable> => {
    const source = await chooseSource(client, { window }, question, context);
    const query = redQuery(source)
      .orderBy(sql`Service`)
      .limit(maxServices + 1);
    return read(client, query, context, "read services");
  };
  const [spans, logs, metrics, noted] = await Promise.all([
    readRed(),
    read(client, logCounts(window, context), context, "read services"),
    read(client, metricServices(window, context), context, "read services"),
    readResources(client, window, context),
  ]);
  const found = new Map<string, ServiceSummary>();
  spans.strings("Service").forEach((name, row) => {
    const base = empty(name, stepCount, window);
    found.set(name, {
      ...base,
      ...redAt(spans, row, steps),
      spanCount: spans.numbers("Spans")[row] ?? 0,
      lastSeenMs: Number(spans.strings("LastSeen")[row]),
    });
  });
  for (const other of [logs, metrics]) {
    other.strings("Service").forEach((name, row) => {
      const known = found.get(name) ?? empty(name, stepCount, window);
      const items = other.numbers("Items")[row] ?? 0;
      const lastSeenMs = Math.max(known.lastSeenMs, other.numbers("SeenMs")[row] ?? 0);
      found.set(name, { ...known, logCount: known.logCount + items, lastSeenMs });
    });
  }
  const others = [...found.values()].filter(({ name }) => !noted.has(name));
  const unnoted = await readUnnoted(client, window, others, context);
  const items = [...found.values()]
    .map((service) => ({ ...service, ...(noted.get(service.name) ?? unnoted.get(service.name)) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { items: items.slice(0, maxServices), truncated: items.length > maxServices };
}

function empty(name: string, stepCount: number, window: TimeWindow): ServiceSummary {
  const nothing = { namespace: "", version: "", releases: [], language: "", distro: "", instances: 0 };
  return {
    name,
    ...nothing,
    spanCount: 0,
    logCount: 0,
    lastSeenMs: 0,
    ...noCalls(stepsOf(window, stepCount)),
  };
}

function logCounts(window: TimeWindow, context: ReadContext): Select {
  return select({
    Service: sql`toString(ServiceName)`,
    Items: sql`toFloat64(count())`,
    SeenMs: sql`toFloat64(toUnixTimestamp64Milli(toDateTime64(max(Timestamp), 3)))`,
  })
    .from("otel_logs")
    .where(ofTenant(context), inWindow(window))
    .groupBy(sql`ServiceName`)
    .limit(maxServices + 1);
}

/** Series carry the time they were last announced, which is near enough to list who is there. */
function metricServices(window: TimeWindow, context: ReadContext): Select {
  const start = sql`fromUnixTimestamp64Milli(${BigInt(Math.floor(window.startMs))})`;
  const end = sql`fromUnixTimestamp64Milli(${BigInt(Math.ceil(window.endMs))})`;
  return select({
    Service: sql`toString(ServiceName)`,
    Items: sql`toFloat64(0)`,
    SeenMs: sql`toFloat64(toUnixTimestamp64Milli(least(max(LastSeen), ${end})))`,
  })
    .from("otel_metric_series")
    .where(
      ofTenant(context),
      sql`SeenDay >= toDate(${start}) AND SeenDay <= toDate(${end}) AND LastSeen >= ${start} - INTERVAL 1 HOUR`,
    )
    .groupBy(sql`ServiceName`)
    .limit(maxServices + 1);
}
