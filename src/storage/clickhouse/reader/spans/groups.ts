/** Rate, errors and duration of spans by one field: first which values have most spans, then their series. */
import type { SpanGroup, SpanGroups } from "../../../span-analysis.ts";
import type { SpanField, SpanFilter } from "../../../traces.ts";
import type { ReadContext } from "../../../window.ts";
import type { ClickHouseClient } from "../../client/client.ts";
import type { ColumnTable } from "../../client/column-table.ts";
import { read } from "../query/read.ts";
import { fieldValue } from "../query/span-conditions.ts";
import { chooseSource } from "../span-source/choose-source.ts";
import type { SpanSource } from "../span-source/span-source.ts";
import { select, sql } from "../sql/ast.ts";
import { seriesOf, stepsOf, type Steps } from "../query/steps.ts";

const maxGroups = 100;

export interface GroupsQuestion {
  readonly filter: SpanFilter;
  readonly by: SpanField | undefined;
  readonly steps: number;
  readonly limit: number;
}

export async function readSpanGroups(
  client: ClickHouseClient,
  question: GroupsQuestion,
  context: ReadContext,
): Promise<SpanGroups> {
  const { filter, by } = question;
  const steps = stepsOf(filter.window, question.steps);
  const value = by === undefined ? sql`''` : fieldValue(by);
  const source = await chooseSource(client, filter, { keys: { Value: value }, steps }, context);
  const limit = Math.max(1, Math.min(Math.floor(question.limit), maxGroups));
  // Digests are kept for the listed values only: a field of 10,000 values costs no more than one of ten.
  const values = by === undefined ? undefined : await mostFrequent(client, source, limit, context);
  if (values !== undefined && values.names.length === 0) {
    return {
      startMs: filter.window.startMs,
      stepMs: steps.stepMs,
      groups: [],
      omittedGroups: 0,
      omittedSpans: 0,
    };
  }
  const table = await readSeries(client, source, values?.names, context);
  const groups = table.strings("Value").map((_, row) => groupAt(table, row, steps));
  return {
    startMs: filter.window.startMs,
    stepMs: steps.stepMs,
    groups,
    omittedGroups: Math.max(0, (values?.groups ?? groups.length) - groups.length),
    omittedSpans: Math.max(
      0,
      (values?.spans ?? 0) - groups.reduce((sum, group) => sum + (values === undefined ? 0 : group.count), 0),
    ),
  };
}

async function mostFrequent(
  client: ClickHouseClient,
  source: SpanSource,
  limit: number,
  context: ReadContext,
): Promise<{ readonly names: readonly string[]; readonly groups: number; readonly spans: number }> {
  const counted = select({ ...source.keys, Spans: source.count() })
    .from(source.table)
    .where(...source.where)
    .groupBy(sql`Value`);
  const table = await read(
    client,
    select({
      Value: sql`Value`,
      Groups: sql`toFloat64(count() OVER ())`,
      AllSpans: sql`toFloat64(sum(Spans) OVER ())`,
    })
      .from(counted)
      .orderBy(sql`Spans DESC`, sql`Value`)
      .limit(limit),
    context,
    "group spans",
  );
  return {
    names: table.strings("Value"),
    groups: table.number("Groups"),
    spans: table.number("AllSpans"),
  };
}

function readSeries(
  client: ClickHouseClient,
  source: SpanSource,
  names: readonly string[] | undefined,
  context: ReadContext,
): Promise<ColumnTable> {
  const chosen = names === undefined ? [] : [sql`${source.keys["Value"] ?? sql`''`} IN ${names}`];
  const bySteps = select({
    ...source.keys,
    Step: source.step,
    StepSpans: source.count(),
    StepErrors: source.count(source.failed),
    Digest: source.durations(),
  })
    .from(source.table)
    .where(...source.where, ...chosen)
    .groupBy(sql`Value`, sql`Step`);
  return read(
    client,
    select({
      Value: sql`toString(Value)`,
      Spans: sql`toFloat64(sum(StepSpans))`,
      Errors: sql`toFloat64(sum(StepErrors))`,
      Quantiles: sql`arrayMap(one -> if(isNaN(one), 0, toFloat64(one)), ${source.quantiles(sql`Digest`)})`,
      Steps: sql`groupArray(Step)`,
      SpanSeries: sql`groupArray(toFloat64(StepSpans))`,
      ErrorSeries: sql`groupArray(toFloat64(StepErrors))`,
      P90Series: sql`groupArray(toFloat64(finalizeAggregation(Digest)[2]))`,
    })
      .from(bySteps)
      .groupBy(sql`Value`)
      .orderBy(sql`Spans DESC`, sql`Value`),
    context,
    "group spans",
  );
}

function groupAt(table: ColumnTable, row: number, steps: Steps): SpanGroup {
  const at = table.numberLists("Steps")[row] ?? [];
  const quantiles = table.numberLists("Quantiles")[row] ?? [];
  const p90Series: (number | null)[] = Array.from({ length: steps.count }, () => null);
  at.forEach((step, index) => {
    if (step < steps.count) p90Series[step] = table.numberLists("P90Series")[row]?.[index] ?? null;
  });
  return {
    value: table.strings("Value")[row] ?? "",
    count: table.numbers("Spans")[row] ?? 0,
    errorCount: table.numbers("Errors")[row] ?? 0,
    p50Nano: quantiles[0] ?? 0,
    p90Nano: quantiles[1] ?? 0,
    p99Nano: quantiles[3] ?? 0,
    countSeries: seriesOf(steps.count, at, table.numberLists("SpanSeries")[row] ?? []),
    errorSeries: seriesOf(steps.count, at, table.numberLists("ErrorSeries")[row] ?? []),
    p90Series,
  };
}
