/** How spans are spread over a window, read from the totals: what a reader needs to look at no more of a long window than it must. */
import type { SpanFilter } from "../../../traces.ts";
import type { ReadContext, TimeWindow } from "../../../window.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import { ofTenant } from "../query/conditions.ts";
import { read } from "../query/read.ts";
import { select, sql } from "../sql/ast.ts";
import { bucket, bucketMs, totalsConditions } from "./totals.ts";

const maxStretches = 2000;

/** Spans of one stretch of the window; the first and the last stretch may reach out of it. */
export interface Stretch extends TimeWindow {
  readonly spans: number;
}

/** Stretches that hold spans, newest first; at most 2,000, of equal length. Of all spans when the totals do not know the filter. */
export async function spansOverTime(
  client: ClickHouseClient,
  filter: SpanFilter,
  context: ReadContext,
): Promise<readonly Stretch[]> {
  const { window } = filter;
  const conditions = totalsConditions(filter) ?? totalsConditions({ window }) ?? [];
  const buckets = Math.max(1, Math.ceil((window.endMs - window.startMs) / bucketMs / maxStretches));
  const table = await read(
    client,
    select({
      Stretch: sql`toFloat64(intDiv(${bucket}, ${BigInt(buckets)}))`,
      Spans: sql`toFloat64(count())`,
    })
      .from("otel_traces")
      .where(ofTenant(context), ...conditions)
      .groupBy(sql`Stretch`)
      .orderBy(sql`Stretch DESC`),
    context,
    "count spans",
  );
  const lengthMs = bucketMs * buckets;
  const counts = table.numbers("Spans");
  return table.numbers("Stretch").map((at, row) => ({
    startMs: at * lengthMs,
    endMs: (at + 1) * lengthMs,
    spans: counts[row] ?? 0,
  }));
}

/** The newest of the stretches that hold `spans` together, as a window; all of them when they hold fewer. */
export function newestOf(stretches: readonly Stretch[], spans: number): Stretch {
  let taken = 0;
  const newest = stretches.find((stretch) => (taken += stretch.spans) >= spans) ?? stretches.at(-1);
  return { startMs: newest?.startMs ?? 0, endMs: stretches[0]?.endMs ?? 0, spans: taken };
}
