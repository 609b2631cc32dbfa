import type { DurationHeatmap } from "../../../span-analysis.ts";
import type { SpanFilter } from "../../../traces.ts";
import type { ReadContext } from "../../../window.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import { read } from "../query/read.ts";
import { chooseSource } from "../span-source/choose-source.ts";
import { select, sql } from "../sql/ast.ts";
import { stepsOf } from "../query/steps.ts";

export async function readHeatmap(
  client: ClickHouseClient,
  filter: SpanFilter,
  stepCount: number,
  context: ReadContext,
): Promise<DurationHeatmap> {
  const steps = stepsOf(filter.window, stepCount);
  const source = await chooseSource(client, filter, { keys: {}, steps }, context);
  const cells = await read(
    client,
    select({
      Step: source.step,
      DurationRow: source.heatRow,
      Spans: sql`toFloat64(${source.count()})`,
      Errors: sql`toFloat64(${source.count(source.failed)})`,
    })
      .from(source.table)
      .where(...source.where)
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
