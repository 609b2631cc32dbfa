import type { DurationHeatmap } from "../../../span-analysis.ts";
import type { SpanFilter } from "../../../traces.ts";
import type { ReadContext } from "../../../window.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import { ofTenant } from "../conditions.ts";
import { read } from "../read.ts";
import { spanConditions } from "../span-conditions.ts";
import { select, sql } from "../sql/ast.ts";
import { stepsOf } from "../steps.ts";

export async function readHeatmap(
  client: ClickHouseClient,
  filter: SpanFilter,
  stepCount: number,
  context: ReadContext,
): Promise<DurationHeatmap> {
  const steps = stepsOf(filter.window, stepCount);
  const cells = await read(
    client,
    select({
      Step: steps.index,
      DurationRow: sql`toUInt8(floor(2 * log2(greatest(Duration, 1))))`,
      Spans: sql`toFloat64(count())`,
      Errors: sql`toFloat64(countIf(StatusCode = 'Error'))`,
    })
      .from("otel_traces")
      .where(ofTenant(context), ...spanConditions(filter))
      .groupBy(sql`Step`, sql`DurationRow`)
      .orderBy(sql`Step`, sql`DurationRow`),
    context,
    "read the durations",
  );
  return {
    startMs: filter.window.startMs,
    stepMs: steps.stepMs,
    steps: steps.count,
    step: cells.numbers("Step"),
    row: cells.numbers("DurationRow"),
    count: cells.numbers("Spans"),
    errorCount: cells.numbers("Errors"),
  };
}
