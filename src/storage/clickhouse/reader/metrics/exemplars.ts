import type { MetricExemplar, MetricQuery } from "../../../metrics.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import { inWindow, ofTenant, toNano } from "../query/conditions.ts";
import { read } from "../query/read.ts";
import { select, sql, subquery } from "../sql/ast.ts";
import type { SeriesChoice } from "./series-choice.ts";

const maxExemplars = 100;

/** At most 100 that lead to a trace, the newest first: of each hundredth of the window the highest first, then the next highest. */
export async function readExemplars(
  client: ClickHouseClient,
  query: MetricQuery,
  choice: SeriesChoice,
): Promise<readonly MetricExemplar[]> {
  const { window } = query;
  const start = toNano(window.startMs);
  const length = toNano(window.endMs) - start;
  const slice = length / BigInt(maxExemplars) + 1n;
  const ranked = select({
    Nano: sql`toUnixTimestamp64Nano(Timestamp)`,
    Observed: sql`if(ValueKind = 3, toFloat64(IntValue), Value)`,
    Trace: sql`TraceId`,
    SpanOf: sql`SpanId`,
    Nth: sql`row_number() OVER (PARTITION BY intDiv(toUnixTimestamp64Nano(Timestamp) - ${start}, ${slice}) ORDER BY Value DESC, Timestamp, SpanId)`,
  })
    .from("otel_metric_exemplars")
    .where(
      ofTenant(choice.context),
      sql`MetricName = ${query.metric}`,
      inWindow(window),
      sql`TraceId != ''`,
      sql`isFinite(Value)`,
      sql`Fingerprint IN ${subquery(select({ Key: sql`Key` }).from(choice.series))}`,
    );
  const table = await read(
    client,
    select({ TimeMs: sql`Nano / 1e6`, Observed: sql`Observed`, Trace: sql`Trace`, SpanOf: sql`SpanOf` })
      .from(ranked)
      .orderBy(sql`Nth`, sql`Nano`, sql`SpanOf`)
      .limit(maxExemplars),
    choice.context,
    "read exemplars",
  );
  const values = table.numbers("Observed");
  const traces = table.strings("Trace");
  const spans = table.strings("SpanOf");
  return table
    .numbers("TimeMs")
    .map((timeMs, row) => ({
      timeMs,
      value: values[row] ?? 0,
      traceId: traces[row] ?? "",
      spanId: spans[row] ?? "",
    }))
    .toSorted((a, b) => b.timeMs - a.timeMs);
}
