import { column, timeCodec } from "./column-groups.ts";
import type { TableSpec } from "./table-spec.ts";

/**
 * Which resources sent spans, and when: what a list of services says of versions and instances, without a look at wide attributes of millions of
 * spans. The transcoder writes a row for the first span that it sees of a resource in five minutes (of the spans' time), and may write one again
 * after a restart, so readers group.
 */
export const resourcesTable: TableSpec = {
  name: "otel_traces_resources",
  doc: "one row a resource and five minutes with spans: service, version, instance",
  merge: { kind: "plain" },
  columns: [
    column("Tenant", "LowCardinality(String)"),
    column("ServiceName", "LowCardinality(String)"),
    column("ServiceNamespace", "LowCardinality(String)"),
    column("ServiceVersion", "LowCardinality(String)"),
    column("ServiceInstanceId", "String"),
    column("HostName", "LowCardinality(String)"),
    column("ProcessPid", "String"),
    column("SdkLanguage", "LowCardinality(String)"),
    column("DistroName", "LowCardinality(String)"),
    // The start of that first span.
    column("SeenAt", "DateTime64(9)", timeCodec),
  ],
  indexes: [],
  partitionBy: "toDate(SeenAt)",
  orderBy: ["Tenant", "ServiceName", "SeenAt"],
  shardBy: "cityHash64(ServiceName)",
  timeColumn: "SeenAt",
};
