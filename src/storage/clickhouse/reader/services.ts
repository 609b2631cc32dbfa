import type { OperationSummary, ServiceSummary, SpanKindName } from "../../traces.ts";
import type { ReadContext, TimeWindow } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import { inWindow, ofTenant } from "./query/conditions.ts";
import { read } from "./query/read.ts";
import { readReleases } from "./releases.ts";
import { noCalls, redAt, redQuery } from "./red.ts";
import { chooseSource } from "./span-source/choose-source.ts";
import { select, sql, type Expression, type Select } from "./sql/ast.ts";
import { stepsOf } from "./query/steps.ts";

const maxServices = 1000;
const maxOperations = 1000;
/** Resources are wide, so they are read from the last minutes with spans; only services that are missing there cost the whole window. */
const resourceLookMs = 300_000;
/** About so many rows of resources are read of any number of spans: reading all costs ten times the rest of the question. */
const resourceRows = 250_000;
/** Whole granules, because nothing smaller is skipped. A table is sorted by service, span name and time, so these are of all services that have many. */
const rowsOfGranule = 8192;

export async function readServices(
  client: ClickHouseClient,
  window: TimeWindow,
  stepCount: number,
  context: ReadContext,
  /** For tests. */
  maxResourceRows: number = resourceRows,
): Promise<{ items: ServiceSummary[]; truncated: boolean }> {
  const steps = stepsOf(window, stepCount);
  const question = { keys: { Service: sql`ServiceName` }, steps, counted: "entry" } as const;
  const source = await chooseSource(client, { window }, question, context);
  const [spans, logs, metrics] = await Promise.all([
    read(
      client,
      redQuery(source)
        .orderBy(sql`Service`)
        .limit(maxServices + 1),
      context,
      "read services",
    ),
    read(client, logCounts(window, context), context, "read services"),
    read(client, metricServices(window, context), context, "read services"),
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
  const spanCount = [...found.values()].reduce((sum, one) => sum + one.spanCount, 0);
  const oneOf = Math.floor(spanCount / maxResourceRows);
  const [resources, releases] = await Promise.all([
    readResources(client, window, lastSeenOf(found), context, { oneOf }),
    readReleases(client, window, oneOf > 1 ? granules(oneOf) : sql`1`, context),
  ]);
  const items = [...found.values()]
    .map((service) => ({
      ...service,
      ...resources.get(service.name),
      releases: releases.get(service.name) ?? [],
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { items: items.slice(0, maxServices), truncated: items.length > maxServices };
}

function granules(oneOf: number): Expression {
  return sql`intDiv(_part_offset, ${rowsOfGranule}) % ${oneOf} = 0`;
}

function lastSeenOf(found: ReadonlyMap<string, ServiceSummary>): ReadonlyMap<string, number> {
  return new Map([...found].map(([name, { lastSeenMs }]) => [name, lastSeenMs]));
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

interface ResourceFacts {
  readonly namespace: string;
  readonly version: string;
  readonly language: string;
  readonly distro: string;
  readonly instances: number;
}

async function readResources(
  client: ClickHouseClient,
  window: TimeWindow,
  lastSeen: ReadonlyMap<string, number>,
  context: ReadContext,
  /** One of so many granules is looked at first; services that are not in them have few rows, and are looked up as if there were no others. */
  sample: { readonly oneOf: number },
): Promise<ReadonlyMap<string, ResourceFacts>> {
  const facts = new Map<string, ResourceFacts>();
  const look = async (
    table: string,
    startMs: number,
    names: readonly string[],
    rows: Expression = sql`1`,
  ): Promise<void> => {
    if (names.length === 0) return;
    const answer = await read(
      client,
      select({
        Service: sql`toString(ServiceName)`,
        Namespace: sql`anyLast(ResourceAttributes['service.namespace'])`,
        Version: sql`anyLast(ResourceAttributes['service.version'])`,
        Language: sql`anyLast(ResourceAttributes['telemetry.sdk.language'])`,
        Distro: sql`anyLast(ResourceAttributes['telemetry.distro.name'])`,
        Instances: sql`toFloat64(uniqExact(if(ResourceAttributes['service.instance.id'] != '', ResourceAttributes['service.instance.id'], concat(ResourceAttributes['host.name'], '/', ResourceAttributes['process.pid']))))`,
      })
        .from(table)
        .where(
          ofTenant(context),
          sql`ServiceName IN ${names}`,
          rows,
          table === "otel_metric_series" ? sql`1` : inWindow({ startMs, endMs: window.endMs }),
        )
        .groupBy(sql`ServiceName`),
      context,
      "read services",
    );
    answer.strings("Service").forEach((name, row) =>
      facts.set(name, {
        namespace: answer.strings("Namespace")[row] ?? "",
        version: answer.strings("Version")[row] ?? "",
        language: answer.strings("Language")[row] ?? "",
        distro: answer.strings("Distro")[row] ?? "",
        instances: answer.numbers("Instances")[row] ?? 0,
      }),
    );
  };
  const missing = (): string[] => [...lastSeen.keys()].filter((name) => !facts.has(name));
  const lastMs = Math.max(window.startMs, ...lastSeen.values());
  const recent = Math.max(window.startMs, lastMs - resourceLookMs);
  if (sample.oneOf > 1) {
    await look("otel_traces", recent, missing(), granules(sample.oneOf));
  }
  if (recent > window.startMs) await look("otel_traces", recent, missing());
  await look("otel_traces", window.startMs, missing());
  await look("otel_logs", window.startMs, missing());
  await look("otel_metric_series", window.startMs, missing());
  return facts;
}

export async function readOperations(
  client: ClickHouseClient,
  window: TimeWindow,
  service: string | undefined,
  stepCount: number,
  context: ReadContext,
): Promise<{ items: OperationSummary[]; truncated: boolean }> {
  const steps = stepsOf(window, stepCount);
  const keys = { Service: sql`ServiceName`, Name: sql`SpanName`, Kind: sql`SpanKind` };
  const filter = { window, ...(service === undefined ? {} : { service }) };
  const source = await chooseSource(client, filter, { keys, steps }, context);
  const answer = await read(
    client,
    redQuery(source)
      .orderBy(sql`Calls DESC`, sql`Service`, sql`Name`)
      .limit(maxOperations + 1),
    context,
    "read operations",
  );
  const kinds = answer.strings("Kind");
  const names = answer.strings("Name");
  const items = answer.strings("Service").map((name, row) => ({
    service: name,
    name: names[row] ?? "",
    kind: (kinds[row] ?? "Unspecified") as SpanKindName,
    ...redAt(answer, row, steps),
  }));
  return { items: items.slice(0, maxOperations), truncated: items.length > maxOperations };
}
