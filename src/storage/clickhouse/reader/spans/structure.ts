import type { TraceStructure } from "../../../span-analysis.ts";
import type { SpanFilter } from "../../../traces.ts";
import type { ReadContext } from "../../../window.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import { ofTenant, time } from "../query/conditions.ts";
import { read } from "../query/read.ts";
import { spanConditions } from "../query/span-conditions.ts";
import { select, sql } from "../sql/ast.ts";
import { mergePaths } from "./merge-paths.ts";

const maxTraces = 500;
const maxSpans = 200_000;

export async function readStructure(
  client: ClickHouseClient,
  filter: SpanFilter,
  context: ReadContext,
): Promise<TraceStructure> {
  const matching = select({ TraceId: sql`TraceId` })
    .from("otel_traces")
    .where(ofTenant(context), ...spanConditions(filter))
    .groupBy(sql`TraceId`);
  const found = await read(
    client,
    // By hash: an even sample over the window.
    select({ TraceId: sql`TraceId`, Traces: sql`toFloat64(count() OVER ())` })
      .from(matching)
      .orderBy(sql`cityHash64(TraceId)`)
      .limit(maxTraces),
    context,
    "merge traces",
  );
  const traceIds = found.strings("TraceId");
  const none = { paths: [], traceCount: 0, tracesRead: 0, spansRead: 0, omittedSpans: 0 };
  if (traceIds.length === 0) return none;
  const times = await read(
    client,
    select({
      Start: sql`toString(toUnixTimestamp64Nano(min(Start)))`,
      End: sql`toString(toUnixTimestamp64Nano(max(End)))`,
    })
      .from("otel_traces_trace_id_ts")
      .where(ofTenant(context), sql`TraceId IN ${traceIds}`),
    context,
    "merge traces",
  );
  const start = BigInt(times.string("Start"));
  const spans = await read(
    client,
    select({
      TraceId: sql`TraceId`,
      SpanId: sql`SpanId`,
      ParentSpanId: sql`ParentSpanId`,
      Service: sql`toString(ServiceName)`,
      Name: sql`toString(SpanName)`,
      Kind: sql`toString(SpanKind)`,
      Failed: sql`toUInt8(StatusCode = 'Error')`,
      Start: sql`toFloat64(toUnixTimestamp64Nano(Timestamp) - ${start})`,
      Duration: sql`toFloat64(Duration)`,
    })
      .from("otel_traces")
      .where(
        ofTenant(context),
        sql`TraceId IN ${traceIds}`,
        sql`Timestamp >= ${time(start)} AND Timestamp <= ${time(BigInt(times.string("End")))}`,
      )
      .orderBy(sql`Timestamp`, sql`Duration DESC`, sql`SpanId`)
      .limit(maxSpans),
    context,
    "merge traces",
  );
  const merged = mergePaths({
    traceIds: spans.strings("TraceId"),
    spanIds: spans.strings("SpanId"),
    parentIds: spans.strings("ParentSpanId"),
    services: spans.strings("Service"),
    names: spans.strings("Name"),
    kinds: spans.strings("Kind"),
    failed: spans.numbers("Failed"),
    starts: spans.numbers("Start"),
    durations: spans.numbers("Duration"),
  });
  return {
    ...merged,
    traceCount: found.number("Traces"),
    tracesRead: new Set(spans.strings("TraceId")).size,
    spansRead: spans.rows,
  };
}
