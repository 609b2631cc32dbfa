import type { SpanField, TraceField } from "../../traces.ts";
import type { ReadContext } from "../../window.ts";
import type { ClickHouseClient } from "../client/client.ts";
import { ofTenant, time } from "./query/conditions.ts";
import { read } from "./query/read.ts";
import { fieldValue } from "./query/span-conditions.ts";
import { select, sql } from "./sql/ast.ts";
import { readTraceTimes } from "./trace-skeleton.ts";

const maxSpans = 250_000;

export async function readTraceField(
  client: ClickHouseClient,
  traceId: string,
  field: SpanField,
  context: ReadContext,
): Promise<TraceField> {
  const times = await readTraceTimes(client, traceId, context);
  if (times === undefined) return { values: [], spanIds: [], value: [] };
  const value = fieldValue(field);
  const table = await read(
    client,
    select({ SpanId: sql`SpanId`, Value: sql`substring(${value}, 1, 200)` })
      .from("otel_traces")
      .where(
        ofTenant(context),
        sql`TraceId = ${traceId}`,
        sql`Timestamp >= ${time(times.startNano)} AND Timestamp <= ${time(times.endNano)}`,
        sql`${value} != ''`,
      )
      .limit(maxSpans),
    context,
    "read a field of the trace",
  );
  const texts = table.strings("Value");
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const ordered = [...counts].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const values = ordered.map(([text]) => text);
  const codes = new Map(values.map((text, code) => [text, code]));
  return { values, spanIds: table.strings("SpanId"), value: texts.map((text) => codes.get(text) ?? 0) };
}
