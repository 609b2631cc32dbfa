/** What the resources of spans say of their services: versions and since when, language, instances. */
import type { ServiceSummary } from "../../../traces.ts";
import type { ReadContext, TimeWindow } from "../../../window.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import type { ColumnTable } from "../../client/column-table.ts";
import { ofTenant, time, toNano } from "../query/conditions.ts";
import { read } from "../query/read.ts";
import { select, sql } from "../sql/ast.ts";

const maxReleases = 10;
const slotMs = 300_000;

export type ResourceFacts = Pick<
  ServiceSummary,
  "namespace" | "version" | "releases" | "language" | "distro" | "instances"
>;

/** Of columns Service, Namespace, Version, Language, Distro and Instances; without releases. */
export function factsByService(answer: ColumnTable): Map<string, ResourceFacts> {
  const [namespaces, versions] = [answer.strings("Namespace"), answer.strings("Version")];
  const [languages, distros] = [answer.strings("Language"), answer.strings("Distro")];
  const instances = answer.numbers("Instances");
  return new Map(
    answer.strings("Service").map((name, row) => [
      name,
      {
        namespace: namespaces[row] ?? "",
        version: versions[row] ?? "",
        releases: [],
        language: languages[row] ?? "",
        distro: distros[row] ?? "",
        instances: instances[row] ?? 0,
      },
    ]),
  );
}

/** By service; those whose spans lie in the window. Instances are those that a service had in its last five to ten minutes. */
export async function readResources(
  client: ClickHouseClient,
  window: TimeWindow,
  context: ReadContext,
): Promise<ReadonlyMap<string, ResourceFacts>> {
  // Whoever was seen before the window within the same five minutes is not noted again in them.
  const start = time(toNano(Math.floor(window.startMs / slotMs) * slotMs));
  const inWindow = sql`SeenAt >= ${start} AND SeenAt < ${time(toNano(window.endMs))}`;
  const seen = select({
    ServiceName: sql`ServiceName`,
    ServiceNamespace: sql`ServiceNamespace`,
    ServiceVersion: sql`ServiceVersion`,
    SdkLanguage: sql`SdkLanguage`,
    DistroName: sql`DistroName`,
    Instance: sql`if(ServiceInstanceId != '', ServiceInstanceId, concat(HostName, '/', ProcessPid))`,
    Slot: sql`toStartOfFiveMinutes(SeenAt)`,
    SeenAt: sql`SeenAt`,
    LastSlot: sql`max(Slot) OVER (PARTITION BY ServiceName)`,
  })
    .from("otel_traces_resources")
    .where(ofTenant(context), inWindow);
  const facts = select({
    Service: sql`toString(ServiceName)`,
    Namespace: sql`argMax(toString(ServiceNamespace), SeenAt)`,
    Version: sql`argMax(toString(ServiceVersion), SeenAt)`,
    Language: sql`argMax(toString(SdkLanguage), SeenAt)`,
    Distro: sql`argMax(toString(DistroName), SeenAt)`,
    Instances: sql`toFloat64(uniqExactIf(Instance, Slot >= LastSlot - INTERVAL 5 MINUTE))`,
  })
    .from(seen)
    .groupBy(sql`ServiceName`);
  const versions = select({
    Service: sql`toString(ServiceName)`,
    Version: sql`toString(ServiceVersion)`,
    FirstMs: sql`toFloat64(toUnixTimestamp64Milli(toDateTime64(min(SeenAt), 3)))`,
  })
    .from("otel_traces_resources")
    .where(ofTenant(context), inWindow, sql`ServiceVersion != ''`)
    .groupBy(sql`ServiceName`, sql`ServiceVersion`)
    .orderBy(sql`Service`, sql`FirstMs DESC`, sql`Version`)
    .limitBy(maxReleases, sql`Service`);
  const [answer, releases] = await Promise.all([
    read(client, facts, context, "read services"),
    read(client, versions, context, "read services"),
  ]);
  const found = factsByService(answer);
  const names = releases.strings("Version");
  const times = releases.numbers("FirstMs");
  releases.strings("Service").forEach((service, row) => {
    const facts = found.get(service);
    if (facts === undefined) return;
    // Newest first comes, oldest first is wanted.
    const release = { version: names[row] ?? "", firstMs: times[row] ?? 0 };
    found.set(service, { ...facts, releases: [release, ...facts.releases] });
  });
  return found;
}
