import type { LinkingSpan, StatusCodeName } from "../../traces.ts";
import type { Page, ReadContext } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import { ofTenant, time } from "./query/conditions.ts";
import { read } from "./query/read.ts";
import { select, sql } from "./sql/ast.ts";
import { readTraceTimes } from "./trace-skeleton.ts";

const aroundNano = 86_400_000_000_000n;
const maxSpans = 200;

export async function readLinkingSpans(
  client: ClickHouseClient,
  traceId: string,
  context: ReadContext,
): Promise<Page<LinkingSpan>> {
  const times = await readTraceTimes(client, traceId, context);
  if (times === undefined) return { items: [], truncated: false };
  const table = await read(
    client,
    select({
      TraceId: sql`TraceId`,
      SpanId: sql`SpanId`,
      Service: sql`toString(ServiceName)`,
      Name: sql`toString(SpanName)`,
      Start: sql`toString(toUnixTimestamp64Nano(Timestamp))`,
      Duration: sql`toFloat64(Duration)`,
      Status: sql`toString(StatusCode)`,
      Linked: sql`\`Links.SpanId\`[indexOf(\`Links.TraceId\`, ${traceId})]`,
    })
      .from("otel_traces")
      .where(
        ofTenant(context),
        sql`Timestamp >= ${time(times.startNano - aroundNano)} AND Timestamp <= ${time(times.endNano + aroundNano)}`,
        sql`has(\`Links.TraceId\`, ${traceId})`,
        sql`TraceId != ${traceId}`,
      )
      .orderBy(sql`Timestamp`, sql`SpanId`)
      .limit(maxSpans + 1),
    context,
    "find links to the trace",
  );
  const items = table.strings("TraceId").map((id, row): LinkingSpan => {
    const text = (name: string): string => table.strings(name)[row] ?? "";
    return {
      traceId: id,
      spanId: text("SpanId"),
      service: text("Service"),
      name: text("Name"),
      startUnixNano: text("Start"),
      durationNano: table.numbers("Duration")[row] ?? 0,
      status: text("Status") as StatusCodeName,
      linkedSpanId: text("Linked"),
    };
  });
  return { items: items.slice(0, maxSpans), truncated: items.length > maxSpans };
}
