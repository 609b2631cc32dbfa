/**
 * Services of which no resource was noted beside their spans: they send only logs or metrics, or their spans are older than that table, or were
 * imported. Resources are wide there, so the last minutes are looked at first.
 */
import type { ServiceSummary } from "../../../traces.ts";
import type { ReadContext, TimeWindow } from "../../../window.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import { inWindow, ofTenant } from "../query/conditions.ts";
import { read } from "../query/read.ts";
import { select, sql, type Select } from "../sql/ast.ts";
import { factsByService, type ResourceFacts } from "./resources.ts";

const lookMs = 300_000;

/** By service. Only the last version is known. */
export async function readUnnoted(
  client: ClickHouseClient,
  window: TimeWindow,
  services: readonly ServiceSummary[],
  context: ReadContext,
): Promise<ReadonlyMap<string, ResourceFacts>> {
  const facts = new Map<string, ResourceFacts>();
  const look = async (table: string, startMs: number, all: readonly ServiceSummary[]): Promise<void> => {
    const names = all.map(({ name }) => name).filter((name) => !facts.has(name));
    if (names.length === 0) return;
    const own = { startMs, endMs: window.endMs };
    const query = factsOf(table, names, own, context);
    const answer = await read(client, query, context, "read services");
    const firstMs = answer.numbers("FirstMs");
    [...factsByService(answer)].forEach(([name, found], row) => {
      const { version } = found;
      const releases = version === "" ? [] : [{ version, firstMs: firstMs[row] ?? 0 }];
      facts.set(name, { ...found, releases });
    });
  };
  const withSpans = services.filter(({ spanCount }) => spanCount > 0);
  const last = Math.max(window.startMs, ...withSpans.map(({ lastSeenMs }) => lastSeenMs));
  const recent = Math.max(window.startMs, last - lookMs);
  if (recent > window.startMs) await look("otel_traces", recent, withSpans);
  await look("otel_traces", window.startMs, withSpans);
  await look("otel_logs", window.startMs, services);
  await look("otel_metric_series", window.startMs, services);
  return facts;
}

function factsOf(table: string, names: readonly string[], window: TimeWindow, context: ReadContext): Select {
  const ofSeries = table === "otel_metric_series";
  const seen = ofSeries ? sql`LastSeen` : sql`toDateTime64(Timestamp, 3)`;
  return select({
    Service: sql`toString(ServiceName)`,
    Namespace: sql`anyLast(ResourceAttributes['service.namespace'])`,
    Version: sql`anyLast(ResourceAttributes['service.version'])`,
    FirstMs: sql`toFloat64(toUnixTimestamp64Milli(min(${seen})))`,
    Language: sql`anyLast(ResourceAttributes['telemetry.sdk.language'])`,
    Distro: sql`anyLast(ResourceAttributes['telemetry.distro.name'])`,
    Instances: sql`toFloat64(uniqExact(if(ResourceAttributes['service.instance.id'] != '', ResourceAttributes['service.instance.id'], concat(ResourceAttributes['host.name'], '/', ResourceAttributes['process.pid']))))`,
  })
    .from(table)
    .where(ofTenant(context), sql`ServiceName IN ${names}`, ofSeries ? sql`1` : inWindow(window))
    .groupBy(sql`ServiceName`);
}
